// A history in words, for whoever looks for the cause of a violation.

import Canonical
import Coordination
import Messages

extension World {
  /// Says what happens next.
  func tell(_ happening: Happening) {
    guard let words = words(happening) else { return }
    trace?("\(now_ms) ms, step \(steps): \(words)")
  }

  private func words(_ happening: Happening) -> String? {
    switch happening {
    case .toCoordinator(let socket, let parcel):
      "worker \(owners[socket]) → coordinator: \(words(parcel))"
        + (coordinator == nil ? ", which is down" : "")
    case .toWorker(let socket, let parcel): "coordinator → worker \(owners[socket]): \(words(parcel))"
    case .coordinator(let life, let event): life == coordinatorLife ? "coordinator: \(event)" : nil
    case .worker(let worker, let life, let event):
      life == workers[worker].life ? "worker \(worker): \(event)" : nil
    case .finishComputing(let worker, let life, let stage, _):
      life == workers[worker].life ? "worker \(worker) computed stage \(stage)" : nil
    case .sync(let life): life == coordinatorLife ? "ledger: \(ledger.pendingCount) rows become durable" : nil
    case .startCoordinator: "the coordinator starts"
    case .startWorker(let worker): "worker \(worker) starts on host\(workers[worker].host)"
    case .calm: "from now on nothing breaks"
    case .ask(_, let request): "a person: \(request)"
    case .coordinatorTick, .workerTick, .nemesis: nil
    }
  }

  private func words(_ parcel: Parcel) -> String {
    guard let envelopes = try? Codec.decodeAll(parcel.frames) else { return "no message" }
    return (parcel.original == nil ? "" : "damaged, ") + envelopes.map(words).joined(separator: "; ")
  }

  private func words(_ envelope: Envelope) -> String {
    let place = "epoch \(envelope.epoch), number \(envelope.sequence)"
    switch envelope.message {
    case .hello(let hello): return "hello of process \(hello.process) with \(hello.held.map(\.token)), \(place)"
    case .welcome(let welcome): return "welcome to greeting \(welcome.greeting), \(place)"
    case .grant(let grant): return "grant of stage \(grant.index), token \(grant.token), \(place)"
    case .beat(let beat): return "beat with \(beat.leases.map(\.token)), \(place)"
    case .result(let result): return "result, token \(result.token), \(place)"
    case .failure(let failure): return "failure, token \(failure.token), \(failure.kind), \(place)"
    case .acknowledge(let answer): return "\(answer.verdict), token \(answer.token), \(place)"
    case .epochCheckpoint(let offer): return "state after epoch \(offer.epoch), token \(offer.token), \(place)"
    case .artifactChunk(let chunk): return "piece of \(chunk.artifact.digest.short) at \(chunk.offset)"
    case .artifactRequest(let digest, let offset): return "asks for \(digest.short) at \(offset)"
    case .artifactMissing(let digest): return "has no \(digest.short)"
    case .refuse, .rehello, .cancel, .drain, .goodbye, .control, .controlReply: return "\(envelope.message), \(place)"
    }
  }
}
