// The command line of `bench simulate`.

import Coordination

/// Which histories, and what to say of them.
struct SimulateOptions {
  var seeds: Range<UInt64> = 0..<1_000
  var stages = 200
  var workers = 20
  var threads = 1
  var trace: UInt64?
  /// Errors to plant, one after the other.
  var planted: [PlantedBug] = []
  var json = false

  /// Reads what stands behind the verb.
  static func parse(_ arguments: ArraySlice<String>) -> Options.Request {
    var options = SimulateOptions()
    var rest = arguments
    var isTiny = false
    while let flag = rest.popFirst() {
      switch flag {
      case "--json": options.json = true
      case "--tiny": isTiny = true
      case "--seeds", "--stages", "--workers", "--threads", "--trace", "--planted":
        guard let value = rest.popFirst() else { return .wrong("\(flag) needs a value (see bench --help)") }
        if let line = options.set(flag, value) { return .wrong(line) }
      default: return .wrong("unknown flag \"\(flag)\" of bench simulate (see bench --help)")
      }
    }
    if isTiny { (options.seeds, options.stages, options.workers) = (0..<20, 12, 4) }
    return .simulate(options)
  }

  /// Takes the value of a flag; returns what is wrong with it, if anything.
  private mutating func set(_ flag: String, _ value: String) -> String? {
    func number(_ range: ClosedRange<Int>) -> Int? { Int(value).flatMap { range.contains($0) ? $0 : nil } }
    switch flag {
    case "--seeds":
      let ends = value.split(separator: ".", omittingEmptySubsequences: false)
      guard ends.count == 3, ends[1].isEmpty, let first = UInt64(ends[0]), let end = UInt64(ends[2]), first < end else {
        return "--seeds is A..B, with B above A"
      }
      seeds = first..<end
    case "--stages":
      guard let count = number(6...4_096) else { return "--stages is a number from 6 to 4096" }
      stages = count
    case "--workers":
      guard let count = number(1...200) else { return "--workers is a number from 1 to 200" }
      workers = count
    case "--threads":
      guard let count = number(1...64) else { return "--threads is a number from 1 to 64" }
      threads = count
    case "--trace":
      guard let seed = UInt64(value) else { return "--trace is a seed" }
      trace = seed
    default:
      planted = value == "all" ? PlantedBug.allCases : PlantedBug(rawValue: value).map { [$0] } ?? []
      guard !planted.isEmpty else {
        return "--planted is all or one of " + PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
      }
    }
    return nil
  }
}
