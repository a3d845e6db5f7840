// Inputs that are not in the cache are fetched from the coordinator; artifacts of results are read to it.

import Canonical
import Messages

extension WorkerMachine {
  /// Inputs that are fetched at once, the oldest first.
  private static let fetchesAtOnce = 2
  /// Times that an input may come whole but wrong.
  private static let refusalsLimit = 3

  // MARK: - Inputs

  mutating func look(for artifact: ArtifactName) {
    guard fetches[artifact.digest] == nil else { return }
    fetches[artifact.digest] = Fetch(pull: ArtifactPull(artifact))
    fetchOrder.append(artifact.digest)
    actions.append(.findArtifact(artifact))
  }

  mutating func artifactIsHere(_ digest: Digest) {
    endFetch(digest)
    for place in assignments.indices where assignments[place].step == .fetching {
      assignments[place].missing.removeAll { $0 == digest }
      if assignments[place].missing.isEmpty { setStep(place, .waiting) }
    }
    askForPieces()
  }

  mutating func artifactAbsent(_ digest: Digest) {
    guard fetches[digest]?.step == .looking else { return }
    fetches[digest]?.step = .pulling
    askForPieces()
  }

  mutating func receive(_ chunk: ArtifactChunk) {
    let digest = chunk.artifact.digest
    guard fetches[digest]?.step == .pulling, fetches[digest]?.pull.accept(chunk) == true else { return }
    actions.append(.storeChunk(chunk))
    if fetches[digest]?.pull.isComplete == true {
      fetches[digest]?.step = .verifying
      actions.append(.verifyArtifact(chunk.artifact))
    }
    askForPieces()
  }

  /// It came damaged, or a piece of it could not be kept.
  mutating func artifactRefused(_ digest: Digest, _ why: String) {
    guard let fetch = fetches[digest], [.pulling, .verifying].contains(fetch.step) else { return }
    actions.append(.log("the artifact \(digest.short) was not kept: \(printable(why))"))
    guard fetch.refusals + 1 < Self.refusalsLimit else { return loseArtifact(digest, why) }
    fetches[digest] = Fetch(step: .pulling, pull: ArtifactPull(fetch.pull.artifact), refusals: fetch.refusals + 1)
    askForPieces()
  }

  /// Fails what needs an input that cannot be had.
  mutating func loseArtifact(_ digest: Digest, _ why: String) {
    guard fetches[digest] != nil else { return }
    endFetch(digest)
    actions.append(.discardArtifact(digest))
    goWithoutCheckpoint(digest)
    for place in assignments.indices where assignments[place].missing.contains(digest) {
      let text = shortened("the input \(digest.short): \(printable(why))", bytes: Limits.failureBytes)
      assignments[place].missing = []
      settle(place, .failure(.artifact, text))
    }
    forgetUnwantedFetches()
  }

  mutating func askForPieces() {
    guard link == .attached else { return }
    for digest in fetchOrder.filter({ fetches[$0]?.step == .pulling }).prefix(Self.fetchesAtOnce) {
      for offset in fetches[digest]?.pull.requests(now_ms: now_ms) ?? [] {
        send(.artifactRequest(digest: digest, offset: offset))
      }
    }
  }

  /// Ends fetches that no stage waits for any more.
  mutating func forgetUnwantedFetches() {
    for digest in fetchOrder where !assignments.contains(where: { $0.missing.contains(digest) }) {
      endFetch(digest)
      actions.append(.discardArtifact(digest))
    }
  }

  private mutating func endFetch(_ digest: Digest) {
    fetches[digest] = nil
    fetchOrder.removeAll { $0 == digest }
  }

  // MARK: - Artifacts of results

  mutating func readArtifact(_ digest: Digest, _ offset: Int) {
    guard reads < 2 * ArtifactPull.window else { return }
    reads += 1
    actions.append(.readArtifact(digest, offset: offset))
  }

  mutating func artifactRead(_ message: Message) {
    reads = max(0, reads - 1)
    if link == .attached { send(message) }
  }
}
