// Checks of the tree as a whole: what may lie at its top, who may import whom, which studies anyone runs.

import Foundation

enum TreeChecks {
  private static let allowed: Set = [
    "Package.swift", "Package.resolved", "Sources", "Tests", "cluster", "configs", "scripts", "README.md",
    "ARCHITECTURE.md", "LICENSE",
  ]

  /// Only the folders and files that ARCHITECTURE.md names lie at the top, and those that start with a dot.
  static func topLevel(_ files: [TreeFile]) -> [Finding] {
    Set(files.map(\.top)).sorted().filter { !allowed.contains($0) && !$0.hasPrefix(".") }
      .map { Finding(path: $0, what: "is not one of the folders and files that belong at the top") }
  }

  private static let dataPlane: Set = ["Kernels", "SpectralGraph", "ChebNet", "Clips", "Training"]
  private static let controlPlane: Set = ["Study", "Messages", "Coordination", "Ledger", "Simulation"]

  /// A target imports what the manifest lists for it; the planes meet in Cluster, Reports and the commands only.
  static func floors(_ files: [TreeFile], manifest: Manifest) -> [Finding] {
    files.filter { $0.kind == "swift" }.flatMap { file -> [Finding] in
      guard let target = file.target, let listed = manifest.dependencies[target] else { return [] }
      return file.lines.enumerated().compactMap { place, line in
        guard let module = imported(line), module != target, manifest.dependencies[module] != nil else { return nil }
        let finding = { Finding(path: file.path, line: place + 1, what: $0) }
        if file.top == "Sources", crosses(target, module) {
          return finding("\(target) imports \(module) across the planes")
        }
        return listed.contains(module) ? nil : finding("\(target) imports \(module), which the manifest does not list")
      }
    }
  }

  private static func crosses(_ target: String, _ module: String) -> Bool {
    if target == "Canonical" { return dataPlane.contains(module) || controlPlane.contains(module) }
    return (dataPlane.contains(target) && controlPlane.contains(module))
      || (controlPlane.contains(target) && dataPlane.contains(module))
  }

  /// The module that a line imports; nil where it imports none.
  private static func imported(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
    let before = words[..<place].allSatisfy { $0.hasPrefix("@") || ["public", "package", "internal"].contains($0) }
    guard before else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "func", "var", "let", "protocol", "typealias"]
    let name = kinds.contains(words[place + 1]) && place + 2 < words.count ? words[place + 2] : words[place + 1]
    return name.split(separator: ".").first.map(String.init)
  }

  /// Every folder of Sources and Tests is a target of the manifest, and the other way round.
  static func targets(_ files: [TreeFile], manifest: Manifest) -> [Finding] {
    let folders = Set(files.compactMap(\.target))
    let listed = Set(manifest.dependencies.keys)
    return folders.subtracting(listed).sorted().map {
      Finding(path: $0, what: "is a folder but no target of the manifest")
    }
      + listed.subtracting(folders).sorted().map {
        Finding(path: $0, what: "is a target of the manifest without a folder")
      }
  }

  /// Every study in configs is named by a test or a script, so that it cannot rot unseen.
  static func configs(_ files: [TreeFile]) -> [Finding] {
    let readers = files.filter { ["Tests", "scripts", ".ci", "cluster"].contains($0.top) && $0.isWritten }
    return files.filter { $0.top == "configs" && ["yaml", "yml"].contains($0.kind) }.compactMap { study in
      let name = String(study.path.split(separator: "/").last ?? "")
      let isNamed = readers.contains { $0.text.contains(name) }
      return isNamed ? nil : Finding(path: study.path, what: "no test and no script names this study")
    }
  }
}

/// The manifest's targets and what each may import.
struct Manifest {
  /// Names of targets with the names they list.
  let dependencies: [String: Set<String>]

  /// Reads the manifest's text: a name, then the list behind `dependencies:` before the next name.
  init(_ text: String) {
    var dependencies: [String: Set<String>] = [:]
    let declared = ["arget(", ".systemLibrary("].flatMap { text.components(separatedBy: $0).dropFirst() }
    for piece in declared {
      guard let name = Self.quoted(piece, behind: "name: ").first else { continue }
      let own = piece.components(separatedBy: "arget(")[0]
      let list = own.components(separatedBy: "dependencies: [")
      let names = list.count > 1 ? Self.quoted(list[1].components(separatedBy: "]")[0], behind: "") : []
      dependencies[name] = Set(names)
    }
    self.dependencies = dependencies
  }

  private static func quoted(_ text: String, behind start: String) -> [String] {
    let rest = start.isEmpty ? text : text.components(separatedBy: start).dropFirst().joined(separator: start)
    let parts = rest.components(separatedBy: "\"")
    return parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }
}
