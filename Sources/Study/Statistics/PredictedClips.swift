// What the statistics work on: the clips of one evaluation with what one method said of each, seed by seed.

/// One scored clip.
public struct PredictedClip: Hashable, Sendable {
  /// The fold that held it out; a clip may be held out by several folds of a repeated protocol.
  public let fold: String
  /// Whose face it shows; the unit that is resampled.
  public let subject: String
  /// Its name, unique within its subject.
  public let clip: String
  /// The place of its true label in `PredictedClips.labels`.
  public let truth: Int
  /// The place of the predicted label, one per training seed.
  public let predicted: [Int]

  /// A clip with its true label and one prediction per seed.
  public init(fold: String, subject: String, clip: String, truth: Int, predicted: [Int]) {
    self.fold = fold
    self.subject = subject
    self.clip = clip
    self.truth = truth
    self.predicted = predicted
  }
}

/// The scored clips of one method.
public struct PredictedClips: Hashable, Sendable {
  /// The labels, in the order of every matrix.
  public let labels: [String]
  /// The clips, in the order given.
  public let clips: [PredictedClip]
  /// How many predictions each clip has: one per training seed.
  public let seeds: Int

  /// Clips of one method.
  /// - Precondition: every clip has one prediction per seed, and places are those of `labels`.
  public init(labels: [String], clips: [PredictedClip], seeds: Int = 1) {
    precondition(seeds > 0, "a method predicts at least once")
    for clip in clips {
      precondition(clip.predicted.count == seeds, "one prediction per seed")
      precondition(labels.indices.contains(clip.truth) && clip.predicted.allSatisfy(labels.indices.contains))
    }
    self.labels = labels
    self.clips = clips
    self.seeds = seeds
  }

  /// One matrix per seed, all clips pooled.
  public var matrices: [ConfusionMatrix] {
    (0..<seeds).map { seed in
      var matrix = ConfusionMatrix(labels: labels)
      for clip in clips { matrix.add(truth: clip.truth, predicted: clip.predicted[seed]) }
      return matrix
    }
  }

  /// The subjects, in the order of their UTF-8 bytes.
  public var subjects: [String] { Self.sorted(Set(clips.map(\.subject))) }

  /// The clips of each subject, in the order of `subjects`.
  public var bySubject: [(subject: String, clips: PredictedClips)] {
    grouped { $0.subject }.map { (subject: $0.key, clips: $0.clips) }
  }

  /// The clips of each source set of a composite, whose subjects are named `set/subject`; one group with an empty name
  /// where no subject has such a prefix.
  public var bySet: [(set: String, clips: PredictedClips)] {
    grouped { clip in
      clip.subject.firstIndex(of: "/").map { String(clip.subject[..<$0]) } ?? ""
    }.map { (set: $0.key, clips: $0.clips) }
  }

  private func grouped(_ key: (PredictedClip) -> String) -> [(key: String, clips: PredictedClips)] {
    let groups = Dictionary(grouping: clips, by: key)
    return Self.sorted(Set(groups.keys)).map { name in
      (name, PredictedClips(labels: labels, clips: groups[name] ?? [], seeds: seeds))
    }
  }

  private static func sorted(_ names: Set<String>) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
