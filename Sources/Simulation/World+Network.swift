// Messages between the processes: as bytes, late, lost, twice, out of order, damaged, cut off, or kept for the next
// coordinator.

import Coordination
import Messages

extension World {
  /// The routing id of a socket.
  func peer(of socket: Int) -> Peer {
    Peer(bytes: [0, UInt8(socket >> 16 & 255), UInt8(socket >> 8 & 255), UInt8(socket & 255)])
  }

  func socket(of peer: Peer) -> Int {
    peer.bytes.count == 4 ? Int(peer.bytes[1]) << 16 | Int(peer.bytes[2]) << 8 | Int(peer.bytes[3]) : -1
  }

  /// Lets a message wait until the process that sends it has done all that its event wanted; pieces do not wait.
  func post(_ socket: Int, isUp: Bool, _ envelope: Envelope) {
    if workers[owners[socket]].foreignness == .wire {
      return transmit(socket, isUp: isUp, Codec.encode(envelope, version: Wire.version + 1))
    }
    if case .artifactChunk = envelope.message { return transmit(socket, isUp: isUp, Codec.encode(envelope)) }
    var place = outbox.firstIndex { $0.socket == socket } ?? outbox.count
    if place < outbox.count, outbox[place].bundle.isFull {
      let full = outbox.remove(at: place)
      transmit(socket, isUp: isUp, full.frames)
      place = outbox.count
    }
    if place == outbox.count { outbox.append(Outgoing(socket: socket, isUp: isUp)) }
    outbox[place].bundle.add(envelope)
  }

  /// Sends what waits.
  func flush() {
    guard !outbox.isEmpty else { return }
    let waiting = outbox
    outbox.removeAll(keepingCapacity: true)
    for outgoing in waiting { transmit(outgoing.socket, isUp: outgoing.isUp, outgoing.frames) }
  }

  /// Sends frames one way. Without a fault a wire keeps the order, as TCP does.
  private func transmit(_ socket: Int, isUp: Bool, _ whole: [[UInt8]]) {
    let worker = owners[socket]
    let cutUntil_ms = isUp ? workers[worker].cutUpUntil_ms : workers[worker].cutDownUntil_ms
    if now_ms < cutUntil_ms { return }
    if strikes(.drop) { return excuse(worker, until_ms: now_ms) }
    var parcel = Parcel(frames: whole)
    if strikes(.corrupt) {
      parcel = Parcel(frames: damaged(whole), original: whole)
      excuse(worker, until_ms: now_ms)
    }
    let wire = 2 * worker + (isUp ? 1 : 0)
    var arrival_ms = max(now_ms + 1 + random.below(20), wires[wire])
    if strikes(.reorder) {
      arrival_ms += random.below(6_000)
      excuse(worker, until_ms: arrival_ms)
    } else {
      wires[wire] = arrival_ms
    }
    let arrives: Happening = isUp ? .toCoordinator(socket: socket, parcel) : .toWorker(socket: socket, parcel)
    schedule(arrival_ms - now_ms, arrives)
    if strikes(.duplicate) { schedule(arrival_ms - now_ms + random.length(50, doublings: 10), arrives) }
  }

  /// Something happened that explains why a worker is not heard, or does not hear.
  func excuse(_ worker: Int, until_ms: Int) {
    workers[worker].excusedUntil_ms = max(workers[worker].excusedUntil_ms, until_ms)
  }

  /// Flips a bit, cuts a frame off, lengthens it, or loses one.
  private func damaged(_ whole: [[UInt8]]) -> [[UInt8]] {
    var frames = whole
    let place = random.below(frames.count)
    let size = frames[place].count
    switch random.below(8) {
    case 0: frames.remove(at: place)
    case 1 where size > 0: frames[place].removeLast(1 + random.below(size))
    case 2: frames[place] += (0...random.below(40)).map { _ in UInt8(random.below(256)) }
    case 3: frames[place] = (0..<1 + size).map { _ in UInt8(random.below(256)) }
    default:
      let frame = size > 0 ? place : 0
      frames[frame][random.below(frames[frame].count)] ^= 1 << UInt8(random.below(8))
    }
    return frames
  }

  /// A link is cut, both ways or one way.
  func cut(_ worker: Int, _ kind: FaultKind) {
    let until_ms = min(now_ms + random.length(400, doublings: 7), Self.faults_ms)
    let isUpOnly = random.below(2) == 0
    if kind == .partition || isUpOnly { workers[worker].cutUpUntil_ms = until_ms }
    if kind == .partition || !isUpOnly { workers[worker].cutDownUntil_ms = until_ms }
    excuse(worker, until_ms: until_ms)
  }

  /// The system closes a connection: the coordinator hears it, unless nothing comes through.
  func closeConnection(of worker: Int) {
    guard coordinator != nil, now_ms >= workers[worker].cutUpUntil_ms else { return }
    let closed = ClosedConnection(peer: peer(of: workers[worker].socket), setup_ms: random.below(50))
    schedule(1 + random.below(100), .coordinator(life: coordinatorLife, .connectionsClosed([closed])))
  }

  /// A connection is reset, and the worker opens another one. That alone costs it nothing; a clock that leaps takes the
  /// time away that it has for it.
  func reset(_ worker: Int) {
    closeConnection(of: worker)
    openSocket(worker)
    schedule(100 + random.below(300), .worker(worker, life: workers[worker].life, .reconnected))
    if faults.has(.clockLeap) { excuse(worker, until_ms: now_ms) }
  }

  // MARK: - Arriving

  /// A message for the coordinator arrives. While it is down the sender's socket may keep it for the next one.
  func arrive(_ parcel: Parcel, from socket: Int) {
    guard coordinator != nil else {
      guard outcome == nil, strikes(.staleReplay) else { return }
      return schedule(700, .toCoordinator(socket: socket, parcel))
    }
    let (life, peer) = (coordinatorLife, peer(of: socket))
    do throws(MessageError) {
      for envelope in try messages(in: parcel) where life == coordinatorLife { coordinate(.received(peer, envelope)) }
    } catch {
      noteRefusal(error, parcel, owners[socket])
      garbageGiven += 1
      coordinate(.undecodable(peer, error))
    }
  }

  func arrive(_ parcel: Parcel, at socket: Int) {
    let worker = owners[socket]
    guard workers[worker].machine != nil, workers[worker].socket == socket else { return }
    let life = workers[worker].life
    do throws(MessageError) {
      for envelope in try messages(in: parcel) where life == workers[worker].life { work(worker, .received(envelope)) }
    } catch {
      noteRefusal(error, parcel, worker)
      work(worker, .undecodable(error))
    }
  }

  /// What frames say. Of damaged ones nothing is taken but the first messages of a bundle that was cut off behind them.
  private func messages(in parcel: Parcel) throws(MessageError) -> [Envelope] {
    let found = try Codec.decodeAll(parcel.frames)
    guard let original = parcel.original else { return found }
    let sent = try Codec.decodeAll(original)
    if !sent.starts(with: found) { violate("damaged frames were taken for \(found), and were \(sent)") }
    return found
  }

  private func noteRefusal(_ error: MessageError, _ parcel: Parcel, _ worker: Int) {
    coverage.refuse(error.word)
    if parcel.original == nil, workers[worker].foreignness != .wire {
      violate("what was sent is no message: \(error)")
    }
  }

  /// A person asks or orders something, over a connection on which nothing goes wrong.
  func ask(_ request: String) {
    guard coordinator != nil, let socket = owners.firstIndex(of: -1) else { return }
    let envelope = Envelope(epoch: 0, session: 0, sequence: 1, message: .control(Array(request.utf8)))
    coordinate(.received(peer(of: socket), envelope))
  }
}

extension MessageError {
  /// What kind of error it is.
  fileprivate var word: String {
    switch self {
    case .frameCount: "a wrong count of frames"
    case .frameSize: "a frame that is too large"
    case .foreign: "another protocol"
    case .version: "another protocol version"
    case .damaged: "a wrong checksum"
    case .unknownType: "an unknown type"
    case .malformed: "a malformed body"
    case .misplaced: "a misplaced message"
    }
  }
}
