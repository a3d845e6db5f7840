// Runs a product of this package as a separate process: tests of bits, of exit statuses and of lines need one.

import Foundation

/// What a finished child process left.
public struct ChildResult: Sendable {
  /// The exit status, or minus the signal that ended it.
  public let status: Int32
  /// All of its standard output.
  public let output: String
  /// All of its standard error.
  public let errors: String
}

/// Starting the products that were built beside the tests.
public enum ChildProcess {
  /// The path of a product (`microfold`, `bench`) in the build folder of the running tests.
  public static func product(_ name: String) -> String {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent(name).path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    if let bundle = Bundle.allBundles.map(\.bundleURL).first(where: { $0.pathExtension == "xctest" }) {
      return bundle.deletingLastPathComponent().appendingPathComponent(name).path
    }
    preconditionFailure("no product \(name) beside the tests")
  }

  /// Runs a command to its end.
  public static func run(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil
  ) throws -> ChildResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = TemporaryFile()
    let errors = TemporaryFile()
    process.standardOutput = output.handle
    process.standardError = errors.handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return ChildResult(status: status, output: output.contents, errors: errors.contents)
  }
}

/// A file for a child's output, so that a full pipe can never block it.
private final class TemporaryFile {
  let path = NSTemporaryDirectory() + "/microfold-output-\(UUID().uuidString)"
  let handle: FileHandle

  init() {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    handle = FileHandle(forWritingAtPath: path) ?? .nullDevice
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var contents: String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
}
