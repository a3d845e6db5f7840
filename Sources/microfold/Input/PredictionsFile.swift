// Files of predictions: from a path, or a pipe of another program, to checked rows.

import Foundation
import Reports

/// Reads a file of predictions.
enum PredictionsFile {
  /// The rows of a file.
  /// - Throws: `Failure` where it cannot be read, `PredictionsError` with the line where it is not as it must be.
  static func read(_ path: String) throws -> PredictionsTable {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw Failure("\(path) cannot be read: \(reason())") }
    guard facts.st_mode & S_IFMT != S_IFDIR else { throw Failure("\(path) is a folder; name a file of predictions") }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw Failure("\(path) cannot be read: \(reason())")
    }
    defer { try? file.close() }
    let limit = PredictionsTable.byteLimit
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      guard let part = try file.read(upToCount: 1 << 20), !part.isEmpty else {
        return try PredictionsTable(parsing: bytes, path: path)
      }
      bytes += part
    }
    throw Failure("\(path): more than \(limit >> 20) MiB; a file of predictions has one line per clip")
  }

  private static func reason() -> String {
    errno == ENOENT ? "there is no such file" : String(cString: strerror(errno)).lowercased()
  }
}
