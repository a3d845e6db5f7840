// What people read first: help texts, the verbs and the study that the documents show.

import Foundation
import TestSupport
import Testing

/// Goal: what the documents name exists. Method: the documents of the checkout against the built product.
@Suite("help and documents") struct HelpTests {
  private static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func document(_ name: String) -> String {
    (try? String(contentsOf: checkout.appendingPathComponent(name), encoding: .utf8)) ?? ""
  }

  private static func verbs(in folder: TemporaryFolder) throws -> [String] {
    let result = try Child.run(["--help"], in: folder)
    #expect(result.status == 0 && result.errors == "")
    return result.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test("every verb has a help text that names its words and flags")
  func help() throws {
    let folder = try TemporaryFolder()
    let verbs = try Self.verbs(in: folder)
    #expect(Set(verbs).isSuperset(of: ["prepare", "plan", "run", "coordinate", "work", "verify"]))
    for verb in verbs {
      let result = try Child.run([verb, "--help"], in: folder)
      #expect(result.status == 0 && result.errors == "", "\(verb): \(result.errors)")
      #expect(result.output.hasPrefix("microfold \(verb) "), "\(result.output)")
      #expect(result.output.split(separator: "\n").count >= 2, "\(verb): \(result.output)")
      for line in result.output.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
      let unknown = try Child.run([verb, "--nosuch"], in: folder).errors
      let known = unknown.split(separator: " ").filter { $0.hasPrefix("--") && $0 != "--nosuch;" && $0 != "--help\n" }
      for flag in known {
        #expect(result.output.contains(flag), "\(verb) --help does not name \(flag)")
      }
    }
  }

  @Test("nothing at all is answered with the help, as a mistake")
  func nothing() throws {
    let result = try Child.run([], in: TemporaryFolder())
    #expect(result.status == 2)
    #expect(result.output == "" && result.errors.contains("microfold VERB"))
  }

  @Test("every verb that the documents name exists", arguments: ["README.md", "ARCHITECTURE.md"])
  func documentedVerbs(name: String) throws {
    let text = Self.document(name)
    #expect(!text.isEmpty)
    let known = Set(try Self.verbs(in: TemporaryFolder()))
    let pattern = try Regex("(?:^|[`= \\n])microfold +([a-z-]+(?: \\| [a-z-]+)*)")
    for match in text.matches(of: pattern) where text[match.range].contains("microfold") {
      guard let words = match.output[1].substring, isCommand(match.range, in: text) else { continue }
      for verb in words.split(separator: " | ") { #expect(known.contains(String(verb)), "\(name): microfold \(verb)") }
    }
  }

  /// Whether a place is code: in back quotes, or in an indented line.
  private func isCommand(_ range: Range<String.Index>, in text: String) -> Bool {
    let line = text[..<range.upperBound].split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    return line.hasPrefix("    ") || text[..<range.upperBound].hasSuffix("`") || text[range].hasPrefix("`")
  }

  @Test("the study that the documents show is one")
  func documentedStudy() throws {
    let parts = Self.document("ARCHITECTURE.md").components(separatedBy: "```yaml\n")
    try #require(parts.count == 2, "one study is shown")
    let folder = try TemporaryFolder()
    try folder.write(parts[1].components(separatedBy: "```")[0].utf8, to: "study.yaml")
    let result = try Child.run(["plan", "study.yaml"], in: folder)
    #expect(result.status == 2)
    #expect(result.errors == "microfold: study.yaml: data: no file for the set \"micro\"; add --data micro=FILE\n")
  }

  @Test("the study of real flow can be planned over any set of flow images")
  func realFlowStudy() throws {
    let folder = try TinyStudy.folder()
    let study = Self.checkout.appendingPathComponent("configs/casme2-flow.yaml").path
    let result = try Child.run(["plan", study, "--data", "target=ok.set", "--json"], in: folder)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    #expect(result.output.contains("\"stages\":{\"naive\":6,\"plan\":6}"), "\(result.output)")
  }
}
