// The plan of a history: a random graph, and which of its stages are not as they should be.

import Canonical
import Coordination
import Messages

/// Stages with up to two parents; some seeds have stages that always fail, that kill their worker, and one that leaks.
struct SimulatedPlan {
  let graph: StageGraph
  let catalog: Catalog
  /// Stages that fail whenever they are computed.
  private(set) var isPoison: [Bool]
  /// Stages whose worker dies whenever they are computed.
  private(set) var isKiller: [Bool]
  /// The stage that is tested on a subject that its input has seen.
  private(set) var leaking: Int?
  /// Whether stages take some milliseconds, not seconds.
  let isBrief: Bool
  /// Whether stages keep the states of their training on the way.
  let keepsCheckpoints: Bool
  /// Stages that nobody reads and that wait until stage 0 is decided; the odd ones are dropped then.
  private(set) var gated: [Int] = []
  private let hasArtifact: [Bool]
  private let hasLargeArtifact: Bool

  init(_ random: inout Chance, stages count: Int, faults: Faults) throws {
    catalog = Catalog.holding(count)
    var parents: [[Int]] = []
    var provenance = [[String]](repeating: ["target/S01"], count: count)
    var heldOut = [[String]](repeating: ["target/S99"], count: count)
    isBrief = random.below(6) == 0
    keepsCheckpoints = !isBrief && random.below(2) == 0
    hasLargeArtifact = random.below(24) == 0
    isPoison = (0..<count).map { _ in random.happens(faults[.poison]) }
    isKiller = (0..<count).map { _ in random.happens(faults[.killer]) }
    var hasArtifact = (0..<count).map { _ in random.below(3) != 0 }
    if hasLargeArtifact { hasArtifact[0] = true }
    self.hasArtifact = hasArtifact
    for stage in 0..<count {
      let wanted = stage < 3 ? 0 : random.below(3)
      let first = wanted > 0 ? random.below(stage) : 0
      let second = wanted > 1 ? random.below(stage) : first
      parents.append(wanted == 0 ? [] : first == second ? [first] : [min(first, second), max(first, second)])
    }
    if random.below(2) == 0, let victim = parents.indices.last(where: { !parents[$0].isEmpty }) {
      leaking = victim
      provenance[parents[victim][0]].append("target/S07")
      heldOut[victim] = ["target/S07"]
    }
    if random.below(4) == 0 {
      let read = Set(parents.joined())
      let victim = leaking
      gated = (1..<count).filter { !read.contains($0) && $0 != victim && random.below(3) == 0 }
    }
    graph = try StageGraph(
      digests: Array(catalog.digests.prefix(count)), descriptions: Array(catalog.descriptions.prefix(count)),
      parents: parents, provenance: provenance, heldOut: heldOut)
  }

  /// Whether a stage is dropped where stage 0 has a result.
  func isDropped(_ stage: Int) -> Bool { stage % 2 == 1 && gated.contains(stage) }

  /// Whether a stage must not be granted: an input has seen what it is tested on.
  func leaks(_ stage: Int) -> Bool { stage == leaking }

  /// The artifact of a stage that is computed rightly; nil where it has none.
  func artifact(of stage: Int) -> ArtifactName? {
    guard hasArtifact[stage] else { return nil }
    return stage == 0 && hasLargeArtifact ? catalog.largeName : catalog.names[stage]
  }

  /// The stages that can never be computed where these are given up.
  func blocked(by failed: Set<Int>) -> Set<Int> {
    var blocked: Set<Int> = []
    for stage in 0..<graph.count where !failed.contains(stage) {
      if graph.parents[stage].contains(where: { failed.contains(Int($0)) || blocked.contains(Int($0)) }) {
        blocked.insert(stage)
      }
    }
    return blocked
  }
}
