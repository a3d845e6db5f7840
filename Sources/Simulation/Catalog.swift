// What stages are made of in every history: descriptions, results and artifacts that follow from a stage's number.
//
// One catalog serves all histories of a size, so that a history costs no hashing before it begins.

import Canonical
import Messages
import Synchronization

/// Stages by number.
final class Catalog: Sendable {
  let descriptions: [[UInt8]]
  let digests: [Digest]
  /// The bytes that computing a stage gives.
  let results: [[UInt8]]
  let artifacts: [[UInt8]]
  let names: [ArtifactName]
  /// An artifact of several pieces, which some plans give their first stage.
  let large: [UInt8]
  let largeName: ArtifactName
  /// The states of a stage's training after some of its ten epochs.
  let checkpoints: [[(epoch: Int, bytes: [UInt8], name: ArtifactName)]]
  /// Of every artifact its stage; of every checkpoint its place behind the artifacts.
  private let stages: [Digest: Int]

  private static let made = Mutex<[Int: Catalog]>([:])

  /// The catalog for plans of so many stages.
  static func holding(_ count: Int) -> Catalog {
    var size = 32
    while size < count { size *= 2 }
    return made.withLock { made in
      if let catalog = made[size] { return catalog }
      let catalog = Catalog(count: size)
      made[size] = catalog
      return catalog
    }
  }

  private init(count: Int) {
    descriptions = (0..<count).map { Array("stage \($0)".utf8) }
    digests = descriptions.map { Digest(of: $0) }
    results = digests.map { Array("{\"result\":\"\($0.short)\"}".utf8) }
    artifacts = (0..<count).map { stage in
      (0..<1 + stage &* 37 % 300).map { UInt8(truncatingIfNeeded: $0 &* (stage + 3) + stage) }
    }
    names = artifacts.map { ArtifactName(digest: Digest(of: $0), size: $0.count) }
    large = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    largeName = ArtifactName(digest: Digest(of: large), size: large.count)
    checkpoints = digests.map { digest in
      [3, 6].map { epoch in
        let bytes = Array("epoch \(epoch) of ".utf8) + digest.bytes
        return (epoch, bytes, ArtifactName(digest: Digest(of: bytes), size: bytes.count))
      }
    }
    var stages: [Digest: Int] = [largeName.digest: 0]
    for (stage, name) in names.enumerated() { stages[name.digest] = stage }
    for (stage, states) in checkpoints.enumerated() {
      for (place, state) in states.enumerated() { stages[state.name.digest] = count * (place + 1) + stage }
    }
    precondition(stages.count == 3 * count + 1, "stages do not share artifacts")
    self.stages = stages
  }

  /// The stage and the bytes of an artifact that was computed rightly, or of a checkpoint.
  func artifact(_ digest: Digest) -> (stage: Int, bytes: [UInt8])? {
    if digest == largeName.digest { return (0, large) }
    guard let place = stages[digest] else { return nil }
    let (kind, stage) = place.quotientAndRemainder(dividingBy: artifacts.count)
    return (stage, kind == 0 ? artifacts[stage] : checkpoints[stage][kind - 1].bytes)
  }
}
