// Every way a process of a run may end, as one number; every error of this module says its own.

import Ledger

/// An error that ends the command: its `description` is the one line to print.
public protocol ExitError: Error, CustomStringConvertible {
  /// The exit status that this error means.
  var exitStatus: Int32 { get }
}

/// The exit statuses of the command.
public enum ExitStatus {
  /// All stages are committed and no twins differ.
  public static let done: Int32 = 0
  /// Finished, but stages failed.
  public static let failedStages: Int32 = 1
  /// The command or its input is wrong.
  public static let usage: Int32 = 2
  /// Finished, but two results of one stage differ.
  public static let twins: Int32 = 3
  /// The same command may succeed later.
  public static let later: Int32 = 75
  /// The coordinator refused this worker.
  public static let refused: Int32 = 78
  /// Ended by a signal from the user.
  public static let interrupted: Int32 = 130
}

extension LedgerError: ExitError {}
