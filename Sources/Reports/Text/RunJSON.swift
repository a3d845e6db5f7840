// run.json: how the run went. Differs from run to run; kept apart so that report.json can be compared byte by byte.

import Canonical

extension ReportInput {
  /// The whole of run.json.
  var runJSON: JSON {
    [
      "study": ["name": .string(studyName), "digest": .string(studyDigest.hex)],
      "version": .string(run.version),
      "numeric_class": .string(run.numericClass),
      "processor": .string(run.processor),
      "started_unix_s": .integer(run.startedUnixSeconds),
      "finished_unix_s": .integer(run.finishedUnixSeconds),
      "attempts": .integer(run.attempts),
      "failed_attempts": .integer(run.failedAttempts),
      "twins": .integer(run.twins),
      "alarms": .array(run.alarms.map(JSON.string)),
      "hosts": .array(run.hosts.map(\.json)),
      "kinds": .array(run.kinds.map(\.json)),
      "notes": .array(notes.map(JSON.string)),
    ]
  }
}

extension HostFacts {
  fileprivate var json: JSON {
    [
      "name": .string(name), "processor": .string(processor), "stages": .integer(stages),
      "compute_s": .number(computeSeconds),
    ]
  }
}

extension StageTimeFacts {
  fileprivate var json: JSON {
    ["kind": .string(kind), "stages": .integer(stages), "compute_s": .number(computeSeconds)]
  }
}
