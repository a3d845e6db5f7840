// The leak audit for a reviewer: for every fold, in which ways somebody's data can touch what is computed, and whose.

import Canonical

extension Plan {
  /// The clips whose data changed something in a stage's own computation, as `set/subject/clip`; what its parents read
  /// stands with the parents.
  public func clips(of stage: PlannedStage) -> [String] {
    let key = stage.kind == .pretrain ? "clips" : "train"
    guard stage.kind != .extract, let selection = stage.description[key], let set = selection["set"]?.string,
      let index = sets[set]
    else { return [] }
    let subjects = Set(selection["subjects"]?.array?.compactMap(\.string) ?? [])
    let labels = Set(selection["labels"]?.array?.compactMap(\.string) ?? [])
    let only = (selection["only"]?.array?.compactMap(\.string)).map { Set($0) }
    return index.clips.filter { clip in
      subjects.contains(clip.subject) && labels.contains(clip.label) && only?.contains(clip.path) ?? true
    }.map { "\(set)/\($0.path)" }
  }

  /// The ways in which data touch a fold, each with whose they are. One line each.
  public func auditWords(fold: Int) -> [String] {
    let audit = audit(fold: fold)
    let made = Set(audit.stages.map(\.digest))
    func clips(_ kind: StageKind) -> Set<String> {
      Set(stages.filter { made.contains($0.digest) && $0.kind == kind }.flatMap(self.clips))
    }
    let fits = clips(.fit)
    var lines = [
      "training: \(Self.crowd(fits)); held out with all their clips: \(audit.heldOut.joined(separator: " "))"
    ]
    if let held = folds[fold].clips {
      lines[0] = "training: \(Self.crowd(fits)); held out by clip: \(held.joined(separator: " "))"
    }
    let sources = clips(.pretrain)
    if !sources.isEmpty { lines.append("pretraining: \(Self.crowd(sources))") }
    if study.pretrained != nil {
      let seen = Set(audit.stages.filter { $0.kind == .pretrain }.flatMap(\.provenance)).sorted()
      lines.append("pretraining: elsewhere, by a file that says it has seen \(seen.joined(separator: " "))")
    }
    return lines + recipeWords + [selectionWords(fold)]
  }

  /// What holds in every fold: how rows are made, when training stops.
  private var recipeWords: [String] {
    let values = study.configurations.map(\.values)
    func either(_ name: String, _ words: (Parameters) -> String) -> String {
      var seen: [String] = []
      for word in values.map(words) where !seen.contains(word) { seen.append(word) }
      return "\(name): \(seen.joined(separator: "; or "))"
    }
    return [
      "frame choice: from each clip's own frames and annotation; nobody else's",
      either("normalisation") { values in
        switch values.rows.normalisation {
        case .image: "each image by its own mean and deviation; nobody else's"
        case .unit: "a fixed scale; nobody's"
        case .training: "statistics of the fold's training clips"
        }
      },
      either("early stopping") { Self.stoppingWords($0.fit) },
      either("augmentation") { Self.augmentationWords($0) },
    ]
  }

  private static func stoppingWords(_ fit: TrainingParameters) -> String {
    if let share = fit.validation { return "by the loss of \(share) of the fold's training subjects, who do not train" }
    return fit.patience == 0 ? "none, a fixed number of epochs" : "by the fold's training loss"
  }

  private static func augmentationWords(_ values: Parameters) -> String {
    var ways: [String] = []
    if values.rows.mirror { ways.append("mirrors of the fold's training rows") }
    if values.fit.shift > 0 { ways.append("shifts of them") }
    if values.fit.mixup > 0 { ways.append("mixtures of two training rows of one step") }
    return ways.isEmpty ? "none" : ways.joined(separator: ", ")
  }

  private func selectionWords(_ fold: Int) -> String {
    switch study.split.selection {
    case .none: return "selection: none; every configuration is shown"
    case .test: return "selection: on the held-out clips, which is stamped on everything it feeds"
    case .race:
      return "selection: by a race that looks at the held-out clips, which is stamped on everything it feeds"
    case .nested:
      let inner = Set(innerCells.filter { $0.fold == fold }.flatMap(\.stages))
      let tested = Set(inner.flatMap { stages[$0].description["test"]?["subjects"]?.array?.compactMap(\.string) ?? [] })
      return
        "selection: by \(Set(innerCells.compactMap(\.group)).count) inner folds, tested on \(tested.count) training"
        + " subjects of this fold, in \(inner.count) stages of their own"
        + (study.split.race == nil ? "" : ", by a race that sees no others")
    }
  }

  /// How many clips of how many subjects of each set.
  private static func crowd(_ clips: Set<String>) -> String {
    var bySet: [String: [String: Int]] = [:]
    for clip in clips {
      let parts = clip.split(separator: "/", maxSplits: 1)
      guard parts.count == 2, let last = parts[1].lastIndex(of: "/") else { continue }
      bySet[String(parts[0]), default: [:]][String(parts[1][..<last]), default: 0] += 1
    }
    return bySet.keys.sorted().map { set in
      "\(bySet[set]?.values.reduce(0, +) ?? 0) clips of \(bySet[set]?.count ?? 0) subjects of \(set)"
    }.joined(separator: ", ")
  }
}
