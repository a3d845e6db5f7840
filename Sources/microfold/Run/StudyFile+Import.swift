// The stages of a pretrained file get their results when a run begins: there is nothing to compute.

import Canonical
import Cluster
import Foundation
import Ledger
import Study
import Training

extension StudyFile {
  /// Makes the artifacts of a pretrained file and writes them into a run directory, where they are not there yet.
  func importPretrained(into directory: RunDirectory) throws {
    guard let pretrained else { return }
    let known = Set(try directory.ledger.reader.contents(events: 0).results.map(\.stage))
    for (index, stage) in plan.stages.enumerated() where stage.description["imported"] != nil && !known.contains(index)
    {
      let output = try pretrained.output(of: stage.description, provenance: stage.provenance)
      guard let bytes = output.artifact else { continue }
      let artifact = try directory.artifacts.put(bytes)
      try directory.ledger.append([
        .result(
          ResultRow(
            stage: index, bytes: output.result, artifact: artifact, artifact_bytes: bytes.count,
            host: ProcessInfo.processInfo.hostName, process: Int(getpid()), token: 0, attempt: 1, seconds: 0,
            time_s: Date().timeIntervalSince1970))
      ])
    }
  }
}
