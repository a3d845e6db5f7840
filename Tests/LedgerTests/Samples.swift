// Rows and ledgers that the tests share.

import Canonical
import Glibc
import Ledger
import TestSupport

/// A result of a stage with contents that depend on the stage alone.
func sampleResult(_ stage: Int, artifact: Bool = false) -> ResultRow {
  let bytes = Array("{\"stage\":\(stage)}".utf8)
  return ResultRow(
    stage: stage, bytes: bytes, artifact: artifact ? Digest(of: bytes) : nil, artifact_bytes: artifact ? 77 : 0,
    host: "lab07", process: 4711, token: UInt64(stage) + 1, attempt: 1, seconds: 1.25, time_s: 1000.5)
}

/// A lease of a stage.
func sampleAttempt(_ stage: Int, state: AttemptState, ended_s: Double? = nil) -> AttemptRow {
  AttemptRow(
    token: UInt64(stage) + 1, stage: stage, number: 1, host: "lab07", process: 4711, state: state, granted_s: 999,
    ended_s: ended_s)
}

/// A stage of a plan.
func sampleStage(_ index: Int) -> StageRow {
  StageRow(
    index: index, digest: Digest(of: [UInt8(index)]), kind: "fit", description: "{\"kind\":\"fit\"}",
    heldOut: ["target/S0\(index)"])
}

/// Opens the ledger of a folder for writing. A process that another test is starting holds our locks for a moment.
func openWriter(_ folder: String) throws -> LedgerWriter {
  try LedgerWriter(path: folder + "/ledger.db", lock: DirectoryLock(path: folder, wait_s: 10))
}

/// The bytes of a file.
func fileBytes(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
  return bytes
}
