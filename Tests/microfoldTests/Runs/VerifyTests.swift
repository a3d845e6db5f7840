// `verify`, `stage` and run directories that were changed or belong to something else.

import Canonical
import Foundation
import Ledger
import TestSupport
import Testing

/// Goal: whoever changes a byte of a finished run is found out; whoever brings other files is told so.
@Suite("finished runs", .serialized) struct VerifyTests {
  private static let words = ["run", "tiny.yaml"] + TinyStudy.data + ["--run-dir", "r"]

  /// One finished run, copied for each test.
  private static let finished: Result<TemporaryFolder, any Error> = Result {
    let folder = try TinyStudy.folder(SharedFolders.make())
    try folder.write(TinyStudy.frozen(epochs: 2).utf8, to: "tiny.yaml")
    let result = try Child.run(words, in: folder)
    guard result.status == 0 else { throw TooLate(description: "no finished run: \(result.errors)") }
    return folder
  }

  private func folder() throws -> TemporaryFolder {
    let original = try Self.finished.get().path
    let folder = try TinyStudy.folder()
    for name in ["tiny.yaml", "r"] {
      try FileManager.default.copyItem(atPath: original + "/" + name, toPath: folder.file(name))
    }
    return folder
  }

  /// Expects that `verify` finds a difference, changes nothing, and names it.
  private func expectDiffers(_ folder: TemporaryFolder, _ words: String...) throws {
    let before = folder.listing
    let result = try Child.run(["verify", "r", "--sample", "1000"], in: folder)
    #expect(result.status == 3, "\(result.output)\(result.errors)")
    #expect(result.output.contains("DIFFERS") && !result.output.contains("verified"), "\(result.output)")
    for word in words { #expect(result.output.contains(word), "\(result.output)") }
    #expect(folder.listing == before, "verify looks and touches nothing")
  }

  private func artifact(of kind: String, in folder: TemporaryFolder) throws -> String {
    let contents = try #require(Run(folder: folder, name: "r").contents)
    let stage = try #require(contents.stages.first { $0.kind == kind })
    let digest = try #require(contents.results.first { $0.stage == stage.index }?.artifact)
    return "r/artifacts/\(digest.hex.prefix(2))/\(digest.hex).safetensors"
  }

  @Test("an untouched run is verified, every stage computed again")
  func verified() throws {
    let folder = try folder()
    let before = folder.listing
    let result = try Child.run(["verify", "r", "--sample", "1000"], in: folder)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasPrefix("verified: the report, 18 artifacts, 21 stages"), "\(result.output)")
    #expect(folder.listing == before)
    let json = try Child.run(["verify", "r", "--json"], in: folder)
    #expect(json.output == "{\"artifacts\":18,\"differences\":[],\"finished\":true,\"stages_recomputed\":4}\n")
  }

  @Test("a bit off in an artifact is found", arguments: ["pretrain", "extract", "fit"])
  func artifactFlipped(kind: String) throws {
    let folder = try folder()
    let name = try artifact(of: kind, in: folder)
    try folder.flip(name, at: -3)
    try expectDiffers(folder, name)
  }

  @Test("an artifact that is gone is found", arguments: ["pretrain", "fit"])
  func artifactGone(kind: String) throws {
    let folder = try folder()
    let name = try artifact(of: kind, in: folder)
    try FileManager.default.removeItem(atPath: folder.file(name))
    try expectDiffers(folder, name)
  }

  @Test("a report that was edited, or is gone, is found and can be written anew")
  func reportEdited() throws {
    let folder = try folder()
    let name = "r/report/report.json"
    let report = folder.bytes(name)
    try folder.flip(name, at: report.count / 2)
    try expectDiffers(folder, name)
    try FileManager.default.removeItem(atPath: folder.file(name))
    try expectDiffers(folder, name)
    let written = try Child.run(["report", "r", "--json"], in: folder)
    #expect(written.status == 0, "\(written.errors)")
    #expect(Array(written.output.utf8) == report)
    #expect(folder.bytes(name) == report)
  }

  @Test("a row of the ledger with a bit off counts as not written, is named, and is computed again")
  func ledgerFlipped() throws {
    let folder = try folder()
    let report = folder.bytes("r/report/report.json")
    let contents = try #require(Run(folder: folder, name: "r").contents)
    let row = try #require(contents.results.last)
    let bytes = folder.bytes("r/ledger.db")
    let place = try #require(find(Array(row.bytes.suffix(40)), in: bytes))
    try folder.flip("r/ledger.db", at: place + 5)
    try expectDiffers(folder, "result \(row.stage)")
    let again = try Child.run(Self.words, in: folder)
    #expect(again.status == 0, "\(again.errors)")
    #expect(folder.bytes("r/report/report.json") == report)
    #expect(try Child.run(["verify", "r"], in: folder).status == 0)
  }

  @Test("a ledger whose settings are damaged is not taken for a new one")
  func settingsFlipped() throws {
    let folder = try folder()
    let study = try #require(Run(folder: folder, name: "r").contents?.meta["study"])
    let place = try #require(find(Array("study\(study)".utf8), in: folder.bytes("r/ledger.db")))
    try folder.flip("r/ledger.db", at: place + 20)
    let words = "run tiny.yaml \(TinyStudy.data.joined(separator: " ")) --run-dir r"
    try BadInput("a ledger with damaged settings", words, "r/ledger.db", "which study", leaves: ["r"]).check(in: folder)
  }

  private func find(_ part: [UInt8], in whole: [UInt8]) -> Int? {
    (0...whole.count - part.count).first { whole[$0] == part[0] && Array(whole[$0..<$0 + part.count]) == part }
  }

  @Test("one stage computed here gives the bytes of the ledger and changes nothing")
  func stage() throws {
    let folder = try folder()
    let before = folder.listing
    let contents = try #require(Run(folder: folder, name: "r").contents)
    for kind in ["pretrain", "extract", "fit", "baseline"] {
      let row = try #require(contents.stages.first { $0.kind == kind })
      let result = try Child.run(["stage", "r", String(row.digest.hex.prefix(12)), "--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let expected = contents.results.first { $0.stage == row.index }?.bytes ?? []
      #expect(Array(result.output.utf8.dropLast()) == expected, "\(kind)")
    }
    #expect(folder.listing == before)
  }

  @Test("sets that moved are asked for, and found again where the same run was given them")
  func moved() throws {
    let folder = try folder()
    try FileManager.default.moveItem(atPath: folder.file("ok.set"), toPath: folder.file("a=b c.set"))
    let data = ["--data", "target=a=b c.set", "--data", "source=source.set"]
    let resumed = try Child.run(["run", "tiny.yaml"] + data + ["--run-dir", "r"], in: folder)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let verified = try Child.run(["verify", "r"], in: folder)
    #expect(verified.status == 0, "found where the same command said: \(verified.output)\(verified.errors)")
    try FileManager.default.removeItem(atPath: folder.file("a=b c.set"))
    try BadInput("a report whose set is gone", "report r", "the set \"target\"", "--data target=FILE").check(in: folder)
  }

  @Test("run directories of something else are refused and stay as they are")
  func otherRuns() throws {
    let folder = try folder()
    try folder.write("x".utf8, to: "full/notes.txt")
    try folder.write(TinyStudy.frozen(epochs: 3).utf8, to: "more.yaml")
    try folder.write("garbage".utf8, to: "broken/ledger.db")
    try folder.write([], to: "hollow/ledger.db")
    let data = TinyStudy.data.joined(separator: " ")
    let swapped = "--data target=source.set --data source=ok.set"
    let cases = [
      BadInput(
        "a run directory made with other data", "run tiny.yaml \(swapped) --run-dir r", "r: made with data", "choose"),
      BadInput("a run directory of another study", "run more.yaml \(data) --run-dir r", "r: made for study", "choose"),
      BadInput(
        "a run directory of other seeds", "run tiny.yaml \(data) --run-dir r --seeds 7", "r: made for", "choose"),
      BadInput("a folder that is no run directory", "run tiny.yaml \(data) --run-dir full", "holds 'notes.txt'"),
      BadInput(
        "a file for a run directory", "run tiny.yaml \(data) --run-dir tiny.yaml", "tiny.yaml: cannot make the folder"),
      BadInput("a run directory below a file", "run tiny.yaml \(data) --run-dir tiny.yaml/r", "cannot make the folder"),
      BadInput("a run directory where none can be", "run tiny.yaml \(data) --run-dir /proc/r", "/proc/r: cannot make"),
      BadInput(
        "a ledger that is none", "run tiny.yaml \(data) --run-dir broken", "broken/ledger.db: not a readable ledger"),
      BadInput("a ledger that is none, reported", "report broken", "not a readable ledger", "new run directory"),
      BadInput("an empty ledger", "status hollow", "hollow/ledger.db: there is no ledger"),
      BadInput("a report with other data", "report r \(swapped)", "not what this run was made with", "--data"),
    ]
    for input in cases { try input.check(in: folder) }
    let made = try Child.run(
      "run tiny.yaml \(data) --run-dir hollow".split(separator: " ").map(String.init), in: folder)
    #expect(made.status == 0, "who was stopped before the tables were made is no obstacle: \(made.errors)")
    try folder.replace("epochs: 2", by: "epochs: 3", in: "r/study.yaml")
    try BadInput("a run directory whose study was edited", "verify r", "not what this run was made with").check(
      in: folder)
  }
}
