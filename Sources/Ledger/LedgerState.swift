// What a coordinator takes over from a ledger: flat arrays for results, since there may be a million of them.

import Canonical

/// The results of a ledger without their bytes, by stage.
public struct ResultIndex: Sendable {
  /// What stands in a result's row beside its bytes.
  public struct Entry: Equatable, Sendable {
    /// Place in the plan.
    public let stage: Int
    /// The lease's token.
    public let token: UInt64
    /// The digest of the result's bytes.
    public let digest: Digest
    /// The digest of the stage's artifact, where it has one.
    public let artifact: Digest?
    /// Size of the artifact in bytes; 0 without one.
    public let artifact_bytes: Int
    /// The machine that computed it.
    public let host: String
  }

  private var stages: [Int32] = []
  private var tokens: [UInt64] = []
  private var digests: [Digest] = []
  private var artifacts: [Int32: (digest: Digest, bytes: Int)] = [:]
  private var hosts: [UInt32] = []
  private var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  /// How many.
  public var count: Int { stages.count }

  /// One of them, in the order of the stages.
  public subscript(place: Int) -> Entry {
    let artifact = artifacts[stages[place]]
    return Entry(
      stage: Int(stages[place]), token: tokens[place], digest: digests[place], artifact: artifact?.digest,
      artifact_bytes: artifact?.bytes ?? 0, host: names[Int(hosts[place])])
  }

  /// Reads the rows whose digests fit; the others are named.
  static func read(from database: Database, damaged: inout [DamagedRow]) throws(LedgerError) -> ResultIndex {
    var index = ResultIndex()
    var others: [DamagedRow] = []
    var writer = ByteWriter()
    try database.scan(ResultRow.reading) { (row) throws(LedgerError) in
      let isRead = ResultRow.isSound(row, &writer) && index.add(row)
      if !isRead { others.append(DamagedRow(table: ResultRow.table, key: row.cell(0).text)) }
    }
    damaged += others
    return index
  }

  /// Takes a row of the columns that `ResultRow` has.
  private mutating func add(_ row: RowView) -> Bool {
    let last = hosts.last.map { names[Int($0)] } ?? ""
    // A damaged page may show a row twice.
    guard let stage = row.integer(0).flatMap(Int32.init(exactly:)), stage > stages.last ?? -1,
      let digest = row.digest(2), let artifact_bytes = row.integer(4), let host = row.text(5, known: last),
      let token = row.integer(7)
    else { return false }
    stages.append(stage)
    tokens.append(UInt64(bitPattern: Int64(token)))
    digests.append(digest)
    if let artifact = row.digest(3) { artifacts[stage] = (artifact, artifact_bytes) }
    if host != last || hosts.isEmpty, numbers[host] == nil {
      numbers[host] = UInt32(names.count)
      names.append(host)
    }
    hosts.append(host == last ? hosts.last ?? numbers[host] ?? 0 : numbers[host] ?? 0)
    return true
  }
}

/// Everything that decides how a run goes on.
public struct LedgerState: Sendable {
  /// Committed results, by stage.
  public let results: ResultIndex
  /// Leases that have a row, by token. Of a brief stage that was answered at once only the result tells.
  public let attempts: [AttemptRow]
  /// Stages that were given up, by stage.
  public let failures: [FailureRow]
  /// Results that differ from a committed one, by token.
  public let twins: [TwinRow]

  static func read(from database: Database, damaged: inout [DamagedRow]) throws(LedgerError) -> LedgerState {
    LedgerState(
      results: try ResultIndex.read(from: database, damaged: &damaged),
      attempts: try AttemptRow.read(from: database, damaged: &damaged),
      failures: try FailureRow.read(from: database, damaged: &damaged),
      twins: try TwinRow.read(from: database, damaged: &damaged))
  }
}
