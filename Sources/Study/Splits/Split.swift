// One division of the target's clips into training and test: a fold, or an inner fold of a fold's training subjects.

/// Who trains and who is tested.
struct Split {
  /// The fold; nil where everybody trains.
  var fold: Int?
  /// The inner group; nil for the fold itself.
  var group: Int?
  /// The subjects who are tested.
  var tested: [String] = []
  /// The subjects who do not train: those tested, and of an inner split those of its fold too.
  var heldOut: [String] = []
  /// The tested clips as `subject/clip`, where their subjects' other clips train; nil: all clips of the subjects.
  var clips: [String]?

  /// Everybody trains.
  static let everybody = Split()

  private init() {}

  /// The split of a fold.
  init(fold: Int, of held: Fold) {
    self.fold = fold
    tested = held.subjects
    heldOut = held.subjects
    clips = held.clips
  }

  /// One group of the training subjects of a fold, or of everybody.
  init(_ outer: Split, group: Int, tested: [String]) {
    fold = outer.fold
    self.group = group
    self.tested = tested
    heldOut = (outer.heldOut + tested).sorted()
  }
}

extension Expansion {
  /// The clips that train.
  func training(_ split: Split) -> ClipSelection {
    if let held = split.clips.map({ Set($0) }) {
      let rest = target.clips.filter { labels.contains($0.label) && !held.contains($0.path) }
      return ClipSelection(
        set: study.target, index: target, subjects: Set(rest.map(\.subject)).sorted(), labels: labels,
        only: rest.map(\.path))
    }
    return ClipSelection(
      set: study.target, index: target, subjects: subjects.filter { !split.heldOut.contains($0) }, labels: labels)
  }

  /// The clips that are tested; nil where nobody is.
  func test(_ split: Split) -> ClipSelection? {
    guard split.fold != nil || split.group != nil else { return nil }
    return ClipSelection(set: study.target, index: target, subjects: split.tested, labels: labels, only: split.clips)
  }

  /// Whose data may not have touched what is made for a split, by every name that a person may have; of a split by
  /// clips the clips.
  func heldOut(_ split: Split) -> [String] {
    split.clips.map { $0.map { "\(study.target)/\($0)" } } ?? persons(split.heldOut)
  }

  /// The inner splits of a fold, or of everybody: the training subjects in groups, each tested once.
  func groups(of outer: Split) throws(StudyError) -> [Split] {
    let train = training(outer)
    let counts = Dictionary(grouping: train.clips, by: \.subject).mapValues(\.count)
    guard counts.count >= 3 else {
      let (who, place) =
        outer.fold.map { ("three training subjects in every fold", "fold \(folds[$0].name)") }
        ?? ("three subjects", "the target set")
      throw StudyError(
        file: study.file, key: "protocol.selection",
        what: "nested needs \(who), so that an inner fold trains on two; \(place) has \(counts.count)")
    }
    return SubjectGroups.balanced(counts, into: study.split.innerFolds, seed: 0).enumerated().map { group, subjects in
      Split(outer, group: group, tested: subjects)
    }
  }

  /// A label that no training clip of a fold has cannot be learned there.
  func checkClasses(_ split: Split) throws(StudyError) {
    let train = Set(training(split).clips.map(\.label))
    guard let absent = labels.first(where: { !train.contains($0) }), let fold = split.fold else { return }
    throw StudyError(
      file: study.file, key: "protocol.labels",
      what: "fold \(folds[fold].name) has no training clip of \"\(absent)\": all of them are held out; "
        + "leave that label out, or choose a split that does not take all of a label away")
  }

  /// Inner folds that miss a label in training are no error: they can only make that fold choose worse.
  mutating func noteWeakGroups(_ inner: some Sequence<Split>) {
    let weak = inner.count { split in Set(training(split).clips.map(\.label)).count < labels.count }
    if weak > 0 { notes.append("\(weak) inner folds train without a clip of some label") }
  }
}
