// The checkpoints of a run: one file that predicts for each configuration, seed and fold, made from the artifacts that
// the run directory holds, so that a finished run can be asked for them at any time.
//
//     RUN-DIR/checkpoints/CONFIGURATION/SEED/FOLD.safetensors
//
// Names are those of the report where they can be names of files; else what cannot stand in one becomes `_`, and eight
// digits of the name's digest follow.

import Canonical
import Clips
import Cluster
import Foundation
import Ledger
import Study
import Training

/// Writes the checkpoints of a run.
struct KeptCheckpoints {
  /// The switch of the verbs that write them.
  static let flag = "--keep-checkpoints"

  let run: RunFile
  let file: StudyFile

  /// Writes a file for each fit that has a result.
  /// - Returns: a line that says how many and where.
  /// - Throws: where an artifact is missing or damaged, or the disk is full.
  func write() throws -> String {
    let store = try ArtifactStore(root: run.paths.artifacts)
    let results = Dictionary(run.contents.results.map { ($0.stage, $0) }) { first, _ in first }
    let (plan, cells) = (file.plan, file.plan.cells)
    guard let target = file.sets[plan.study.target] else { preconditionFailure("a run has its target set") }
    let bar = ProgressBar("checkpoint")
    defer { bar.finish() }
    var held: [Digest: [UInt8]] = [:]
    var written = 0
    for (number, cell) in cells.enumerated() where results[cell.stage] != nil {
      let fit = plan.stages[cell.stage]
      let pretrainings = plan.pretrainings(ofFit: cell.stage)
      let needed = [cell.stage] + pretrainings
      // Neighbours in the plan share pretrainings: what the next file needs again is kept, and nothing else.
      held = held.filter { entry in needed.contains { plan.stages[$0].digest == entry.key } }
      for stage in needed where held[plan.stages[stage].digest] == nil {
        held[plan.stages[stage].digest] = try artifact(of: stage, results[stage], store)
      }
      let configuration = plan.study.configurations[cell.configuration].name
      let parts = CheckpointParts(
        fit: fit.description, pretrainings: pretrainings.map { plan.stages[$0].digest }, artifacts: held,
        target: target, sets: file.sets.mapValues(\.digest), study: (plan.study.name, plan.studyDigest),
        configuration: configuration, heldOut: fit.heldOut)
      do {
        try KeptFiles.write(parts.checkpoint(), to: path(configuration, cell.seed, plan.folds[cell.fold].name))
      } catch let error as StageError {
        throw Failure("\(run.paths.root): stage \(cell.stage) makes no checkpoint: \(error)")
      }
      written += 1
      bar.show(number + 1, of: cells.count)
    }
    let missing = written == cells.count ? "" : "; \(cells.count - written) fits have no result"
    return "\(written) checkpoints in \(run.paths.checkpoints)\(missing)"
  }

  private func path(_ configuration: String, _ seed: Int, _ fold: String) -> String {
    "\(run.paths.checkpoints)/\(Self.fileName(configuration))/\(seed)/\(Self.fileName(fold)).safetensors"
  }

  private func artifact(of stage: Int, _ row: ResultRow?, _ store: ArtifactStore) throws -> [UInt8] {
    guard let digest = row?.artifact else {
      throw Failure("\(run.paths.root): stage \(stage) left no artifact to make a checkpoint from; run the study again")
    }
    let bytes = try store.read(digest, at: 0, count: store.size(of: digest) ?? 0)
    guard Digest(of: bytes) == digest else { throw ArtifactError.damaged(digest: digest, path: store.path(of: digest)) }
    return bytes
  }

  /// A name as one part of a path: never empty, never hidden, at most 100 bytes, different for different names.
  static func fileName(_ name: String) -> String {
    let isPlain = { (byte: UInt8) in
      byte >= 97 && byte <= 122 || byte >= 65 && byte <= 90 || byte >= 48 && byte <= 57 || "._=,+-".utf8.contains(byte)
    }
    let safe = String(decoding: name.utf8.prefix(80).map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    guard safe != name || name.isEmpty || name.hasPrefix(".") else { return name }
    return "_\(safe)-\(Digest(of: Array(name.utf8)).hex.prefix(8))"
  }
}
