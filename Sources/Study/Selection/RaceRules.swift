// The rules of a race between configurations: at how many tested subjects it is looked at, and how sure a look must be.

/// The section `race` of a protocol.
public struct RaceRules: Sendable, Equatable {
  /// The chance, in one test, that a given one of equal configurations is dropped, so at most that the best is. There
  /// is a test at every rung, and one more after each drop: over a whole race the chance is larger, and `bench race`
  /// says how large it turns out.
  public var level = 0.05
  /// The numbers of tested subjects at which there is a rung, ascending; nil: 5, then half as many more each time.
  public var subjects: [Int]?

  /// The default rules.
  public init(level: Double = 0.05, subjects: [Int]? = nil) {
    self.level = level
    self.subjects = subjects
  }

  /// Reads the section; `true` stands for the default rules, `false` for no race.
  init?(reading key: String, of reader: inout NodeReader) throws(StudyError) {
    guard let node = reader.node(key) else { return nil }
    switch node {
    case .scalar("true", quoted: false, _): return
    case .scalar("false", quoted: false, _): return nil
    case .mapping: break
    case .scalar, .sequence: throw reader.error(key, "true, or { level: 0.05, subjects: [5, 8, 12] } was expected")
    }
    var section = try NodeReader(node, file: reader.file, path: reader.full(key))
    level = try section.number("level", or: level, in: 1e-3...0.5)
    if let nodes = try section.elements("subjects") {
      var numbers: [Int] = []
      for node in nodes {
        let number = try section.whole(node, "subjects", in: 2...1_000_000)
        guard number > numbers.last ?? 0 else { throw section.error("subjects", "ascending numbers were expected") }
        numbers.append(number)
      }
      subjects = numbers
    }
    try section.finish()
  }

  /// The rungs of a race as numbers of folds, ascending, the last of them all folds: for each number of subjects the
  /// fewest folds that test so many.
  /// - Parameter folds: the subjects that each fold tests, in canonical order.
  public func rungs(of folds: [[String]]) -> [Int] {
    var seen: Set<String> = []
    var rungs: [Int] = []
    var wanted = subjects?[...] ?? []
    var next = subjects.map { $0.first ?? 0 } ?? 5
    for (place, tested) in folds.enumerated() {
      seen.formUnion(tested)
      guard seen.count >= next else { continue }
      rungs.append(place + 1)
      while next <= seen.count {
        if subjects == nil {
          next += (next + 1) / 2
        } else {
          wanted = wanted.dropFirst()
          next = wanted.first ?? .max
        }
      }
    }
    if rungs.last != folds.count { rungs.append(folds.count) }
    return rungs
  }

  /// What the rules ask, for the study's digest.
  var digestWords: [String] {
    let rungs = subjects.map { " subjects " + $0.map(String.init).joined(separator: " ") } ?? ""
    return ["race level \(level)" + rungs]
  }
}
