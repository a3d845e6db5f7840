// A study: what a user writes, checked, with its grid multiplied out to configurations.

import Canonical

/// Which numeric class the study's bits belong to, by name without revision.
public enum NumericClassName: String, CaseIterable, Sendable { case generic, avx2, avx512 }

/// One point of the grid.
public struct Configuration: Sendable, Equatable {
  /// `default`, or the grid's values as `key=value, key=value`.
  public let name: String
  /// All parameters.
  public let values: Parameters
}

/// A checked study.
public struct Study: Sendable, Equatable {
  /// The file as the user named it, for errors.
  public let file: String
  /// The study's name.
  public let name: String
  /// The numeric class.
  public let numericClass: NumericClassName
  /// The target set: the name under which `--data` gives it, or the names of its parts joined by `+`.
  public let target: String
  /// The names of the prepared sets that the target is made of; one where it is a set by itself.
  public let targetParts: [String]
  /// The name under which `--data` gives the source set; nil where there is none.
  public let source: String?
  /// The name under which `--data` gives a pretrained network in place of a source set; nil where there is none.
  public let pretrained: String?
  /// Whether the study does without its source set where no file is given for it: configurations that transfer are
  /// then left out.
  public let isSourceOptional: Bool
  /// How clips are split, and how a configuration is chosen.
  public let split: SplitProtocol
  /// The labels that are used; nil: all of the target set.
  public let labels: [String]?
  /// What of the paper the study stands for.
  public let paper: PaperReference
  /// λ of the ridge baselines.
  public let ridgeLambda: Double
  /// The configurations in the order of the grid.
  public let configurations: [Configuration]
  /// The seeds; with graph seeds the numbers of the repetitions.
  public let seeds: [Int]
  /// What is added to the graphs' seeds, for error bars over draws; nil where nothing is.
  public let graphSeeds: [Int]?

  /// Reads a study file.
  /// - Throws: `StudyError` naming file, line, key and what would be right.
  public init(reading root: StudyNode, file: String) throws(StudyError) {
    var top = try NodeReader(root, file: file, path: "")
    self.file = file
    _ = try top.whole("version", in: 1...1)
    name = try top.text("name")
    numericClass = try top.word("numeric_class", or: NumericClassName.avx2)
    var data = try top.section("data")
    targetParts = try Self.parts(&data)
    target = targetParts.joined(separator: "+")
    source = data.node("source") == nil ? nil : try data.text("source")
    pretrained = data.node("pretrained") == nil ? nil : try data.text("pretrained")
    guard pretrained == nil || source == nil else {
      throw data.error("pretrained", "a pretrained file stands for a source set; give one of both")
    }
    isSourceOptional = try data.truth("source_optional", or: false)
    guard source != nil || !isSourceOptional else { throw data.error("source_optional", "there is no source") }
    try data.finish()
    guard !targetParts.contains(source ?? "") else {
      throw data.error("source", "source and target must be different sets")
    }
    var rules = try top.section("protocol")
    split = try SplitProtocol(reading: &rules)
    labels = try Self.labels(&rules)
    try rules.finish()
    guard split.kind != .leaveOneSetOut || targetParts.count > 1 else {
      throw rules.error("kind", "leave-one-set-out needs a target of several sets: data.target: [one, two]")
    }
    paper = try PaperReference(reading: &top)
    var baselines = try top.section("baselines")
    ridgeLambda = try baselines.number("ridge_lambda", or: 1, in: 1e-6...1e6)
    try baselines.finish()
    let seeds = try Self.seeds(&top)
    let grid = try Grid(reading: &top)
    configurations = try grid.configurations(of: root, file: file)
    graphSeeds = try Self.graphSeeds(&top, seeds: seeds, configurations: configurations)
    self.seeds = Self.repetitions(seeds: seeds, graphSeeds: graphSeeds)
    guard split.selection == .none || configurations.count > 1 else {
      throw rules.error(
        "selection", "there is one configuration, so nothing to choose; give a grid, or selection: none")
    }
    // Parameters are read and checked in each configuration, where the grid has said its word.
    top.know(Grid.swept)
    try top.finish()
    guard source != nil || pretrained != nil || configurations.allSatisfy({ $0.values.transfer == .scratch }) else {
      throw data.error("source", "a source set is required unless transfer: scratch")
    }
  }

  /// One set, or a list of sets that are taken as one, their subjects prefixed by `set/`.
  private static func parts(_ data: inout NodeReader) throws(StudyError) -> [String] {
    guard case .sequence(let nodes, _)? = data.node("target") else { return [try data.text("target")] }
    var parts: [String] = []
    for node in nodes {
      guard case .scalar(let name, _, _) = node, !name.isEmpty, !parts.contains(name) else {
        throw data.error("target", "a list of different set names was expected")
      }
      parts.append(name)
    }
    guard parts.count >= 2 else { throw data.error("target", "a list of at least two sets, or one name") }
    return parts.sorted()
  }

  private static func labels(_ reader: inout NodeReader) throws(StudyError) -> [String]? {
    guard let nodes = try reader.elements("labels") else { return nil }
    var labels: [String] = []
    for node in nodes {
      guard case .scalar(let label, _, _) = node, !labels.contains(label) else {
        throw reader.error("labels", "a list of different label names was expected")
      }
      labels.append(label)
    }
    guard labels.count >= 2 else { throw reader.error("labels", "at least two labels") }
    return labels.sorted()
  }

  private static func seeds(_ reader: inout NodeReader) throws(StudyError) -> [Int] {
    guard let nodes = try reader.elements("seeds") else {
      throw reader.missing("seeds", "this key is required: a list of seeds")
    }
    var seeds: [Int] = []
    for node in nodes { seeds.append(try reader.whole(node, "seeds", in: 0...Int(Int32.max))) }
    guard Set(seeds).count == seeds.count else { throw reader.error("seeds", "each seed once") }
    return seeds.sorted()
  }

  /// The same study with other seeds.
  public func with(seeds: [Int]) -> Study { Study(self, seeds: seeds.sorted()) }

  /// The same study without its optional source set, and without what would transfer from it.
  var withoutSource: Study {
    Study(
      self, seeds: seeds, configurations: configurations.filter { $0.values.transfer == .scratch }, hasSource: false)
  }

  private init(_ other: Study, seeds: [Int], configurations: [Configuration]? = nil, hasSource: Bool = true) {
    file = other.file
    name = other.name
    numericClass = other.numericClass
    target = other.target
    targetParts = other.targetParts
    source = hasSource ? other.source : nil
    pretrained = other.pretrained
    isSourceOptional = hasSource && other.isSourceOptional
    split = other.split
    labels = other.labels
    paper = other.paper
    ridgeLambda = other.ridgeLambda
    graphSeeds = other.graphSeeds
    self.configurations = configurations ?? other.configurations
    self.seeds = seeds
  }
}
