// The smallest study that has everything: two sets of flow images of three people and two labels, a network of a few
// hundred parameters, and stages that depend on one another.

import Canonical
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Folders that several tests share: nobody releases them, so they are removed when the process ends.
enum SharedFolders {
  private static let paths = Mutex<[String]>([])
  private static let isRegistered: Bool = {
    atexit { for path in SharedFolders.paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) } }
      == 0
  }()

  /// Makes one.
  static func make() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    paths.withLock { $0.append(folder.path) }
    guard isRegistered else { throw TooLate(description: "nobody would remove \(folder.path)") }
    return folder
  }
}

/// Files of a tiny study in a folder of their own.
enum TinyStudy {
  /// Trained from scratch: 3 folds × 2 seeds, no stage needs another.
  static let scratch = """
    version: 1
    name: tiny
    preset: compact
    data: { target: target }
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    fit: { epochs: 2 }
    seeds: [1, 2]

    """

  /// With a source set of the same people: a pretraining and an extraction for each fold and seed.
  static func frozen(epochs: Int, seeds: [Int] = [1, 2]) -> String {
    """
    version: 1
    name: tiny transfer
    preset: compact
    data: { target: target, source: source }
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    rows: { mirror: false }
    transfer: frozen
    pretrain: { epochs: \(epochs) }
    fit: { epochs: 2 }
    seeds: \(seeds)

    """
  }

  /// Words of `--data` for `frozen`.
  static let data = ["--data", "target=ok.set", "--data", "source=source.set"]

  /// The fixture that every folder is copied from: made once, by the product itself.
  private static let original: Result<TemporaryFolder, any Error> = Result {
    let folder = try SharedFolders.make()
    try folder.writeFlowImages("set", side: 12, tone: 0)
    try folder.writeFlowImages("other", side: 12, tone: 7)
    try folder.write(scratch.utf8, to: "study.yaml")
    for (root, file) in [("set", "ok.set"), ("other", "source.set")] {
      let made = try Child.run(
        ["prepare", "--layout", "flow-images", "--root", root, "--out", file], in: folder)
      guard made.status == 0 else { throw TooLate(description: "no fixture: \(made.errors)") }
    }
    return folder
  }

  /// A checkpoint of `scratch` with seed 1, made once.
  private static let trained: Result<[UInt8], any Error> = Result {
    let folder = try TinyStudy.folder()
    let made = try Child.run(
      ["fit-all", "study.yaml", "--data", "target=ok.set", "--seed", "1", "--out", "a.checkpoint"], in: folder)
    guard made.status == 0 else { throw TooLate(description: "no checkpoint: \(made.errors)") }
    return folder.bytes("a.checkpoint")
  }

  /// The bytes of a checkpoint of `scratch` with seed 1.
  static func checkpoint() throws -> [UInt8] { try trained.get() }

  /// A fresh copy, in a folder of its own or in one that is given: `set/`, `other/` (images), `ok.set`, `source.set`
  /// (prepared), `study.yaml` (`scratch`).
  static func folder(_ folder: TemporaryFolder? = nil) throws -> TemporaryFolder {
    let folder = try folder ?? TemporaryFolder()
    let source = try original.get().path
    for name in ["set", "other", "ok.set", "source.set", "study.yaml"] {
      try FileManager.default.copyItem(atPath: source + "/" + name, toPath: folder.file(name))
    }
    return folder
  }
}

extension TemporaryFolder {
  /// A set of layout `flow-images`: 3 subjects × 2 labels × 2 clips of `side` × `side` pixels.
  func writeFlowImages(_ root: String, side: Int, tone: Int) throws {
    var table = "subject,clip,label,onset_apex,apex_offset\n"
    for subject in 1...3 {
      for (kind, label) in ["happiness", "surprise"].enumerated() {
        for clip in 0..<2 {
          let name = "s\(subject)-\(label)-\(clip)"
          for (turn, part) in ["a", "b"].enumerated() {
            let shift = 50 * subject + 3 * clip + 9 * turn + tone
            let picture = TinyPNG.bytes(side, side) { x, y in
              (
                UInt8((13 * (kind + 1) * x + shift) & 255), UInt8((11 * y + 60 * kind + shift * x) & 255),
                UInt8((3 * x * y + 40 * kind + shift) & 255)
              )
            }
            try write(picture, to: "\(root)/images/\(name)\(part).png")
          }
          table += "S\(subject),\(label)\(clip),\(label),images/\(name)a.png,images/\(name)b.png\n"
        }
      }
    }
    try write(table.utf8, to: "\(root)/annotation.csv")
  }

  /// The bytes of a file inside; empty where there is none.
  func bytes(_ name: String) -> [UInt8] { Array(FileManager.default.contents(atPath: file(name)) ?? Data()) }

  /// The text of a file inside.
  func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }

  /// Replaces text in a file; the text must stand there.
  func replace(_ old: String, by new: String, in name: String) throws {
    let before = text(name)
    try #require(before.contains(old), "\(name) has no \(old)")
    try write(before.replacingOccurrences(of: old, with: new).utf8, to: name)
  }

  /// Flips one bit of a file: at a place, or counted from the end where it is negative.
  func flip(_ name: String, at place: Int) throws {
    var content = bytes(name)
    try #require(!content.isEmpty, "\(name) is empty or missing")
    content[place < 0 ? content.count + place : place] ^= 4
    try write(content, to: name)
  }

  /// Every path below with its size, without what a child writes as it runs and what SQLite keeps beside a ledger.
  var listing: [String] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { name in ![".out", ".err", ".db-shm", ".db-wal"].contains { name.hasSuffix($0) } }.map {
      name in
      var status = stat()
      let isFile = lstat(file(name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      return isFile ? "\(name) \(status.st_size)" : name
    }.sorted()
  }
}

/// A run directory as a test looks at it.
struct Run {
  let folder: TemporaryFolder
  let name: String

  /// The ledger as it is now; nil where there is none yet.
  var contents: LedgerContents? {
    guard let reader = try? LedgerReader(path: folder.file("\(name)/ledger.db")) else { return nil }
    return try? reader.contents()
  }

  /// Stages with a result.
  var committed: Int { contents?.results.count ?? 0 }

  /// The bytes of report.json.
  var report: [UInt8] { folder.bytes("\(name)/report/report.json") }

  /// Goal: nothing lost, nothing doubled. Every stage of the plan has one result, answered by a lease that was given
  /// before it was committed; no lease was given after its stage was committed; no twin differs; no row is damaged.
  func expectNothingLostOrDoubled(_ location: SourceLocation = #_sourceLocation) throws {
    let contents = try #require(contents, "no ledger", sourceLocation: location)
    #expect(contents.results.map(\.stage) == contents.stages.map(\.index), sourceLocation: location)
    #expect(contents.twins == [], sourceLocation: location)
    #expect(contents.damaged == [], sourceLocation: location)
    for result in contents.results {
      let attempts = contents.attempts.filter { $0.stage == result.stage }
      let committed = attempts.filter { $0.state == .committed }
      #expect(committed.map(\.token) == [result.token], "stage \(result.stage)", sourceLocation: location)
      let late = attempts.filter { $0.granted_s > result.time_s }
      #expect(late == [], "stage \(result.stage) was given again after its commit", sourceLocation: location)
    }
  }
}
