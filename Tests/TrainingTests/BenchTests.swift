// The benchmark command as scripts see it: exact keys, exit statuses, one line for a mistake.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("bench")
struct BenchTests {
  static let verbs = ["kernels", "layers", "step", "epoch", "study", "predict", "race"]

  /// Without Python, whose import of torch takes seconds where it has one.
  private func bench(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildResult {
    let environment = environment.merging(["PYTHON": "/nosuch/python"]) { mine, _ in mine }
    return try ChildProcess.run(ChildProcess.product("bench"), arguments, environment: environment)
  }

  /// The one object that a benchmark answers.
  private func answer(_ arguments: [String], environment: [String: String] = [:]) throws -> JSON {
    let result = try bench(arguments + ["--json"], environment: environment)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 1)
    return try JSON(parsing: result.output.utf8)
  }

  @Test("step answers one object with exactly the documented keys", arguments: ["generic", nil])
  func step(numericClass: String?) throws {
    let object = try answer(
      ["step", "--tiny", "--batch", "3"] + (numericClass.map { ["--class", $0] } ?? []))
    let answer = try #require(object.object)
    let keys = [
      "batch", "floor_images_per_s", "forward_floor_images_per_s", "forward_images_per_s", "forward_of_floor",
      "forward_of_peak_floor", "gflops", "images_per_s", "l1_gflops", "l2_gflops", "nodes", "numeric_class", "of_floor",
      "of_peak_floor", "peak_gflops", "peak_rss_mib", "processor", "threads", "triad_gb_per_s",
      "uncached_forward_images_per_s", "uncached_images_per_s", "update_gb_per_s", "workload",
    ]
    #expect(answer.keys.sorted() == keys)
    for (key, value) in answer { #expect(value.number.map { $0 > 0 } ?? (value.string != nil), "\(key)") }
    #expect(answer["batch"] == 3)
    if let numericClass { #expect(answer["numeric_class"]?.string?.hasPrefix(numericClass) == true) }
  }

  @Test("the floors of a step follow from its roofs, and nothing passes the peak")
  func roofs() throws {
    let answer = try answer(["step", "--tiny"])
    func number(_ key: String) throws -> Double { try #require(answer[key]?.number, "\(key)") }
    // Two loads for every multiply-add cannot be faster than none; a fifth is left for a disturbed run.
    #expect(try number("l2_gflops") < 1.2 * number("peak_gflops"))
    #expect(try number("l1_gflops") < 1.2 * number("peak_gflops"))
    #expect(try number("of_peak_floor") < 1.2 && number("of_peak_floor") <= number("of_floor"))
    #expect(try number("forward_of_peak_floor") <= number("forward_of_floor"))
    for name in ["", "forward_"] {
      let share = try number("\(name)images_per_s") / number("\(name)floor_images_per_s")
      #expect(try abs(share - number("\(name)of_floor")) < 0.001)
      #expect(try number("\(name)floor_images_per_s") > 0)
    }
    #expect(try number("forward_floor_images_per_s") > number("floor_images_per_s"))
  }

  @Test("a larger image has more nodes")
  func side() throws {
    let answer = try answer(["step", "--tiny", "--side", "20", "--batch", "1"])
    #expect(answer["nodes"] == 400 && answer["batch"] == 1)
  }

  // Each run of predict costs seconds; it is among the objects below.
  @Test(
    "every verb runs small and says its question first, its machine and its roofs",
    arguments: verbs.filter { $0 != "predict" })
  func questions(verb: String) throws {
    let result = try bench([verb, "--tiny"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasSuffix("?") == true)
    #expect(lines.contains { $0.contains("class ") && $0.contains("thread(s)") })
    #expect(["study", "race"].contains(verb) || lines.contains { $0.hasPrefix("roofs: ") && $0.contains("triad") })
  }

  @Test("every verb answers positive numbers, with processor and class, and leaves no file", arguments: verbs)
  func objects(verb: String) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let answer = try answer([verb, "--tiny"], environment: ["TMPDIR": folder.path])
    #expect(answer["processor"]?.string?.isEmpty == false)
    #expect(answer["numeric_class"]?.string?.contains(".") == true)
    #expect(["study", "predict", "race"].contains(verb) || (answer["peak_gflops"]?.number ?? 0) > 0)
    func check(_ value: JSON, _ key: String) {
      if let number = value.number { #expect(number > 0, "\(key)") }
      for (name, value) in value.object ?? [:] { check(value, name) }
      for value in value.array ?? [] { check(value, key) }
    }
    check(answer, verb)
    if verb == "predict" {
      #expect(answer["predict_s"]?.number != nil && answer["start_s"]?.number != nil)
      #expect(answer.object?["import_torch_s"] == .null, "there was no Python")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("schedule answers exactly the documented keys, all positive, and leaves no file")
  func schedule() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let answer = try answer(["schedule", "--tiny", "--workers", "1"], environment: ["TMPDIR": folder.path])
    let keys = [
      "coordinator_cpu_us_per_stage", "coordinator_peak_rss_mib", "coordinator_rss_mib", "floor_commit1_us",
      "floor_commit256_us", "floor_plain_wire_us", "floor_wire_us", "fsync_p50_us", "fsync_p95_us",
      "idle_core_share", "idle_sessions", "ledger_bytes_per_stage", "planning_s", "processor", "restart_peak_rss_mib",
      "restart_to_first_grant_ms", "run_s", "stages", "stages_per_s", "start_to_first_grant_ms", "us_per_stage",
      "workers", "workers_cpu_us_per_stage",
    ]
    #expect(answer.object?.keys.sorted() == keys)
    for (key, value) in answer.object ?? [:] where value.string == nil {
      #expect(value.number ?? -1 > (key == "idle_core_share" ? -1 : 0), "\(key)")
    }
    #expect(answer["stages"] == 300 && answer["workers"] == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("a study's cells, stages and naive stages follow from folds and settings")
  func study() throws {
    let answer = try answer(["study", "--tiny"])
    let studies = try #require(answer["studies"]?.array)
    #expect(studies.compactMap { $0["cells"]?.integer } == [2, 10, 3, 15])
    for study in studies {
      let (folds, cells) = (study["folds"]?.integer ?? 0, study["cells"]?.integer ?? 0)
      // Two graphs: a pretraining of each in a fold, an extraction of each branch of each, a fit a cell, a baseline.
      #expect(study["stages"]?.integer == folds * (2 + 4 + 1) + cells)
      #expect(study["naive_stages"]?.integer == cells * (2 + 4 + 1) + folds)
    }
  }

  @Test("plot-cost draws both charts with what was measured beside them")
  func plots() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let result = try ChildProcess.run(
      "\(checkout)/scripts/plot-cost", ["--tiny", folder.path], environment: ["BENCH": ChildProcess.product("bench")])
    #expect(result.status == 0, "\(result.errors)")
    func text(_ name: String) throws -> String { try String(contentsOfFile: folder.file(name), encoding: .utf8) }
    #expect(try text("step-cost.svg").contains("nodes of the finest graph"))
    #expect(try text("study-cost.svg").contains("3 folds: "))
    for (name, lines, columns) in [("sides.txt", 3, 6), ("batches.txt", 8, 6), ("studies.txt", 4, 6)] {
      let rows = try text(name).split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
      #expect(rows.map(\.count) == Array(repeating: columns, count: lines), "\(name)")
      #expect(rows.joined().allSatisfy { $0 > 0 }, "\(name)")
    }
  }

  @Test("simulate answers what its histories came to, and the same again on two threads")
  func simulate() throws {
    let arguments = ["simulate", "--stages", "12", "--workers", "4", "--seeds", "100..160"]
    let (one, two) = (try answer(arguments), try answer(arguments + ["--threads", "2"]))
    #expect(one["seeds"] == 60 && one["violations"] == 0)
    #expect(try #require(one["seeds_per_minute"]?.number) > 0)
    for key in ["events", "simulated_hours", "computations", "computed_again", "faults", "refusals", "stage_cells"] {
      #expect(one[key] != nil && one[key] == two[key], "\(key)")
    }
    #expect(try #require(one["faults"]?.object).count >= 25)
  }

  @Test("simulate finds a planted error, says with how many seeds, and tells a history that breaks a rule")
  func planted() throws {
    let small = ["simulate", "--stages", "12", "--workers", "4"]
    let found = try answer(small + ["--planted", "acknowledgeBeforeDurable", "--seeds", "0..20"])
    #expect(try #require(found["planted"]?["acknowledgeBeforeDurable"]?.integer) <= 20)
    let missed = try bench(small + ["--planted", "skipTwinComparison", "--seeds", "0..1"])
    #expect(missed.status == 1 && missed.output.contains("not found"))
    let history = try bench(small + ["--planted", "acknowledgeBeforeDurable", "--trace", "0"])
    #expect(history.status == 1)
    #expect(history.output.split(separator: "\n").last?.contains("acknowledged before it is durable") == true)
    #expect(history.output.contains("grant of stage"))
  }

  @Test(
    "a mistake is one line and status 2",
    arguments: [
      ["simulate", "--seeds", "5"], ["simulate", "--seeds", "7..7"], ["simulate", "--planted", "none"],
      ["simulate", "--side", "28"],
      ["stepp"], ["step", "--thread", "2"], ["step", "--threads"], ["step", "--threads", "0"],
      ["step", "--class", "sse"], ["step", "--side", "8"], ["epoch", "--side", "28"], ["step", "--stages", "9"],
      ["schedule", "--stages", "0"], ["schedule", "--workers", "65"], ["schedule-worker"],
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
