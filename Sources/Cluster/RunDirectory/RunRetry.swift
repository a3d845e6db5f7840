// Stages that were given up, allowed to be tried again, while no coordinator runs.

import Ledger

/// `retry` on a run directory.
public enum RunRetry {
  /// Forgets what went wrong with stages that were given up.
  /// - Parameters:
  ///   - path: the run directory.
  ///   - stages: which; nil: all.
  /// - Returns: the stages that will be tried again, ascending.
  /// - Throws: `LedgerError`: missing, or held by a coordinator, which is to be asked instead.
  public static func retry(at path: String, stages: [Int]? = nil) throws(LedgerError) -> [Int] {
    let paths = RunPaths(root: path)
    guard Files.size(paths.ledger) != nil else { throw .missing(path: paths.ledger) }
    let ledger = try LedgerWriter(path: paths.ledger, lock: DirectoryLock(path: paths.root))
    let failed = try ledger.takeState().failures.map(\.stage)
    let again = failed.filter { stages?.contains($0) ?? true }
    try ledger.append(again.map { .retry(stage: $0) })
    return again
  }
}
