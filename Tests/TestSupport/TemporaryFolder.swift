// A folder that a test may fill and that is gone when the test ends.

import Foundation

/// A fresh, empty folder below the system's temporary folder; removed with all it holds when this value is released.
public final class TemporaryFolder: Sendable {
  /// The absolute path.
  public let path: String

  /// Makes the folder.
  public init() throws {
    let url = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("microfold-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file inside.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file inside, with the folders it needs, and returns its path.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let target = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(Array(bytes)).write(to: target)
    return target.path
  }
}
