// Errors that the simulator plants in the coordinator to show that its rules would find them. Nothing else plants any.

/// An error on purpose.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// Results are acknowledged when they are handed to the ledger.
  case acknowledgeBeforeDurable
  /// A stage that is granted again gets the token that was given last.
  case reuseToken
  /// Provenance is not looked at.
  case skipLeakCheck
  /// A failure under a lease that was taken back ends the lease of whoever has the stage now.
  case noFence
  /// When a worker is lost, every stage that it held counts a loss.
  case blameEveryone
  /// Time in which the coordinator stood still counts as silence of the workers.
  case forgetPauseCredit
  /// A stage with one open input is granted.
  case grantBeforeInputs
  /// A worker that says goodbye keeps its leases.
  case keepLeaseAtGoodbye
  /// A second result verifies the first one, whatever its bytes.
  case skipTwinComparison
  /// After a restart no stage waits for the worker that computes it.
  case forgetReservations
  /// Whose connection has ended is dropped though it greeted over another.
  case forgetReturn
  /// A result is taken although its lease is older than the right result of its input.
  case forgetInputFence
}
