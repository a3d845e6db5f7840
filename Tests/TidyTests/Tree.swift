// The repository as the checks see it: what is committed or would be, with its text and its rights.

import Foundation
import TestSupport

/// One file of the checkout.
struct TreeFile {
  /// Its path below the root, with slashes.
  let path: String
  /// Its bytes as text; wrong UTF-8 is replaced.
  let text: String
  /// Whether it may be executed.
  var isExecutable = false

  /// The lines without their ends; an empty last one is not a line.
  var lines: [Substring] {
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Substring($0) }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// Whether a text occurs anywhere, so that a check can pass over most files at once.
  func contains(_ sought: String) -> Bool { strstr(text, sought) != nil }

  /// The first folder of the path, or the file's own name.
  var top: String { String(path.prefix { $0 != "/" }) }

  /// The part behind the last dot of the name; empty where there is none.
  var kind: String {
    let name = path.split(separator: "/").last ?? ""
    return name.contains(".") ? String(name.split(separator: ".").last ?? "") : ""
  }

  /// The target whose folder this file is in; nil outside Sources and Tests.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
  }

  /// Whether people write it by hand: code, scripts, studies; not data of tests, not prose.
  var isWritten: Bool {
    ["swift", "c", "h", "cpp", "sh", "py", "yaml", "yml", "modulemap"].contains(kind)
      || (kind.isEmpty && ["scripts", "cluster", ".ci"].contains(top))
  }
}

/// What a check found, with its place.
struct Finding: CustomStringConvertible, Equatable {
  let path: String
  var line: Int?
  let what: String

  var description: String { line.map { "\(path):\($0): \(what)" } ?? "\(path): \(what)" }
}

/// All files of the checkout that this file was compiled from.
enum Tree {
  /// The checkout's root, or nil where the sources do not lie in one.
  static let root: String? = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let files = FileManager.default
    let isCheckout =
      files.fileExists(atPath: folder.appendingPathComponent(".git").path)
      && files.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    return isCheckout ? folder.path : nil
  }()

  /// The files that git knows or would add; empty where git does not answer.
  static let files: [TreeFile] = {
    guard let root else { return [] }
    let arguments = [
      "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
    ]
    guard let listing = try? ChildProcess.run("/usr/bin/env", ["git"] + arguments), listing.status == 0 else {
      return []
    }
    let paths = Set(listing.output.split(separator: "\0").map(String.init)).sorted()
    return paths.compactMap { path in
      guard let bytes = FileManager.default.contents(atPath: root + "/" + path) else { return nil }
      let isExecutable = FileManager.default.isExecutableFile(atPath: root + "/" + path)
      return TreeFile(path: path, text: String(decoding: bytes, as: UTF8.self), isExecutable: isExecutable)
    }
  }()
}
