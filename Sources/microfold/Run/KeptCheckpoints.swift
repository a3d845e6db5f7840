// The checkpoints of a run: one file that predicts for each configuration, seed and fold, made from the artifacts that
// the run directory holds, so that a finished run can be asked for them at any time.
//
//     RUN-DIR/checkpoints/CONFIGURATION/SEED/FOLD.safetensors
//
// Where a configuration averages networks, each is a file of its own, FOLD.N-of-M.safetensors, and says so.
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
    let target = try StudyFile.target(of: file.study, in: file.sets)
    let wanted = file.plan.cells.flatMap { cell in cell.networks.indices.map { (cell: cell, number: $0) } }
    let bar = ProgressBar("checkpoint")
    defer { bar.finish() }
    var held: [Digest: [UInt8]] = [:]
    var written = 0
    for (done, network) in wanted.enumerated() {
      let fit = network.cell.networks[network.number]
      guard results[fit] != nil else { continue }
      let needed = [fit] + file.plan.pretrainings(ofFit: fit)
      // Neighbours in the plan share pretrainings: what the next file needs again is kept, and nothing else.
      held = held.filter { entry in needed.contains { file.plan.stages[$0].digest == entry.key } }
      for stage in needed where held[file.plan.stages[stage].digest] == nil {
        held[file.plan.stages[stage].digest] = try artifact(of: stage, results[stage], store)
      }
      let bytes: [UInt8]
      do { bytes = try parts(network.cell, network.number, target, held).checkpoint() } catch {
        throw Failure("\(run.paths.root): stage \(fit) makes no checkpoint: \(error)")
      }
      try KeptFiles.write(bytes, to: path(network.cell, network.number))
      written += 1
      bar.show(done + 1, of: wanted.count)
    }
    let missing = written == wanted.count ? "" : "; \(wanted.count - written) fits have no result"
    return "\(written) checkpoints in \(run.paths.checkpoints)\(missing)"
  }

  private func parts(
    _ cell: Cell, _ number: Int, _ target: PreparedSet, _ held: [Digest: [UInt8]]
  ) -> CheckpointParts {
    let plan = file.plan
    let fit = plan.stages[cell.networks[number]]
    let ridge = cell.ridge == nil ? "" : " and a ridge"
    return CheckpointParts(
      fit: fit.description,
      pretrainings: plan.pretrainings(ofFit: cell.networks[number]).map { plan.stages[$0].digest },
      artifacts: held, target: target, sets: file.sets.mapValues(\.digest), study: (plan.study.name, plan.studyDigest),
      configuration: plan.study.configurations[cell.configuration].name, heldOut: fit.heldOut,
      average: cell.isAverage ? "network \(number + 1) of \(cell.networks.count)\(ridge)" : nil)
  }

  private func path(_ cell: Cell, _ number: Int) -> String {
    let configuration = Self.fileName(file.plan.study.configurations[cell.configuration].name)
    let part = cell.isAverage ? ".\(number + 1)-of-\(cell.networks.count)" : ""
    let fold = Self.fileName(file.plan.folds[cell.fold].name)
    return "\(run.paths.checkpoints)/\(configuration)/\(cell.seed)/\(fold)\(part).safetensors"
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

extension Cell {
  /// Whether the cell's scores are those of no single network.
  fileprivate var isAverage: Bool { stages.count > 1 }
}
