// What a coordinator cannot pass on this machine: the wire alone, SQLite alone, and the disk.

import CSQLite
import Canonical
import Cluster
import Coordination
import Glibc

/// The floors of a schedule, in microseconds.
struct ScheduleFloors {
  /// A message to a worker process and one back, many under way, encrypted and in the clear.
  let wire_us: Double
  let plainWire_us: Double
  /// A row of 300 bytes, committed durably with 255 others, and alone.
  let grouped_us: Double
  let alone_us: Double
  /// `fdatasync` after 4 KiB, median and 95 of 100.
  let sync_us: Double
  let slowSync_us: Double

  var json: JSON {
    [
      "floor_wire_us": rounded(wire_us), "floor_plain_wire_us": rounded(plainWire_us),
      "floor_commit256_us": rounded(grouped_us),
      "floor_commit1_us": rounded(alone_us), "fsync_p50_us": rounded(sync_us), "fsync_p95_us": rounded(slowSync_us),
    ]
  }

  var text: String {
    """
    floors: wire \(digits(wire_us)) us, in the clear \(digits(plainWire_us)) us; SQLite commit \
    \(digits(grouped_us, 2)) us by 256, \(digits(alone_us)) us one by one
    fdatasync: \(digits(sync_us, 0)) us, p95 \(digits(slowSync_us, 0)) us
    """
  }

  /// Measures them.
  /// - Parameter folder: on the disk that the ledger lies on.
  static func measured(_ options: Options, _ keys: ScheduleKeys, in folder: ScratchFolder) throws -> ScheduleFloors {
    let syncs = try syncTimes(folder, count: options.tiny ? 20 : 200)
    return ScheduleFloors(
      wire_us: try wire(options, folder, keys.path), plainWire_us: try wire(options, folder, "-"),
      grouped_us: try commits(folder, "grouped.db", rows: options.tiny ? 512 : 51_200, group: 256),
      alone_us: try commits(folder, "alone.db", rows: options.tiny ? 20 : 500, group: 1),
      sync_us: syncs[syncs.count / 2], slowSync_us: syncs[syncs.count * 95 / 100])
  }

  private static func syncTimes(_ folder: ScratchFolder, count: Int) throws -> [Double] {
    let file = open(folder.file("sync"), O_CREAT | O_WRONLY | O_APPEND, 0o600)
    guard file >= 0 else { throw ScratchError(path: folder.file("sync"), action: "write", code: errno) }
    defer { close(file) }
    let block = [UInt8](repeating: 120, count: 4096)
    return (0..<count).map { _ in
      _ = write(file, block, block.count)
      let start_s = now_s()
      fdatasync(file)
      return (now_s() - start_s) * 1e6
    }.sorted()
  }

  /// Messages of a header and 150 bytes to echoing processes, 64 under way for each.
  private static func wire(_ options: Options, _ folder: ScratchFolder, _ keys: String) throws -> Double {
    let messages = options.tiny ? 500 : 40_000
    let endpoint = "tcp://127.0.0.1:\(try freePort())"
    let router = try RouterSocket(
      bind: try Endpoint(endpoint), keys: keys == "-" ? nil : try KeyFolder(keys).server())
    let children = try ScheduleProcesses(folder)
    defer { withExtendedLifetime(children) {} }
    for worker in 0..<options.workers { try children.start("echo-\(worker)", ["schedule-echo", endpoint, keys]) }
    var peers: [Peer] = []
    try children.wait(60, "the echoing processes do not connect") {
      router.wait(timeout_ms: 50)
      while let arrival = router.receive() { peers.append(arrival.peer) }
      return peers.count == options.workers
    }
    let frames = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 150)]
    var sent = 0
    var back = 0
    let start_s = now_s()
    for peer in peers {
      for _ in 0..<64 where sent < messages {
        router.send(frames, to: peer, isBulk: false)
        sent += 1
      }
    }
    while back < messages {
      guard let peer = router.receive()?.peer else {
        router.flush()
        router.wait(timeout_ms: 50)
        continue
      }
      back += 1
      if sent < messages {
        router.send(frames, to: peer, isBulk: false)
        sent += 1
      }
    }
    let elapsed_s = now_s() - start_s
    for peer in peers { router.send([[0]], to: peer, isBulk: false) }
    usleep(50_000)
    return elapsed_s / Double(messages) * 1e6
  }

  private static func commits(_ folder: ScratchFolder, _ name: String, rows: Int, group: Int) throws -> Double {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    func run(_ sql: String) throws {
      guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
        throw ChildError(line: "SQLite fails: \(sql)")
      }
    }
    guard sqlite3_open(folder.file(name), &handle) == SQLITE_OK else { throw ChildError(line: "SQLite does not open") }
    try run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE r(id INTEGER PRIMARY KEY, body BLOB)")
    var statement: OpaquePointer?
    sqlite3_prepare_v2(handle, "INSERT INTO r VALUES(?,?)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    var random = SystemRandomNumberGenerator()
    let body = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
    let start_s = now_s()
    for first in stride(from: 0, to: rows, by: group) {
      try run("BEGIN IMMEDIATE")
      for row in first..<min(first + group, rows) {
        sqlite3_bind_int64(statement, 1, Int64(row))
        _ = microfold_sqlite_bind_blob(statement, 2, body, Int32(body.count))
        guard sqlite3_step(statement) == SQLITE_DONE else { throw ChildError(line: "SQLite does not insert") }
        sqlite3_reset(statement)
      }
      try run("COMMIT")
    }
    return (now_s() - start_s) / Double(rows) * 1e6
  }
}

/// A port of the loopback that nobody uses now.
func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
    }
  }
  guard isBound else { throw ChildError(line: "no free port on the loopback") }
  return UInt16(bigEndian: address.sin_port)
}
