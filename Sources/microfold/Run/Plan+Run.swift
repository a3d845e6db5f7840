// A plan as the run directory, the coordinator and the ledger want it.

import Canonical
import Clips
import Cluster
import Coordination
import Kernels
import Ledger
import Messages
import Study
import Training

extension StudyFile {
  /// The plan as the coordinator's machine sees it.
  func stageGraph() throws -> StageGraph {
    try StageGraph(
      digests: plan.stages.map(\.digest), descriptions: plan.stages.map(\.description.bytes),
      parents: plan.stages.map(\.parents), provenance: plan.stages.map(\.provenance),
      heldOut: plan.stages.map(\.heldOut),
      kinds: plan.stages.map { UInt8(StageKind.allCases.firstIndex(of: $0.kind) ?? 0) },
      leakage: study.split.leakage == .strict ? .strict : .paper)
  }

  /// What a run directory of this study is made for.
  func identity(text: [UInt8], data: [(name: String, path: String)]) -> RunIdentity {
    let rows = plan.stages.enumerated().map { index, stage in
      StageRow(
        index: index, digest: stage.digest, kind: stage.kind.rawValue, description: stage.description.text,
        heldOut: stage.heldOut)
    }
    return RunIdentity(
      studyText: text, study: plan.studyDigest, plan: plan.digest,
      sets: data.compactMap { file in
        (sets[file.name]?.digest ?? (file.name == study.pretrained ? pretrained?.digest : nil)).map {
          RunSet(name: file.name, path: file.path, digest: $0)
        }
      },
      numericClass: study.kernelClass.name, stages: rows,
      options: [
        RunFile.seedsKey: study.seeds.map(String.init).joined(separator: ","), RunFile.openCVKey: OpenCV.version,
      ])
  }

  /// The names and digests of the sets, for the handshake.
  var setNames: [SetName] {
    sets.keys.sorted().compactMap { name in sets[name].map { SetName(name: name, digest: $0.digest) } }
  }
}
