// What happens as time goes on, and what does not because the time was lost by ourselves.

extension CoordinatorMachine {
  mutating func tick() {
    expireSessions()
    dropDeparted()
    askForPieces()
    if let end_ms = reservedUntil_ms, now_ms >= end_ms {
      reservedUntil_ms = nil
      let open = reservations.keys.sorted()
      reservations = [:]
      for stage in open where states[stage] == .reserved { reopen(stage) }
    }
    cloneStragglers()
  }

  /// Ticks come more often: whoever has little time does not lose any by a longer gap.
  private static let stall_ms = 300

  /// Time that passed while nothing was handled was ours, so no worker is blamed for it.
  mutating func creditPause(_ time_ms: Int) {
    let gap_ms = time_ms - now_ms
    guard phase != .new, gap_ms > Self.stall_ms, plantedBug != .forgetPauseCredit else { return }
    departed = departed.mapValues { $0 + gap_ms }
    guard gap_ms > configuration.pause_ms else { return }
    stoodUntil_ms = time_ms
    for id in sessionIDs { sessions[id]?.heard_ms += gap_ms }
    for token in leases.keys {
      leases[token]?.began_ms += gap_ms
      leases[token]?.advanced_ms += gap_ms
    }
    if let end_ms = reservedUntil_ms { reservedUntil_ms = end_ms + gap_ms }
    actions.append(log("stood still for \(gap_ms) ms; every lease was extended by that"))
  }
}
