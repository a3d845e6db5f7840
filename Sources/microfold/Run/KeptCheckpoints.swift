// The checkpoints of a run: one file that predicts for each configuration, seed and fold, made from the artifacts that
// the run directory holds, so that a finished run can be asked for them at any time.
//
//     RUN-DIR/checkpoints/CONFIGURATION/SEED/FOLD.safetensors
//
// Where a configuration averages networks, perhaps with a ridge, one file holds them all and gives their average.
// Names are those of the report where they can be names of files; else what cannot stand in one becomes `_`, and eight
// digits of the name's digest follow.

import Canonical
import Clips
import Cluster
import Foundation
import Kernels
import Ledger
import Study
import Training

/// Writes the checkpoints of a run.
struct KeptCheckpoints {
  /// The switch of the verbs that write them.
  static let flag = "--keep-checkpoints"

  let run: RunFile
  let file: StudyFile

  /// Writes a file for each cell whose stages have results, and whose configuration no race dropped: of those that one
  /// dropped a run has the first folds alone.
  /// - Returns: a line that says how many and where.
  /// - Throws: where an artifact is missing or damaged, or the disk is full.
  func write() throws -> String {
    let store = try ArtifactStore(root: run.paths.artifacts)
    let results = Dictionary(run.contents.results.map { ($0.stage, $0) }) { first, _ in first }
    let target = try StudyFile.target(of: file.study, in: file.sets)
    let races = try RunReport.races(of: file.plan, run.contents)
    let cells = file.plan.cells.filter { !(races?.isDropped($0) ?? false) }
    let dropped = file.plan.cells.count - cells.count
    let bar = ProgressBar("checkpoint")
    defer { bar.finish() }
    var held: [Digest: [UInt8]] = [:]
    var ridges: [Int: AveragedRidge] = [:]
    var written = 0
    for (done, cell) in cells.enumerated() {
      guard cell.stages.allSatisfy({ results[$0] != nil }) else { continue }
      let needed = cell.networks.flatMap { [$0] + file.plan.pretrainings(ofFit: $0) }
      // Neighbours in the plan share pretrainings: what the next file needs again is kept, and nothing else.
      held = held.filter { entry in needed.contains { file.plan.stages[$0].digest == entry.key } }
      for stage in needed where held[file.plan.stages[stage].digest] == nil {
        held[file.plan.stages[stage].digest] = try artifact(of: stage, results[stage], store)
      }
      let bytes: [UInt8]
      do {
        // A baseline leaves no artifact, but its ridge follows from its clips; all configurations of a fold share it.
        if let stage = cell.ridge, ridges[stage] == nil { ridges[stage] = try ridge(of: stage) }
        bytes = try checkpoint(of: cell, target, held, ridge: cell.ridge.flatMap { ridges[$0] })
      } catch {
        throw Failure("\(run.paths.root): stage \(cell.stages[0]) makes no checkpoint: \(error)")
      }
      try KeptFiles.write(bytes, to: path(cell))
      written += 1
      bar.show(done + 1, of: cells.count)
    }
    let missing = written == cells.count ? "" : "; \(cells.count - written) have no result"
    let needless = dropped == 0 ? "" : "; \(dropped) were dropped by the race"
    return "\(written) checkpoints in \(run.paths.checkpoints)\(needless)\(missing)"
  }

  private func ridge(of stage: Int) throws -> AveragedRidge {
    try AveragedRidge(train: file.plan.stages[stage].description["train"] ?? .null, sets: file.sets)
  }

  private func checkpoint(
    of cell: Cell, _ target: PreparedSet, _ held: [Digest: [UInt8]], ridge: AveragedRidge?
  ) throws -> [UInt8] {
    let plan = file.plan
    let sets = file.sets.mapValues(\.digest)
    let configuration = plan.study.configurations[cell.configuration].name
    let networks = cell.networks.map { fit in
      CheckpointParts(
        fit: plan.stages[fit].description, pretrainings: plan.pretrainings(ofFit: fit).map { plan.stages[$0].digest },
        artifacts: held, target: target, sets: sets, study: (plan.study.name, plan.studyDigest),
        configuration: configuration, heldOut: plan.stages[fit].heldOut)
    }
    if cell.stages.count == 1, let network = networks.first { return try network.checkpoint() }
    return try AverageParts(
      networks: networks, ridge: ridge, asked: (plan.labels, file.study.kernelClass.name, cell.seed), target: target,
      sets: sets, study: (plan.study.name, plan.studyDigest), configuration: configuration,
      heldOut: plan.stages[cell.stages[0]].heldOut
    ).checkpoint()
  }

  private func path(_ cell: Cell) -> String {
    let configuration = Self.fileName(file.plan.study.configurations[cell.configuration].name)
    let fold = Self.fileName(file.plan.folds[cell.fold].name)
    return "\(run.paths.checkpoints)/\(configuration)/\(cell.seed)/\(fold).safetensors"
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
