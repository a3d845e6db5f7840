// Rows as cells and back. The order of `columns` is the order of the tables in Schema.swift.

import Canonical

/// One setting of a run.
struct MetaRow: LedgerRow {
  static let table = "meta"
  static let columns = ["key", "value"]
  static let replacing = statement("INSERT OR REPLACE")
  let key: String
  let value: String

  var cells: [Cell] { [.text(key), .text(value)] }

  init(key: String, value: String) {
    self.key = key
    self.value = value
  }

  init?(cells: [Cell]) {
    guard cells.count == 2, let key = cells[0].string, let value = cells[1].string else { return nil }
    self.init(key: key, value: value)
  }
}

extension StageRow: LedgerRow {
  static let table = "stage"
  static let columns = ["idx", "digest", "kind", "description", "held_out"]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] {
    let subjects = JSON.array(heldOut.map { .string($0) })
    return [.whole(index), .blob(digest.bytes), .text(kind), .text(description), .text(subjects.text)]
  }

  init?(cells: [Cell]) {
    guard cells.count == 5, let index = cells[0].integer, let digest = cells[1].digest, let kind = cells[2].string,
      let description = cells[3].string, let held = cells[4].string,
      let subjects = try? JSON(parsing: Array(held.utf8)).array?.compactMap(\.string)
    else { return nil }
    self.init(index: index, digest: digest, kind: kind, description: description, heldOut: subjects)
  }
}

extension ResultRow: LedgerRow {
  static let table = "result"
  /// The first result of a stage stays.
  static let keeping = statement("INSERT OR IGNORE")
  static let columns = [
    "stage", "bytes", "digest", "artifact", "artifact_bytes", "host", "process", "token", "attempt", "seconds", "time",
  ]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] {
    [
      .whole(stage), .blob(bytes), .blob(digest.bytes), .optional(artifact), .whole(artifact_bytes), .text(host),
      .whole(process), .integer(Int64(bitPattern: token)), .whole(attempt), .real(seconds), .real(time_s),
    ]
  }

  init?(cells: [Cell]) {
    guard cells.count == 11, let stage = cells[0].integer, let bytes = cells[1].bytes, let digest = cells[2].digest,
      let artifact_bytes = cells[4].integer, let host = cells[5].string, let process = cells[6].integer,
      let token = cells[7].integer, let attempt = cells[8].integer, let seconds = cells[9].real,
      let time_s = cells[10].real, digest == Digest(of: bytes)
    else { return nil }
    self.init(
      stage: stage, bytes: bytes, artifact: cells[3].digest, artifact_bytes: artifact_bytes, host: host,
      process: process, token: UInt64(bitPattern: Int64(token)), attempt: attempt, seconds: seconds, time_s: time_s)
  }
}

extension AttemptRow: LedgerRow {
  static let table = "attempt"
  static let columns = [
    "token", "stage", "number", "host", "process", "state", "class", "text", "granted_at", "ended_at",
  ]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] {
    [
      .integer(Int64(bitPattern: token)), .whole(stage), .whole(number), .text(host), .whole(process),
      .text(state.rawValue), .text(failure), .text(text), .real(granted_s), .optional(ended_s),
    ]
  }

  init?(cells: [Cell]) {
    guard cells.count == 10, let token = cells[0].integer, let stage = cells[1].integer,
      let number = cells[2].integer, let host = cells[3].string, let process = cells[4].integer,
      let state = cells[5].string.flatMap(AttemptState.init(rawValue:)), let failure = cells[6].string,
      let text = cells[7].string, let granted = cells[8].real
    else { return nil }
    self.init(
      token: UInt64(bitPattern: Int64(token)), stage: stage, number: number, host: host, process: process,
      state: state, failure: failure, text: text, granted_s: granted, ended_s: cells[9].real)
  }
}

extension FailureRow: LedgerRow {
  static let table = "failure"
  static let columns = ["stage", "class", "text", "attempts", "time"]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] { [.whole(stage), .text(failure), .text(text), .whole(attempts), .real(time_s)] }

  init?(cells: [Cell]) {
    guard cells.count == 5, let stage = cells[0].integer, let failure = cells[1].string, let text = cells[2].string,
      let attempts = cells[3].integer, let time_s = cells[4].real
    else { return nil }
    self.init(stage: stage, failure: failure, text: text, attempts: attempts, time_s: time_s)
  }
}

extension TwinRow: LedgerRow {
  static let table = "twin"
  static let columns = ["token", "stage", "bytes", "artifact", "host", "process", "time"]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] {
    [
      .integer(Int64(bitPattern: token)), .whole(stage), .blob(bytes), .optional(artifact), .text(host),
      .whole(process), .real(time_s),
    ]
  }

  init?(cells: [Cell]) {
    guard cells.count == 7, let token = cells[0].integer, let stage = cells[1].integer, let bytes = cells[2].bytes,
      let host = cells[4].string, let process = cells[5].integer, let time_s = cells[6].real
    else { return nil }
    self.init(
      token: UInt64(bitPattern: Int64(token)), stage: stage, bytes: bytes, artifact: cells[3].digest, host: host,
      process: process, time_s: time_s)
  }
}

extension EventRow: LedgerRow {
  static let table = "event"
  static let columns = ["seq", "time", "kind", "text"]
  static let replacing = statement("INSERT OR REPLACE")

  var cells: [Cell] { [.whole(sequence), .real(time_s), .text(kind), .text(text)] }

  init?(cells: [Cell]) {
    guard cells.count == 4, let sequence = cells[0].integer, let time_s = cells[1].real, let kind = cells[2].string,
      let text = cells[3].string
    else { return nil }
    self.init(time_s: time_s, kind: kind, text: text)
    self.sequence = sequence
  }
}
