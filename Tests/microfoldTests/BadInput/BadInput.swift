// One wrong input: what is done to a good folder, the command, and how it must be answered.

import Foundation
import TestSupport
import Testing

/// A row of the table of bad input.
struct BadInput: Sendable, CustomTestStringConvertible {
  /// What is wrong.
  let name: String
  /// The words behind `microfold`, separated by spaces; `_` stands for an empty word.
  let command: String
  /// The exit status: 2 for usage and input, 75 where the same command may succeed later, 78 where refused.
  let status: Int32
  /// What the line must name: what is wrong, where, and what to do.
  let says: [String]
  /// Paths that the command may leave, with all below them; everything else must be as it was.
  let leaves: [String]
  /// Variables of the child.
  let environment: [String: String]
  /// Makes the good folder bad.
  let spoil: @Sendable (TemporaryFolder) throws -> Void

  init(
    _ name: String, _ command: String, _ says: String..., status: Int32 = 2, leaves: [String] = [],
    environment: [String: String] = [:], spoil: @escaping @Sendable (TemporaryFolder) throws -> Void = { _ in }
  ) {
    self.name = name
    self.command = command
    self.status = status
    self.says = says
    self.leaves = leaves
    self.environment = environment
    self.spoil = spoil
  }

  var testDescription: String { name }

  /// The words of the command.
  var words: [String] { command.split(separator: " ").map { $0 == "_" ? "" : String($0) } }

  /// Runs the command in a spoilt copy of the fixture and checks all that is promised of it.
  func check() throws {
    let folder = try TinyStudy.folder()
    try spoil(folder)
    try check(in: folder)
  }

  /// Runs the command in a folder and checks all that is promised of it.
  func check(in folder: TemporaryFolder) throws {
    let before = folder.listing
    let result = try Child.run(words, in: folder, environment: environment)
    // libpng cannot be kept from a line of its own where a file's checksums are right and its pixels are too few.
    let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false).filter {
      !$0.hasPrefix("libpng error: ")
    }
    #expect(result.status == status, "\(result.errors)")
    #expect(lines.count == 2 && lines[1] == "", "one line, not: \(result.errors)")
    #expect(result.output == "", "nothing on standard output")
    #expect(lines[0].hasPrefix("microfold: ") || status == 75, "\(result.errors)")
    for text in says { #expect(result.errors.contains(text), "\"\(text)\" in: \(result.errors)") }
    for trap in ["Fatal error", "Backtrace", "Illegal instruction", "Swift/", "Optional("] {
      #expect(!result.errors.contains(trap), "\(result.errors)")
    }
    let changed = Set(folder.listing).symmetricDifference(before)
      .filter { change in !leaves.contains { change.split(separator: " ")[0].hasPrefix($0) } }
    #expect(changed == [], "nothing may be left behind or changed")
    try note(result, in: folder)
  }

  /// Adds a row to the table that `MICROFOLD_BAD_INPUT_TABLE` names.
  private func note(_ result: Answer, in folder: TemporaryFolder) throws {
    guard let path = ProcessInfo.processInfo.environment["MICROFOLD_BAD_INPUT_TABLE"] else { return }
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
    let line = String(result.errors.split(separator: "\n").last ?? "").replacingOccurrences(of: folder.path, with: "…")
      .replacingOccurrences(of: "|", with: "\\|")
    let row = "| \(name) | `\(variables)microfold \(command)` | \(result.status) | \(line) |\n"
    let table = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    defer { close(table) }
    _ = Array(row.utf8).withUnsafeBytes { write(table, $0.baseAddress, $0.count) }
  }
}

/// Goal: whatever is wrong is said in one line with the right status, and nothing is left. Method: the built product
/// on a tiny study with one thing wrong; `MICROFOLD_BAD_INPUT_TABLE=FILE` writes down what each printed.
@Suite("bad input") struct BadInputTests {
  @Test("words, flags and values that mean nothing", arguments: BadInput.usage)
  func usage(_ input: BadInput) throws { try input.check() }

  @Test("images that are none", arguments: BadInput.images)
  func images(_ input: BadInput) throws { try input.check() }

  @Test("folders that are not as their layout says", arguments: BadInput.layouts)
  func layouts(_ input: BadInput) throws { try input.check() }

  @Test("prepared sets that are damaged or absent", arguments: BadInput.sets)
  func sets(_ input: BadInput) throws { try input.check() }

  @Test("studies with something wrong in them", arguments: BadInput.studies)
  func studies(_ input: BadInput) throws { try input.check() }

  @Test("checkpoints and clips that do not predict", arguments: BadInput.predictions)
  func predictions(_ input: BadInput) throws { try input.check() }

  @Test("files of predictions that cannot be scored or compared", arguments: BadInput.scores)
  func scores(_ input: BadInput) throws { try input.check() }

  @Test("addresses that are refused", arguments: BadInput.addresses)
  func addresses(_ input: BadInput) throws { try input.check() }
}
