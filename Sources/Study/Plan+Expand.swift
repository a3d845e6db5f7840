// Expansion: study × sets → stages. A stage that is described twice in the same words is one stage.

import Canonical

extension Plan {
  /// Expands a study over its sets.
  ///
  /// - Parameters:
  ///   - whole: The checked study.
  ///   - sets: The prepared sets by the names that the study uses.
  ///   - numericClass: The class with its revision, such as `avx2.1`.
  ///   - openCV: The version of OpenCV, which decides the bits of support vector machines as the class does those of
  ///     all else; without it no baseline that needs it is planned.
  ///   - pretrained: The file that the study names in place of a source set.
  /// - Throws: `StudyError` where the study asks for what the sets cannot give, or where a fold would leak.
  public init(
    study whole: Study, sets: [String: SetIndex], numericClass: String, openCV: String? = nil,
    pretrained: PretrainedIndex? = nil
  ) throws(StudyError) {
    let study = try whole.fitting(sets)
    var expansion = try Expansion(
      study: study, sets: sets, numericClass: numericClass, openCV: openCV, pretrained: pretrained)
    try expansion.expand()
    self.init(
      study: study, sets: sets.merging([study.target: expansion.target]) { set, _ in set }, labels: expansion.labels,
      folds: expansion.folds, stages: expansion.stages,
      cells: expansion.cells, innerCells: expansion.innerCells, baselines: expansion.baselines,
      naiveByKind: expansion.naiveByKind,
      notes: expansion.notes)
    if let leak = stages.first(where: { $0.isLeak }), study.split.leakage == .strict {
      let seen = Set(leak.provenance).intersection(leak.heldOut).min() ?? ""
      let fold = leak.fold.map { folds[$0].name } ?? ""
      throw StudyError(
        file: study.file,
        what: "fold \(fold) would be tested on \(seen), but what its \(leak.kind.rawValue) is made from has seen it; "
          + "use data without that person, or leakage: paper, which stamps every figure")
    }
  }
}

extension Study {
  /// The study without its optional source set, where no file is given for that.
  func fitting(_ sets: [String: SetIndex]) throws(StudyError) -> Study {
    guard isSourceOptional, let source, sets[source] == nil else { return self }
    let study = withoutSource
    guard !study.configurations.isEmpty else {
      throw StudyError(
        file: file, key: "data.source",
        what: "every configuration transfers, so a source is needed; add --data \(source)=FILE")
    }
    return study
  }
}

extension PlannedStage {
  /// Whether a held-out person has touched what the stage is made from.
  public var isLeak: Bool { !Set(provenance).isDisjoint(with: heldOut) }
}

/// The state of an expansion.
struct Expansion {
  let study: Study
  let target: SetIndex
  let source: SetIndex?
  let labels: [String]
  let sourceLabels: [String]
  let folds: [Fold]
  let builder: DescriptionBuilder
  /// The version of OpenCV; nil where no stage may need it.
  let openCV: String?
  /// The pretrained file in place of a source set.
  let pretrained: PretrainedIndex?
  var stages: [PlannedStage] = []
  var cells: [Cell] = []
  var innerCells: [Cell] = []
  var baselines: [Int] = []
  var naiveByKind = [Int](repeating: 0, count: StageKind.allCases.count)
  var notes: [String] = []
  private var known: [Digest: Int] = [:]

  init(
    study: Study, sets: [String: SetIndex], numericClass: String, openCV: String? = nil,
    pretrained: PretrainedIndex? = nil
  ) throws(StudyError) {
    self.study = study
    self.pretrained = pretrained
    self.openCV = openCV
    let target = try Self.target(of: study, in: sets)
    self.target = target
    if let name = study.source {
      guard let set = sets[name] else { throw Self.missing(name, in: study) }
      source = set
      sourceLabels = set.labels
    } else {
      source = nil
      sourceLabels = []
    }
    for name in sets.keys.sorted() where !study.targetParts.contains(name) && name != study.source {
      throw StudyError(
        file: study.file, key: "data", what: "the study does not use a set named \"\(name)\"; see --data")
    }
    let labels = study.labels ?? target.labels
    self.labels = labels
    try Self.checkTwins(sets, study)
    if let absent = labels.first(where: { !target.labels.contains($0) }) {
      throw StudyError(
        file: study.file, key: "protocol.labels",
        what: "\"\(absent)\" is not a label of the target set; it has: \(target.labels.joined(separator: ", "))")
    }
    folds = study.split.split(target.clips.filter { labels.contains($0.label) }, parts: study.targetParts)
    builder = DescriptionBuilder(numericClass: numericClass, side: target.side)
    try check()
  }

  /// The target set, or its parts as one.
  private static func target(of study: Study, in sets: [String: SetIndex]) throws(StudyError) -> SetIndex {
    var parts: [(name: String, index: SetIndex)] = []
    for name in study.targetParts {
      guard let set = sets[name] else { throw missing(name, in: study) }
      if let first = parts.first, first.index.side != set.side || first.index.hasMagnitude != set.hasMagnitude {
        throw StudyError(
          file: study.file, key: "data.target",
          what: "the sets \(first.name) and \(name) have different sides or layouts; prepare both alike")
      }
      parts.append((name, set))
    }
    return parts.count == 1 ? parts[0].index : SetIndex(joining: parts)
  }

  /// The subjects of the target who have a clip of a used label, sorted.
  var subjects: [String] { Set(target.clips.filter { labels.contains($0.label) }.map(\.subject)).sorted() }

  /// One prepared set under two names would let a clip stand on both sides.
  private static func checkTwins(_ sets: [String: SetIndex], _ study: Study) throws(StudyError) {
    let names = sets.keys.sorted()
    for (place, name) in names.enumerated() {
      guard let twin = names[..<place].first(where: { sets[$0]?.digest == sets[name]?.digest }) else { continue }
      throw StudyError(
        file: study.file, key: "data", what: "the sets \(twin) and \(name) are one and the same; give it one name")
    }
  }

  private static func missing(_ name: String, in study: Study) -> StudyError {
    StudyError(file: study.file, key: "data", what: "no file for the set \"\(name)\"; add --data \(name)=FILE")
  }

  private func check() throws(StudyError) {
    guard folds.count >= (study.split.kind == .holdOut ? 1 : 2), subjects.count >= 2 else {
      throw StudyError(
        file: study.file, key: "protocol.kind",
        what: "\(study.split.kind.rawValue) needs two subjects; the target set has \(subjects.count)")
    }
    let listed = study.split.groups.joined()
    if let name = listed.first(where: { !subjects.contains($0) })
      ?? subjects.first(where: {
        !listed.isEmpty && !listed.contains($0)
      })
    {
      throw StudyError(
        file: study.file, key: "protocol.groups",
        what: listed.contains(name)
          ? "the target set has no subject \(name)" : "subject \(name) of the target set is in no group")
    }
    guard labels.count >= 2 else {
      throw StudyError(file: study.file, key: "protocol.labels", what: "the target set has one label; two are needed")
    }
    if let source, source.side != target.side {
      throw StudyError(
        file: study.file, key: "data",
        what: "the source set has side \(source.side), the target set \(target.side); prepare both with one --side")
    }
    for configuration in study.configurations { try check(configuration) }
  }

  private func check(_ configuration: Configuration) throws(StudyError) {
    if configuration.values.average.networks > 1, let seed = study.seeds.first(where: { $0 >= 1_000_003 }) {
      throw StudyError(
        file: study.file, key: "seeds",
        what:
          "seed \(seed) may be that of an averaged network of another; use seeds below 1000003 with average.networks")
    }
    let rows = configuration.values.rows
    let depth = configuration.values.network.layers.reduce(0) { $0 + $1.coarsenings }
    func fail(_ key: String, _ what: String) -> StudyError {
      StudyError(file: study.file, key: key, what: "\(what) (configuration \(configuration.name))")
    }
    guard depth <= 16, 1 << depth <= target.side * target.side else {
      throw fail("network.layers", "\(depth) coarsenings are too many for \(target.side) × \(target.side) pixels")
    }
    let used = target.clips.filter { labels.contains($0.label) }
    try checkAgainstSets(configuration.values, fail)
    if rows.branches.contains(.spatial), let clip = used.first(where: { $0.frames == 0 }) {
      throw fail("rows.branches", "the target set stores no frames (clip \(clip.subject)/\(clip.name)); use [temporal]")
    }
    if rows.branches.contains(.temporal), let clip = used.first(where: { $0.flows == 0 }) {
      throw fail("rows.branches", "clip \(clip.subject)/\(clip.name) has no flow; use [spatial]")
    }
    if rows.branches.contains(.temporal), rows.channels == .magnitude, !target.hasMagnitude {
      throw fail(
        "rows.channels", "the target set's flow is scaled image by image and has no magnitude; use features or rows")
    }
    if rows.branches.contains(.temporal), !target.hasMagnitude, rows.normalisation != .image,
      rows.returnRow || rows.mirror
    {
      throw fail(
        "rows.normalisation",
        "flow that is scaled image by image has no zero, so its sign can be turned under normalisation: image only")
    }
    guard configuration.values.transfer != .scratch, let source else { return }
    let pretrainRows = self.pretrainRows(configuration.values)
    if let clip = source.clips.first(where: { pretrainRows.branches == [.spatial] ? $0.frames == 0 : $0.flows == 0 }) {
      throw fail(
        "data.source",
        "clip \(clip.subject)/\(clip.name) of the source set has no \(pretrainRows.branches[0].rawValue) rows")
    }
  }

  mutating func expand() throws(StudyError) {
    try checkCopies()
    try checkPretrained()
    let outer = folds.indices.map { Split(fold: $0, of: folds[$0]) }
    for split in outer { try checkClasses(split) }
    let inner =
      study.split.selection == .nested ? try outer.map { fold throws(StudyError) in try groups(of: fold) } : []
    try checkWatchers(outer + inner.joined())
    for (index, configuration) in study.configurations.enumerated() {
      for seed in study.seeds {
        for split in outer { cells.append(cell(configuration.values, index, seed: seed, split: split)) }
        for split in inner.joined() { innerCells.append(cell(configuration.values, index, seed: seed, split: split)) }
      }
    }
    for split in outer { baselines.append(baseline(split)) }
    notes += frameNotes + study.graphSeedNotes
    if let source { notes += Self.identityNotes(target: target.subjects.map(person), source: source.subjects) }
    noteSameIds()
    if study.split.leakage == .paper {
      notes.append("leakage: paper: participants of the test folds may be in the source set that was pretrained on")
    }
    noteWeakGroups(inner.joined())
  }
}

// MARK: - Stages

extension Expansion {
  mutating func add(
    _ kind: StageKind, _ description: JSON, parents: [Int], provenance: [String], heldOut: [String] = [],
    fold: Int? = nil
  ) -> Int {
    let digest = description.digest
    if let index = known[digest] { return index }
    let index = stages.count
    known[digest] = index
    stages.append(
      PlannedStage(
        kind: kind, digest: digest, description: description, parents: parents, provenance: provenance.sorted(),
        heldOut: heldOut.sorted(), fold: fold))
    return index
  }

  /// What answers for one configuration, seed and split: its networks, and its ridge where that is averaged in.
  mutating func cell(_ values: Parameters, _ configuration: Int, seed: Int, split: Split) -> Cell {
    let networks = self.networks(values, seed: seed, split: split)
    let ridge = values.average.ridge ? baseline(split) : nil
    return Cell(
      configuration: configuration, seed: seed, fold: split.fold ?? 0, group: split.group, networks: networks,
      ridge: ridge)
  }

  /// The fits of the networks that answer for one configuration, seed and split.
  mutating func networks(_ values: Parameters, seed: Int, split: Split) -> [Int] {
    let repetition = study.repetition(seed, of: values)
    return (0..<values.average.networks).map { place in
      fit(repetition.values.member(place), seed: values.seed(repetition.seed, member: place), split: split)
    }
  }

  /// The pretraining of each graph for a split; none for scratch.
  mutating func pretrainings(_ values: Parameters, seed: Int, split: Split) -> [Int] {
    guard values.transfer != .scratch else { return [] }
    if study.pretrained != nil { return values.graphs.indices.map { imported(values, graph: $0) } }
    return values.graphs.map { pretrain(values, graph: $0, seed: seed, split: split) }
  }

  /// The fit of a split with what it reads; gives the fit's place.
  mutating func fit(_ values: Parameters, seed: Int, split: Split) -> Int {
    let checkpoints = pretrainings(values, seed: seed, split: split)
    var features: [(graph: Int, branch: Branch, index: Int)] = []
    if values.transfer == .features || values.transfer == .frozen {
      for graph in values.graphs.indices {
        for branch in values.rows.branches {
          features.append(
            (graph, branch, extract(values, graph: graph, branch: branch, checkpoint: checkpoints[graph])))
        }
      }
    }
    naiveByKind[0] += checkpoints.count
    naiveByKind[1] += features.count
    naiveByKind[2] += 1
    let reads = values.transfer == .features ? [] : checkpoints
    let train = training(split)
    let description = builder.fit(
      values: values, train: train, test: test(split), checkpoints: reads.map { stages[$0].digest },
      features: features.map { ($0.graph, $0.branch, stages[$0.index].digest) }, seed: seed)
    let parents = reads + features.map(\.index)
    let provenance = Set(parents.flatMap { stages[$0].provenance } + train.provenance)
    return add(
      .fit, description, parents: parents, provenance: Array(provenance), heldOut: heldOut(split), fold: split.fold)
  }

  private mutating func pretrain(_ values: Parameters, graph: GraphParameters, seed: Int, split: Split) -> Int {
    guard let source, let name = study.source else { preconditionFailure("a transfer without a source set") }
    let excluded = study.split.leakage == .strict ? Set(split.heldOut.map(person)) : []
    let subjects = source.subjects.filter { !excluded.contains($0) }
    let clips = ClipSelection(set: name, index: source, subjects: subjects, labels: sourceLabels)
    let description = builder.pretrain(
      graph: graph, network: values.network, rows: pretrainRows(values), training: values.pretrain, clips: clips,
      seed: seed)
    return add(.pretrain, description, parents: [], provenance: clips.provenance)
  }

  /// The source network sees what the target network's first layer expects: one grey channel, or three of flow.
  func pretrainRows(_ values: Parameters) -> RowParameters {
    if values.rows.channels == .features, values.rows.branches == [.temporal] { return values.rows }
    var rows = values.rows.only(.spatial)
    rows.channels = .magnitude
    rows.returnRow = false
    return rows
  }

  private mutating func extract(_ values: Parameters, graph: Int, branch: Branch, checkpoint: Int) -> Int {
    let rows = values.rows.only(branch)
    let clips = ClipSelection(set: study.target, index: target, subjects: target.subjects, labels: labels)
    let description = builder.extract(
      graph: values.graphs[graph], network: values.network, rows: rows, clips: clips, branch: branch,
      output: values.transfer == .frozen ? "convolution" : "dense", checkpoint: stages[checkpoint].digest)
    return add(.extract, description, parents: [checkpoint], provenance: stages[checkpoint].provenance)
  }

  private mutating func baseline(_ split: Split) -> Int {
    naiveByKind[3] += 1
    let machines = split.group == nil ? self.machines : []
    var methods = ["majority"]
    let used = target.clips.filter { labels.contains($0.label) }
    if used.allSatisfy({ $0.frames > 0 }) { methods.append("nearest_mean_pixels") }
    if used.allSatisfy({ $0.flows > 0 }) { methods += ["ridge_raw", "ridge_image", "ridge_pixel"] }
    if used.allSatisfy({ $0.flows > 0 }) || used.allSatisfy({ $0.frames > 0 }) {
      methods += ["ridge_inner", "ridge_balanced"]
    }
    // An inner fold has no baselines of its own: only what is averaged into a prediction.
    if split.group != nil { methods = [Plan.averagedRidge] }
    let train = training(split)
    guard let test = test(split) else { preconditionFailure("a baseline tests somebody") }
    let description = builder.baseline(
      methods: methods + machines, ridgeLambda: study.ridgeLambda, openCV: machines.isEmpty ? nil : openCV,
      train: train, test: test)
    return add(
      .baseline, description, parents: [], provenance: train.provenance, heldOut: heldOut(split), fold: split.fold)
  }

  /// The baselines that OpenCV computes a part of: those that the target set can serve.
  private var machines: [String] {
    guard openCV != nil else { return [] }
    let used = target.clips.filter { labels.contains($0.label) }
    let patterns = target.side >= 3 && used.allSatisfy { $0.frames >= 3 }
    let directions = used.allSatisfy { $0.flows > 0 }
    return (patterns ? ["lbp_top_svm"] : []) + (directions ? ["mdmo_svm"] : [])
  }
}
