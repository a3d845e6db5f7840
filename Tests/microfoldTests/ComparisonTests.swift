// The comparisons with peers: their scripts parse, refuse wrong words in one line, and run tiny where Python can.

import Clips
import Foundation
import TestSupport
import Testing

/// Goal: what is run by hand, at times, does not rot meanwhile.
@Suite("comparisons with peers") struct ComparisonTests {
  private static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private static let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"

  /// Whether the Python of these tests is there and has all of these modules.
  private static func has(_ modules: String...) -> Bool {
    let words = [python, "-c", "import " + (["sys"] + modules).joined(separator: ", ")]
    return (try? ChildProcess.run("/usr/bin/env", words))?.status == 0
  }

  private func script(_ name: String, _ words: String...) throws -> ChildResult {
    let products = ["BENCH": ChildProcess.product("bench"), "MICROFOLD": Child.product, "PYTHON": Self.python]
    return try ChildProcess.run("\(Self.checkout)/scripts/\(name)", words, environment: products)
  }

  @Test("every script parses", .enabled(if: has()))
  func parse() throws {
    let folder = Self.checkout + "/scripts/"
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { !$0.hasSuffix(".txt") }
    let isPython = { (name: String) in name.hasSuffix(".py") }
    let sources = names.filter(isPython).map { folder + $0 }
    #expect(sources.count >= 8)
    let program = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read(), name)"
    let parsed = try ChildProcess.run("/usr/bin/env", [Self.python, "-c", program] + sources)
    #expect(parsed.status == 0, "\(parsed.errors)")
    for name in names where !isPython(name) && !name.contains("__pycache__") {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder), isFolder.boolValue { continue }
      let parsed = try ChildProcess.run("/usr/bin/env", ["bash", "-n", folder + name])
      #expect(parsed.status == 0, "\(parsed.errors)")
    }
  }

  @Test(
    "a wrong word is one line and status 2, and nothing is made", .enabled(if: has()),
    arguments: [
      ["compare-peers", "--rounds", "0"], ["compare-peers", "--threads", "two"], ["compare-peers", "--peers", "mxnet"],
      ["compare-peers", "--json", "/nosuch/folder/file"], ["compare-study", "--cells", "none"],
      ["compare-schedulers", "--engines", "slurm"],
      ["compare-schedulers", "--tasks", "few"], ["compare-study", "--sets", "/nosuch"], ["compare-study", "--nosuch"],
    ])
  func mistakes(words: [String]) throws {
    let products = ["BENCH": "/nosuch", "MICROFOLD": "/nosuch", "PYTHON": Self.python]
    let result = try ChildProcess.run(
      "\(Self.checkout)/scripts/\(words[0])", Array(words.dropFirst()), environment: products)
    #expect(result.status == 2)
    #expect(result.output.isEmpty && result.errors.hasPrefix("\(words[0]): "), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test("the table of peers is printed, tiny, against numpy", .enabled(if: has("numpy", "scipy")))
  func peers() throws {
    let result = try script("compare-peers", "--tiny")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("against numpy: train "), "\(result.output)")
    #expect(result.output.contains("of the leanest peer (numpy64"), "\(result.output)")
  }

  @Test("the table of schedulers is printed, tiny, beside SQLite alone", .enabled(if: has("sqlite3")))
  func schedulers() throws {
    let result = try script("compare-schedulers", "--tiny")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\nmicrofold") && result.output.contains("\nsqlite-commit256"), "\(result.output)")
    #expect(result.output.contains("floors: wire with CURVE"), "\(result.output)")
  }

  @Test("the plain script and ours run the same grid, tiny", .enabled(if: has("torch", "numpy", "scipy")))
  func study() throws {
    let result = try script("compare-study", "--tiny")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("2 cells: settings 1 × folds 2"), "\(result.output)")
    #expect(result.output.contains("\nratio "), "\(result.output)")
  }

  @Test("the grid of Table IV shares each fold's networks and features among its 25 settings")
  func plan() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder.file("macro.set"), frames: 1)
    try Self.write(folder.file("micro.set"), frames: 3)
    let words = ["plan", Self.checkout + "/configs/table-4-small.yaml", "--json"]
    let result = try Child.run(words + ["--data", "macro=macro.set", "--data", "micro=micro.set"], in: folder)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    // 2 folds: 2 networks, 4 features files, 25 fits and a baseline each; without sharing 7 stages a cell.
    #expect(result.output.contains("\"stages\":{\"naive\":352,\"plan\":64}"), "\(result.output.suffix(400))")
  }

  /// A set of two people with a clip of each of two labels.
  private static func write(_ path: String, frames: Int) throws {
    let side = 16
    let writer = try SetWriter(path: path, layout: .folders, side: side)
    let roles: [FrameRole] = frames == 1 ? [.apex] : [.onset, .apex, .offset]
    for subject in ["S01", "S02"] {
      for label in ["anger", "fear"] {
        let content = ClipContent(
          subject: subject, label: label, name: label,
          frames: roles.enumerated().map { FrameInfo(number: $0.offset, role: $0.element) },
          flows: (1..<max(frames, 1)).map { FlowInfo(from: 0, to: $0, isReturn: false) }, apexFound: false,
          still: frames == 1)
        try writer.add(
          content, frames: [UInt8](repeating: 128, count: frames * side * side),
          flows: [Float](repeating: 1, count: (frames - 1) * 3 * side * side))
      }
    }
    _ = try writer.finish()
  }
}
