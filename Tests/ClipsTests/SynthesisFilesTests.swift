// What `synthesize` leaves on disk: the layout, the same bytes for the same options, and nothing after an error.

import Canonical
import Clips
import Foundation
import Testing
import TestSupport

@Suite("synthesis: files")
struct SynthesisFilesTests {
  private static let small = SynthesisOptions(subjects: 2, seed: 3, side: 64, stillsPerLabel: 1, clipsPerSubject: 6)

  private func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
      if let data = FileManager.default.contents(atPath: folder + "/" + name) { files[name] = data }
    }
    return files
  }

  @Test("equal options give equal files, with one thread and with two; another seed gives others")
  func determinism() throws {
    let folder = try TemporaryFolder()
    var options = Self.small
    options.threads = 1
    try synthesize(options, into: folder.file("one"))
    options.threads = 2
    try synthesize(options, into: folder.file("two"))
    options.seed = 4
    try synthesize(options, into: folder.file("other"))
    let one = try files(folder.file("one"))
    #expect(one.count > 2 * 6 * 20)
    #expect(try files(folder.file("two")) == one)
    let other = try files(folder.file("other"))
    #expect(other["macro/S01/anger/still-01.png"] != one["macro/S01/anger/still-01.png"])
    options.prefix = "T"
    try synthesize(options, into: folder.file("named"))
    let named = try files(folder.file("named"))
    #expect(named["macro/T01/anger/still-01.png"] == other["macro/S01/anger/still-01.png"])
    #expect(named.keys.allSatisfy { !$0.contains("/S0") })
  }

  /// Goal: the same bits on every processor. A change of the drawing changes this digest on purpose; a machine may not.
  @Test("the pixels of a small study are those that were drawn elsewhere")
  func bits() throws {
    var writer = ByteWriter()
    for sample in try synthesisSamples(Self.small) { writer.raw(sample.onset + sample.apex) }
    #expect(
      Digest(of: writer.bytes).description
        == "a2766b3753c8d51dc38089fc89295a40cc51704a823f21e73c89ed748bf8bb37")
  }

  @Test("prepare reads both sets: all participants in both, every expression, apex as written")
  func prepared() throws {
    let folder = try TemporaryFolder()
    let report = try synthesize(Self.small, into: folder.path)
    let macro = try prepare(layout: .folders, root: folder.file("macro"), out: folder.file("macro.set"))
    let micro = try prepare(
      layout: .folders, root: folder.file("micro"), out: folder.file("micro.set"),
      options: PrepareOptions(side: 32, frames: 3))
    #expect(macro.clips == report.stills && report.stills == 12)
    #expect(micro.clips == report.clips && report.clips >= 12)
    #expect(macro.subjects == ["S01", "S02"] && micro.subjects == macro.subjects)
    #expect(micro.perClass.map(\.label) == Expression.allCases.map(\.rawValue))
    #expect(micro.repaired.isEmpty && micro.skipped.isEmpty)
  }

  @Test("the micro set is unbalanced like MMEW's, every expression by at least half of the participants")
  func balance() {
    let samples = SynthesisDrawn.clips.map(\.sample)
    let counts = Expression.allCases.map { expression in samples.count { $0.expression == expression } }
    #expect(counts == [5, 25, 5, 12, 5, 30])
    for expression in Expression.allCases {
      #expect(Set(samples.filter { $0.expression == expression }.map(\.subject)).count >= 5)
    }
    #expect(Set(samples.map { $0.subject + $0.clip }).count == samples.count, "names are unique within a participant")
  }

  @Test("a wrong option, an occupied folder and an unwritable place are refused, and nothing is left behind")
  func refusals() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SynthesisError.option(name: "subjects", value: 1, allowed: 2...99)) {
      try synthesize(SynthesisOptions(subjects: 1), into: folder.file("a"))
    }
    for prefix in ["", "../", "A1", "abcdefghi"] {
      var options = Self.small
      options.prefix = prefix
      #expect(throws: SynthesisError.prefix(prefix)) { try synthesize(options, into: folder.file("a")) }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("a")))
    try folder.write(Array("mine".utf8), to: "b/micro/note.txt")
    #expect(throws: SynthesisError.occupied(path: folder.file("b/micro"))) {
      try synthesize(Self.small, into: folder.file("b"))
    }
    #expect(try files(folder.file("b")).keys.sorted() == ["micro/note.txt"])
    let file = try folder.write([1], to: "c")
    #expect(throws: SynthesisError.self) { try synthesize(Self.small, into: file) }
    #expect(throws: SynthesisError.self) { try synthesize(Self.small, into: "/proc/microfold") }
  }
}
