// One artifact on its way here, piece by piece: at most four pieces are asked for at once, lost ones again.
//
// Both machines pull: a worker the inputs of its stages, the coordinator the artifacts of results. What came stays
// when the connection is lost, so a pull goes on where it was.

import Messages

/// The pieces of an artifact that is being fetched.
struct ArtifactPull: Sendable {
  /// Pieces that are asked for at once.
  static let window = 4
  /// When a piece is asked for again.
  static let patience_ms = 5_000

  /// What is fetched.
  let artifact: ArtifactName
  private var isHere: [Bool]
  private var hereCount = 0
  private var firstOpen = 0
  private var asked: [(piece: Int, since_ms: Int)] = []

  /// A pull that has nothing yet.
  init(_ artifact: ArtifactName) {
    self.artifact = artifact
    isHere = Array(repeating: false, count: (artifact.size + Limits.chunkBytes - 1) / Limits.chunkBytes)
  }

  /// Whether every piece is here.
  var isComplete: Bool { hereCount == isHere.count }

  /// Forgets what was asked for: the one who was asked is gone.
  mutating func forgetRequests() { asked = [] }

  /// The offsets to ask for now.
  mutating func requests(now_ms: Int) -> [Int] {
    asked.removeAll { now_ms - $0.since_ms >= Self.patience_ms }
    var offsets: [Int] = []
    while firstOpen < isHere.count, isHere[firstOpen] { firstOpen += 1 }
    var piece = firstOpen
    while asked.count < Self.window, piece < isHere.count {
      if !isHere[piece], !asked.contains(where: { $0.piece == piece }) {
        asked.append((piece, now_ms))
        offsets.append(piece * Limits.chunkBytes)
      }
      piece += 1
    }
    return offsets
  }

  /// Whether this piece was missing; it is not any more. Pieces of another artifact are refused.
  mutating func accept(_ chunk: ArtifactChunk) -> Bool {
    let piece = chunk.offset / Limits.chunkBytes
    guard chunk.artifact == artifact, isHere.indices.contains(piece), !isHere[piece] else { return false }
    asked.removeAll { $0.piece == piece }
    isHere[piece] = true
    hereCount += 1
    return true
  }
}
