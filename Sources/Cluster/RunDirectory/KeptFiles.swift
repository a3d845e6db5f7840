// Files that a run keeps beside its report, for other programs.

/// Writes files of a run directory.
public enum KeptFiles {
  /// Writes a whole file, durably, and makes the folders that it needs.
  /// - Throws: `FileError`: full, read-only, no right.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try Files.makeFolder(Files.folder(of: path))
    try Files.write(bytes, to: path)
  }
}
