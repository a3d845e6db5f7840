// Runs SQL on a file past the ledger, as a stranger or a failing disk would change it.

import Ledger

/// Runs statements on a file by a connection of its own.
func execute(_ sql: String, _ path: String) throws {
  try Database(path: path, .write).execute(sql)
}
