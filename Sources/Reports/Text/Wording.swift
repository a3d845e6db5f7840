// The sentences of the report, once: the page and the Markdown file say the same.

import Canonical
import Study

extension Summary {
  /// What a reader who stops after two sentences should know.
  var headline: [String] {
    guard let best = Self.highest(configurations) else {
      return ["No configuration is complete, so no figure here stands for the whole study."]
    }
    let clips = input.folds.reduce(0) { $0 + $1.clips }
    let left = configurations.count { !isDropped($0) && !isWithdrawn($0) }
    let race = left == configurations.count ? "" : "\(left) that a race left of "
    let place =
      configurations.count > 1
      ? "the highest of \(race)\(configurations.count) configurations (selected on test)" : "the configuration"
    let figures = "UF1 \(figure(best, \.uf1)), UAR \(figure(best, \.uar)) and accuracy \(figure(best, \.accuracy))"
    var sentences = [
      "On \(count(clips, "clip")) in \(count(input.folds.count, "fold")) \(best.name), \(place), has \(figures)"
        + (best.intervals.map { "; the 95 % interval of UF1 is \(fixed($0.uf1.low, 3)) to \(fixed($0.uf1.high, 3))." }
          ?? ".")
    ]
    if let simple = Self.highest(baselines),
      let comparison = comparisons.first(where: { $0.configuration == best.name })
    {
      sentences.append(
        "The strongest baseline, \(simple.name), has UF1 \(figure(simple, \.uf1)); \(verdict(comparison))")
    }
    // A reader of two lines should meet the answer where the study asks one question.
    return sentences + (transfers.count <= 2 ? transfersInWords : [])
  }

  /// What is missing, in one sentence; nil where nothing is.
  var alert: String? {
    let missing = methods.filter { !isDropped($0) }.reduce(0) { sum, method in
      sum + method.folds.reduce(0) { $0 + $1.correct.count { $0 == nil } }
    }
    guard missing > 0 else { return nil }
    return "Incomplete: \(count(missing, "result")) of a fold \(missing == 1 ? "is" : "are") missing. "
      + "Every figure that misses one is marked incomplete and counts only the folds that are there."
  }

  /// What was run, as pairs of a term and its text.
  var facts: [(term: String, text: String)] {
    var facts = [
      ("Study", input.studyName),
      ("Digest", input.studyDigest.hex),
      ("Protocol", "\(protocolInWords), \(count(input.folds.count, "fold"))"),
      ("Leakage", leakageInWords),
      ("Selection", selectionInWords),
    ]
    for set in input.sets {
      let labels = set.clipsPerLabel.map { "\($0.label) \($0.clips)" }.joined(separator: ", ")
      let clips = set.clipsPerLabel.reduce(0) { $0 + $1.clips }
      facts.append(
        (
          set.role == "target" ? "Target set" : "Source set",
          "\(set.name): \(count(clips, "clip")) of \(count(set.subjects, "subject")) (\(labels)); "
            + "layout \(set.layout), \(set.side) × \(set.side) pixels, digest \(set.digest.short)…"
        ))
    }
    return facts
  }

  private var protocolInWords: String {
    switch input.protocol.kind {
    case "loso": "leave one subject out, predictions pooled over folds"
    case "k-fold": "subjects in groups, each group held out once, predictions pooled over folds"
    case "hold-out" where input.protocol.isByClip:
      "clips held out whose subjects' other clips train, so every figure is optimistic; drawn again for every fold, "
        + "predictions of all draws pooled, in which a clip may stand several times"
    case "hold-out": "a part held out, drawn again for every fold, predictions of all draws pooled"
    case "leave-one-set-out": "each set of the target held out once, predictions pooled over folds"
    default: "\(input.protocol.kind), predictions pooled over folds"
    }
  }

  private var leakageInWords: String {
    switch input.protocol.leakage {
    case "strict": "strict: nothing that a fold trains on has seen its held-out subjects"
    case "paper": "paper: pretraining may have seen held-out subjects, so every figure here is optimistic"
    default: input.protocol.leakage
    }
  }

  private var selectionInWords: String {
    switch input.protocol.selection {
    case "none": "none: every configuration is shown"
    case "nested": "nested: each fold chose on inner folds of its own training subjects"
    case "test": "test: a configuration was chosen by the test scores shown here, so its figure is optimistic"
    case "race":
      "race: configurations were dropped by test scores of the first folds, so the figures of those left are optimistic"
    default: input.protocol.selection
    }
  }

  /// How to read the figures, one paragraph each.
  var readingNotes: [(term: String, text: String)] {
    [
      (
        "Pooled",
        "Each fold predicts only its held-out clips. All predictions are put together first and counted "
          + "once; the mean of per-fold scores is another, usually lower number."
      ),
      (
        "UF1",
        "The mean over classes of 2 TP / (2 TP + FP + FN): each class weighs the same, however few clips it has. "
          + "A class that occurs but is never predicted counts 0; a class that never occurs is left out."
      ),
      (
        "UAR",
        "The mean over classes of the share of its clips found (recall). Always answering one of C classes "
          + "gives 1 / C."
      ),
      (
        "95 % interval",
        "Two numbers joined by a dash, such as 0.861–0.952: between these lie 95 of 100 figures when the subjects "
          + "are drawn again, with replacement, \(BootstrapIntervals.resamples) times. A class of which a draw has no "
          + "clip is left out of its mean. Intervals of two methods on the same clips may overlap although the "
          + "difference is real: that is what the paired tests are for."
      ),
      (
        "±",
        "The sample deviation over seeds. It says how much training differs from run to run, not how far the "
          + "figure would move with other subjects, which is usually more."
      ),
      (
        "Highest",
        "The mark “highest” only names the largest number in the table. Taking that configuration because "
          + "of it is choosing on the test clips, and its figure is then optimistic."
      ),
      (
        "Leakage",
        "A fold leaks when data of its held-out subjects changed a weight, a statistic or a choice before the "
          + "test. Under “strict” such a plan is refused; under “paper” it is allowed and stamped on every table."
      ),
      (
        "Baselines",
        "Simple methods on the same folds. A network that is not above them has shown nothing yet."
          + baselinesInWords
      ),
      (
        "Incomplete",
        "A fold without a result is not counted as wrong; the figure is of the other folds and cannot be "
          + "compared with complete ones."
      ),
    ]
  }
}

// MARK: - Baselines

extension Summary {
  /// What the baselines of this report are, each in one sentence, where its name does not say it.
  private var baselinesInWords: String {
    let words = [
      "lbp_top_svm":
        "local binary patterns of the stored frames in the planes XY, XT and YT (LBP-TOP), "
        + "linear support vector machine",
      "mdmo_svm":
        "mean flow of the main direction in each of 6 × 6 regions, onset to apex (as MDMO, without landmarks), "
        + "support vector machine with a cubic kernel",
    ]
    return baselines.compactMap { one in words[one.name].map { " \(one.name): \($0)." } }.joined()
  }
}

// MARK: - Parameters

extension Summary {
  /// The points of the grid: what is shown, or under nested selection what the folds chose from.
  var grid: [ConfigurationFacts] { input.candidates.isEmpty ? input.configurations : input.candidates }

  /// Parameters as dotted names with their text, split into those all configurations share and those that differ.
  var parameters: (shared: [(name: String, text: String)], differing: [(name: String, texts: [String])]) {
    let flat = grid.map { $0.parameters.flattened }
    let names = Set(flat.flatMap { $0.map(\.name) }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var shared: [(name: String, text: String)] = []
    var differing: [(name: String, texts: [String])] = []
    for name in names {
      let texts = flat.map { pairs in pairs.first { $0.name == name }?.text ?? "–" }
      if let first = texts.first, texts.allSatisfy({ $0 == first }) {
        shared.append((name, first))
      } else {
        differing.append((name, texts))
      }
    }
    return (shared, differing)
  }
}

extension JSON {
  /// The leaves of nested objects as dotted names; arrays stay one text.
  var flattened: [(name: String, text: String)] {
    guard let members = object else { return [] }
    let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return sorted.flatMap { key, value -> [(name: String, text: String)] in
      if value.object != nil { return value.flattened.map { ("\(key).\($0.name)", $0.text) } }
      return [(key, value.string ?? value.text)]
    }
  }
}
