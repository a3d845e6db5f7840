// A random plan and what its stages give: results and artifacts that depend on the stage's digest alone.

import Canonical
import Coordination
import Kernels
import Messages

/// Stages in up to three layers; some seeds have a stage that always fails, and one that would leak.
struct SimulatedPlan {
  let graph: StageGraph
  /// Stages that fail whenever they are computed.
  var poisoned: Set<Int> = []
  /// The stage that is tested on a subject that its input has seen.
  var leaking: Int?
  private var sizes: [Int] = []

  init(_ random: inout CounterRandom) throws {
    let count = 6 + random.below(12)
    var parents: [[Int]] = []
    var provenance = [[String]](repeating: ["target/S01"], count: count)
    var heldOut = [[String]](repeating: ["target/S99"], count: count)
    let hasLargeArtifact = random.below(12) == 0
    for stage in 0..<count {
      let wanted = stage < 3 ? 0 : random.below(3)
      parents.append(Array(Set((0..<wanted).map { _ in random.below(stage) })).sorted())
      if random.below(25) == 0 { poisoned.insert(stage) }
      sizes.append(hasLargeArtifact && stage == 0 ? 600_000 : random.below(3) == 0 ? 0 : 1 + random.below(400))
    }
    if random.below(2) == 0, let victim = parents.indices.last(where: { !parents[$0].isEmpty }) {
      leaking = victim
      provenance[parents[victim][0]].append("target/S07")
      heldOut[victim] = ["target/S07"]
    }
    let descriptions = (0..<count).map { Array("stage \($0) of \(count)".utf8) }
    graph = try StageGraph(
      digests: descriptions.map { Digest(of: $0) }, descriptions: descriptions, parents: parents,
      provenance: provenance, heldOut: heldOut)
  }

  /// The bytes that computing a stage gives.
  func result(of stage: Int) -> [UInt8] { Array("{\"result\":\"\(graph.digests[stage].short)\"}".utf8) }

  /// The artifact of a stage; empty where it has none.
  func artifact(of stage: Int) -> [UInt8] {
    let size = sizes[stage]
    return (0..<size).map { UInt8(truncatingIfNeeded: $0 &* (stage + 3)) }
  }

  /// The bytes of the state of a stage's training.
  func checkpoint(of stage: Digest) -> [UInt8] { Array("checkpoint ".utf8) + stage.bytes }

  /// What a fault-free run leaves: who is given up and who waits for those.
  var expected: (failed: Set<Int>, blocked: Set<Int>) {
    var failed: Set<Int> = []
    var blocked: Set<Int> = []
    for stage in 0..<graph.count {
      if graph.parents[stage].contains(where: { failed.contains($0) || blocked.contains($0) }), stage != leaking {
        blocked.insert(stage)
      } else if poisoned.contains(stage) || stage == leaking {
        failed.insert(stage)
      }
    }
    return (failed, blocked)
  }
}

/// Which faults a seed has, and how often.
struct Faults {
  var drop = 0.0
  var duplicate = 0.0
  var reorder = 0.0
  var staleReplay = 0.0
  var flipArtifact = 0.0
  var crashAtAction = 0.0
  var crashCoordinator = 0.0
  var crashWorker = 0.0
  var partition = 0.0
  var pauseWorker = 0.0
  var pauseCoordinator = 0.0

  static let none = Faults()

  /// Each seed has some of them.
  init(_ random: inout CounterRandom) {
    func sometimes(_ rate: Double) -> Double { random.below(2) == 0 ? rate : 0 }
    drop = sometimes(0.08)
    duplicate = sometimes(0.08)
    reorder = sometimes(0.08)
    staleReplay = sometimes(0.8)
    flipArtifact = sometimes(0.03)
    crashAtAction = sometimes(0.003)
    crashCoordinator = sometimes(0.06)
    crashWorker = sometimes(0.1)
    partition = sometimes(0.08)
    pauseWorker = sometimes(0.08)
    pauseCoordinator = sometimes(0.06)
  }

  private init() {}
}
