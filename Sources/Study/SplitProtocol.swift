// How clips are split into folds, and how a configuration is chosen: the section `protocol` of a study.

/// How clips are split into training and test.
public enum ProtocolKind: String, CaseIterable, Sendable {
  /// Each subject is held out once: the headline of the field.
  case loso
  /// Subjects in a given number of groups, each held out once.
  case kFold = "k-fold"
  /// A part of the clips is held out, again and again by another draw (Tables IV to VII look like it).
  case holdOut = "hold-out"
  /// Of a target made of several prepared sets, each set is held out once.
  case leaveOneSetOut = "leave-one-set-out"
}

/// Whether a shared participant may have touched the pretraining of the fold that tests them.
public enum Leakage: String, CaseIterable, Sendable { case strict, paper }

/// How a configuration is chosen from the grid.
public enum SelectionRule: String, CaseIterable, Sendable {
  /// It is not: all are shown.
  case none
  /// Each fold chooses on inner folds of its own training subjects.
  case nested
  /// By the scores of the held-out clips; every table says so.
  case test
  /// By a race over the folds, whose verdicts look at held-out clips; every table says so.
  case race
}

/// What a hold-out holds out.
public enum HoldOutUnit: String, CaseIterable, Sendable { case subject, clip }

/// The section `protocol` of a study.
public struct SplitProtocol: Sendable, Equatable {
  /// The kind of split.
  public var kind = ProtocolKind.loso
  /// The leakage rule.
  public var leakage = Leakage.strict
  /// How a configuration is chosen.
  public var selection = SelectionRule.none
  /// The groups of a k-fold.
  public var folds = 5
  /// About how many clips a hold-out tests; subjects are taken whole.
  public var heldOutClips = 44
  /// How often a hold-out is drawn.
  public var repeats = 10
  /// What a hold-out draws.
  public var unit = HoldOutUnit.subject
  /// The seed of the draws of a k-fold and of a hold-out.
  public var seed = 1
  /// The subjects of each fold of a k-fold, where a study gives them itself, as for a published split; else none.
  public var groups: [[String]] = []
  /// The groups of training subjects of a nested selection.
  public var innerFolds = 5
  /// The rules by which configurations are dropped before all folds are computed: over the folds themselves, or over
  /// the inner folds of each where the selection is nested; nil where all are computed.
  public var race: RaceRules?

  /// Reads the section but for its labels. A key of another kind of split is refused.
  init(reading reader: inout NodeReader) throws(StudyError) {
    kind = try reader.word("kind", or: kind)
    leakage = try reader.word("leakage", or: leakage)
    selection = try reader.word("selection", or: selection)
    folds = try reader.whole("folds", or: folds, in: 2...1000)
    heldOutClips = try reader.whole("held_out_clips", or: heldOutClips, in: 1...100_000)
    repeats = try reader.whole("repeats", or: repeats, in: 1...1000)
    unit = try reader.word("held_out_by", or: unit)
    seed = try reader.whole("seed", or: seed, in: 0...Int(Int32.max))
    groups = try Self.groups(&reader)
    innerFolds = try reader.whole("inner_folds", or: innerFolds, in: 2...100)
    race = try RaceRules(reading: "race", of: &reader)
    try check(reader)
    if selection == .race, race == nil {
      guard !reader.has("race") else { throw reader.error("race", "selection: race is one; leave this key out") }
      race = RaceRules()
    }
  }

  private static func groups(_ reader: inout NodeReader) throws(StudyError) -> [[String]] {
    guard let nodes = try reader.elements("groups") else { return [] }
    var groups: [[String]] = []
    for node in nodes {
      guard case .sequence(let names, _) = node, !names.isEmpty else {
        throw reader.error("groups", "a list of lists of subjects was expected: [[S01, S02], [S03]]")
      }
      var group: [String] = []
      for name in names {
        guard case .scalar(let subject, _, _) = name else {
          throw reader.error("groups", "a list of lists of subjects was expected: [[S01, S02], [S03]]")
        }
        guard !(groups.joined() + group).contains(subject) else {
          throw reader.error("groups", "subject \(subject) is in two folds, so the folds overlap; name each once")
        }
        group.append(subject)
      }
      groups.append(group.sorted())
    }
    guard groups.count >= 2 else { throw reader.error("groups", "at least two groups") }
    return groups
  }

  private func check(_ reader: NodeReader) throws(StudyError) {
    let owners: [(key: String, isUsed: Bool, owner: String)] = [
      ("folds", kind == .kFold && groups.isEmpty, "kind: k-fold without groups"),
      ("groups", kind == .kFold, "kind: k-fold"), ("held_out_clips", kind == .holdOut, "kind: hold-out"),
      ("repeats", kind == .holdOut, "kind: hold-out"), ("held_out_by", kind == .holdOut, "kind: hold-out"),
      ("seed", kind == .holdOut || (kind == .kFold && groups.isEmpty), "kind: k-fold without groups, or hold-out"),
      ("inner_folds", selection == .nested, "selection: nested"),
      ("race", selection == .nested || selection == .race, "selection: nested, or race"),
    ]
    for key in owners where !key.isUsed && reader.has(key.key) {
      throw reader.error(key.key, "this key belongs to \(key.owner); leave it out, or choose that")
    }
    if kind == .holdOut, unit == .clip, leakage == .strict {
      throw reader.error(
        "held_out_by", "clip puts clips of one subject on both sides; use subject, or leakage: paper")
    }
    if unit == .clip, selection == .nested {
      throw reader.error("held_out_by", "inner folds are made of whole subjects; use subject with selection: nested")
    }
  }

  /// What the split asks, for the study's digest. A study that asks what every study could ask before has its old one.
  var digestWords: [String] {
    var words: [String] = []
    switch kind {
    case .loso, .leaveOneSetOut: break
    case .kFold where groups.isEmpty: words += ["folds \(folds)", "seed \(seed)"]
    case .kFold: words += groups.map { "group \($0.joined(separator: " "))" }
    case .holdOut: words += ["\(heldOutClips) clips by \(unit.rawValue)", "repeats \(repeats)", "seed \(seed)"]
    }
    if selection != .none { words.append("selection \(selection.rawValue)") }
    if selection == .nested { words.append("inner folds \(innerFolds)") }
    if let race { words += race.digestWords }
    return words
  }
}
