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
    if !workersMayReturn { try Self.endLeases(ledger) }
    let contents = try ledger.reader.contents(events: 0)
    let epoch = try ledger.nextEpoch()
    recovery = Recovery(epoch: UInt32(epoch), tokens: try ledger.reserveTokens())
    lines = ledger.damaged.map(\.description)
    attempts = [:]
    var lost = 0
    for row in contents.results where graph.digests.indices.contains(row.stage) {
      if let digest = row.artifact, !Self.isSound(digest, artifacts) {
        lost += 1
        earlier[row.stage] = row
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
    recovery.conflicts = contents.twins.count
    readContests(contents, graph)
    readCheckpoints(contents, graph, artifacts)
    readAttempts(contents, graph)
  }

  /// Twins that nothing has decided about, and what was decided of the others.
  private mutating func readContests(_ contents: LedgerContents, _ graph: StageGraph) {
    for (key, value) in contents.meta.sorted(by: { $0.key < $1.key }) {
      let words = value.split(separator: " ")
      guard let stage = RunMeta.stage(ofDecision: key), (0..<graph.count).contains(stage), words.count == 2,
        let decision = Decision(rawValue: String(words[0])), let fence = UInt64(words[1])
      else { continue }
      recovery.decisions.append((stage, decision, fence))
    }
    let decided = Set(recovery.decisions.map(\.stage))
    for row in contents.twins where !decided.contains(row.stage) && (0..<graph.count).contains(row.stage) {
      recovery.twins.append(
        RecoveredTwin(
          stage: row.stage, token: row.token, result: Digest(of: row.bytes), artifact: row.artifact, host: row.host))
    }
  }

  /// Epoch checkpoints that are there and whole; one that is not costs time and no bit.
  private mutating func readCheckpoints(_ contents: LedgerContents, _ graph: StageGraph, _ artifacts: ArtifactStore) {
    for (key, value) in contents.meta.sorted(by: { $0.key < $1.key }) {
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
  private static func endLeases(_ ledger: LedgerWriter) throws(LedgerError) {
    let time_s = Clock.wall_s
    try ledger.append(
      try ledger.reader.contents(events: 0).attempts.filter { $0.state == .granted }.map { row in
        var ended = row
        ended.state = .cancelled
        ended.text = "the run was ended while it was computed"
        ended.ended_s = time_s
        return .attempt(ended)
      })
  }

  private mutating func readAttempts(_ contents: LedgerContents, _ graph: StageGraph) {
    let committed = Set(recovery.committed.map(\.stage))
    let reasons = Dictionary(contents.failures.map { ($0.stage, $0.text) }) { first, _ in first }
    for (stage, rows) in Dictionary(grouping: contents.attempts, by: \.stage).sorted(by: { $0.key < $1.key }) {
      guard graph.digests.indices.contains(stage) else { continue }
      for row in rows where [.granted, .lost, .expired].contains(row.state) { attempts[row.token] = row }
      guard !committed.contains(stage) || reasons[stage] != nil else { continue }
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
