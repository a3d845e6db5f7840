// Workers that hold nothing, and say so as often as they are told to: what a coordinator's processor time for them is.
//
//   bench schedule-idle ENDPOINT KEYS COUNT     so many sessions from one process, each with a socket of its own

import CZeroMQ
import Canonical
import Cluster
import Glibc
import Messages

/// Sessions without work.
enum ScheduleIdle {
  /// The share of one core that a coordinator with idle sessions takes.
  static func share(_ options: Options, _ keys: ScheduleKeys, _ folder: ScratchFolder) throws -> Double {
    let children = try ScheduleProcesses(folder)
    let endpoint = "tcp://127.0.0.1:\(try freePort())"
    try children.start(
      "coordinator", ["schedule-coordinator", folder.file("idle"), "1", endpoint, keys.path, "\(now_s())"])
    try children.start("idle", ["schedule-idle", endpoint, keys.path, String(options.idleSessions)])
    try children.wait(120, "the idle sessions are not all there") {
      usleep(100_000)
      return Child.lastLine(folder.file("idle.out")) == "joined"
    }
    usleep(options.tiny ? 100_000 : 4_000_000)
    let (start_s, before_s) = (now_s(), try children.cpu_s("coordinator"))
    usleep(options.tiny ? 1_000_000 : 15_000_000)
    return (try children.cpu_s("coordinator") - before_s) / (now_s() - start_s)
  }

  /// Joins, and beats until the process is killed.
  static func run(_ endpoint: String, _ keys: String, count: Int) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let context = zmq_ctx_new()
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, Int32(count + 8))
    var sessions = try (0..<count).map { try IdleSession(context, endpoint, keys, number: $0) }
    var joined = 0
    while true {
      for place in sessions.indices {
        let isNew = sessions[place].session == 0
        sessions[place].turn()
        if isNew, sessions[place].session != 0 { joined += 1 }
      }
      if joined == count {
        Lines.toStandardOutput("joined")
        joined += 1
      }
      usleep(50_000)
    }
  }
}

/// One of them.
private struct IdleSession {
  let socket: UnsafeMutableRawPointer
  var session: UInt64 = 0
  private let number: Int
  private var epoch: UInt32 = 0
  private var sequence: UInt64 = 0
  private var next_s: Double
  private var beat_s = 3.0
  private var tokens: [UInt64] = []

  init(_ context: UnsafeMutableRawPointer?, _ endpoint: String, _ keys: String, number: Int) throws {
    guard let socket = zmq_socket(context, ZMQ_DEALER) else { throw ChildError(line: "no more sockets") }
    self.socket = socket
    self.number = number
    // A few at a time, so that the first handshakes are over before the last begin.
    next_s = now_s() + Double(number) * 0.001
    for (option, name) in [
      (ZMQ_CURVE_SERVERKEY, "coordinator.public"), (ZMQ_CURVE_PUBLICKEY, "worker.public"),
      (ZMQ_CURVE_SECRETKEY, "worker.secret"),
    ] where keys != "-" {
      let text = Child.lastLine("\(keys)/\(name)")
      zmq_setsockopt(socket, option, text, 41)
    }
    guard zmq_connect(socket, endpoint) == 0 else { throw ChildError(line: "no connection to \(endpoint)") }
  }

  /// Takes what came, and sends what is due.
  mutating func turn() {
    var frames: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: 70_000)
    while case let count = zmq_recv(socket, &buffer, buffer.count, ZMQ_DONTWAIT), count >= 0 {
      frames.append(Array(buffer.prefix(Int(count))))
      var more: Int32 = 0
      var size = MemoryLayout<Int32>.size
      zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size)
      if more == 0 {
        take((try? Codec.decodeAll(frames)) ?? [])
        frames = []
      }
    }
    guard now_s() >= next_s else { return }
    next_s = now_s() + beat_s
    sequence += 1
    let held = tokens.map { LeaseProgress(token: $0, epoch: 1, epochs: 9, loss: 0, isFinished: false) }
    let hello = Hello(
      buildVersion: BuildVersion.current, numericClass: ScheduleChild.numericClass, probe: ScheduleChild.probe,
      sets: [], host: "idle", process: UInt32(getpid()), instance: UInt64(number + 1), slots: 1, held: [])
    let message: Message = session == 0 ? .hello(hello) : .beat(Beat(leases: held, freeSlots: 1))
    let envelope = Envelope(epoch: epoch, session: session, sequence: sequence, message: message)
    for (place, frame) in Codec.encode(envelope).enumerated() {
      zmq_send(socket, frame, frame.count, ZMQ_DONTWAIT | (place == 0 ? ZMQ_SNDMORE : 0))
    }
  }

  private mutating func take(_ envelopes: [Envelope]) {
    for envelope in envelopes {
      if case .welcome(let welcome) = envelope.message {
        (epoch, session) = (envelope.epoch, envelope.session)
        // The first beats are spread over the time between two, as those of real workers are.
        beat_s = Double(welcome.beat_ms) / 1000
        next_s = now_s() + beat_s * Double(number % 100) / 100
      }
      if case .grant(let grant) = envelope.message { tokens.append(grant.token) }
    }
  }
}
