// The benchmark command as scripts see it: exact keys, exit statuses, one line for a mistake.

import Canonical
import TestSupport
import Testing

@Suite("bench")
struct BenchTests {
  private func bench(_ arguments: String...) throws -> ChildResult {
    try ChildProcess.run(ChildProcess.product("bench"), arguments)
  }

  @Test("step answers one object with exactly the documented keys", arguments: ["generic", nil])
  func step(numericClass: String?) throws {
    let result = try ChildProcess.run(
      ChildProcess.product("bench"),
      ["step", "--tiny", "--json", "--batch", "3"] + (numericClass.map { ["--class", $0] } ?? []))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 1)
    let answer = try #require(JSON(parsing: result.output.utf8).object)
    let keys = [
      "batch", "floor_images_per_s", "forward_images_per_s", "images_per_s", "numeric_class", "peak_rss_mib",
      "processor",
      "threads", "workload",
    ]
    #expect(answer.keys.sorted() == keys)
    for key in keys where key.hasSuffix("_s") { #expect((answer[key]?.number ?? 0) > 0, "\(key)") }
    #expect(answer["batch"] == 3)
    if let numericClass { #expect(answer["numeric_class"]?.string?.hasPrefix(numericClass) == true) }
  }

  @Test("every verb runs small and says its question first", arguments: ["kernels", "layers", "epoch", "step"])
  func verbs(verb: String) throws {
    let result = try bench(verb, "--tiny")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.split(separator: "\n").first?.hasSuffix("?") == true)
  }

  @Test(
    "a mistake is one line and status 2",
    arguments: [
      ["stepp"], ["step", "--thread", "2"], ["step", "--threads"], ["step", "--threads", "0"],
      ["step", "--class", "sse"],
    ])
  func mistakes(arguments: [String]) throws {
    let result = try ChildProcess.run(ChildProcess.product("bench"), arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test("help goes to standard output", arguments: [["--help"], ["step", "--help"]])
  func help(arguments: [String]) throws {
    let result = try ChildProcess.run(ChildProcess.product("bench"), arguments)
    #expect(result.status == 0 && result.output.contains("usage: bench") && result.errors.isEmpty)
  }
}
