// What a restarted coordinator takes over: the ledger's rows as the machine wants them.

import Canonical
import Coordination
import Ledger
import Messages

/// What was found in a run directory.
struct Resumption {
  /// For the machine.
  var recovery: Recovery
  /// Lines for the log: rows and artifacts that are damaged or gone.
  var lines: [String]
  /// Leases that may still be answered, by token.
  var attempts: [UInt64: AttemptRow]
  /// Results whose artifacts are gone, by stage: what is computed again must be the same.
  var earlier: [Int: ResultRow] = [:]

  /// Reads a ledger, takes an epoch and tokens, and checks the bytes of all artifacts.
  /// - Parameter workersMayReturn: whether who holds a lease of an earlier coordinator may still answer.
  init(
    ledger: LedgerWriter, artifacts: ArtifactStore, graph: StageGraph, workersMayReturn: Bool
  ) throws(LedgerError) {
    var state = try ledger.takeState()
    if !workersMayReturn, try Self.endLeases(state, ledger) { state = try ledger.takeState() }
    let settings = try ledger.reader.settings()
    let epoch = try ledger.nextEpoch()
    recovery = Recovery(epoch: UInt32(epoch), tokens: try ledger.reserveTokens())
    KillPoint.pass(.tokensReserved)
    lines = ledger.damaged.map(\.description)
    attempts = [:]
    var lost = 0
    for place in 0..<state.results.count {
      let row = state.results[place]
      guard graph.digests.indices.contains(row.stage) else { continue }
      if let digest = row.artifact, !Self.isSound(digest, artifacts) {
        lost += 1
        earlier[row.stage] = try ledger.reader.result(of: row.stage)
        continue
      }
      let artifact = row.artifact.map { ArtifactName(digest: $0, size: row.artifact_bytes) }
      recovery.committed.append(
        CommittedStage(
          stage: row.stage, token: row.token, result: row.digest, artifact: artifact, host: row.host))
    }
    if lost > 0 {
      let (noun, verb) = lost == 1 ? ("artifact", "is") : ("artifacts", "are")
      lines.append("\(lost) \(noun) \(verb) damaged or missing and \(verb) computed again")
    }
    recovery.conflicts = state.twins.count
    readContests(settings, state.twins, graph)
    readCheckpoints(settings, graph, artifacts)
    readAttempts(state, graph)
  }

  /// Twins, and what was decided about stages that have some.
  private mutating func readContests(_ settings: [String: String], _ twins: [TwinRow], _ graph: StageGraph) {
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      let words = value.split(separator: " ")
      guard let stage = RunMeta.stage(ofDecision: key), (0..<graph.count).contains(stage), words.count == 2,
        let decision = Decision(rawValue: String(words[0])), let fence = UInt64(words[1])
      else { continue }
      recovery.decisions.append((stage, decision, fence))
    }
    for row in twins where (0..<graph.count).contains(row.stage) {
      recovery.twins.append(
        RecoveredTwin(
          stage: row.stage, token: row.token, result: Digest(of: row.bytes), artifact: row.artifact, host: row.host))
    }
  }

  /// Epoch checkpoints that are there and whole; one that is not costs time and no bit.
  private mutating func readCheckpoints(
    _ settings: [String: String], _ graph: StageGraph, _ artifacts: ArtifactStore
  ) {
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      let words = value.split(separator: " ")
      guard let stage = RunMeta.stage(ofCheckpoint: key), (0..<graph.count).contains(stage), words.count == 3,
        let epoch = Int(words[0]), let digest = Digest(hex: String(words[1])), let size = Int(words[2]),
        Self.isSound(digest, artifacts)
      else { continue }
      recovery.checkpoints.append((stage, epoch, ArtifactName(digest: digest, size: size)))
    }
  }

  /// Whether an artifact is whole; what is damaged is removed, so that it can be stored again.
  private static func isSound(_ digest: Digest, _ artifacts: ArtifactStore) -> Bool {
    do throws(ArtifactError) {
      try artifacts.verify(digest)
      return true
    } catch { return false }
  }

  /// Leases of an earlier coordinator whose workers are gone: nobody's fault.
  /// - Returns: whether there were such.
  private static func endLeases(_ state: LedgerState, _ ledger: LedgerWriter) throws(LedgerError) -> Bool {
    let time_s = Clock.wall_s
    let open = state.attempts.filter { $0.state == .granted }
    try ledger.append(
      open.map { row in
        var ended = row
        ended.state = .cancelled
        ended.text = "the run was ended while it was computed"
        ended.ended_s = time_s
        return .attempt(ended)
      })
    return !open.isEmpty
  }

  private mutating func readAttempts(_ state: LedgerState, _ graph: StageGraph) {
    var committed = [Bool](repeating: false, count: graph.count)
    for result in recovery.committed { committed[result.stage] = true }
    let reasons = Dictionary(state.failures.map { ($0.stage, $0.text) }) { first, _ in first }
    for (stage, rows) in Dictionary(grouping: state.attempts, by: \.stage).sorted(by: { $0.key < $1.key }) {
      guard graph.digests.indices.contains(stage) else { continue }
      for row in rows where [.granted, .lost, .expired].contains(row.state) { attempts[row.token] = row }
      guard !committed[stage] || reasons[stage] != nil else { continue }
      let failures = rows.count { $0.state == .failed }
      let losses = rows.count { $0.state == .lost || $0.state == .expired }
      if failures + losses > 0 || reasons[stage] != nil {
        recovery.histories.append(
          StageHistory(
            stage: stage, failures: failures, losses: losses, givenUp: reasons[stage],
            hosts: Set(rows.filter { $0.state == .failed }.map(\.host)).sorted()))
      }
      if let last = rows.last, last.state == .granted { recovery.granted.append((stage, last.token)) }
    }
  }
}
