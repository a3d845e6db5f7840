// What a study asks for and its sets or folds cannot give: each refused in one line that names the key or the fold.

extension Expansion {
  /// Refuses parameters that the sets cannot serve.
  func checkAgainstSets(
    _ values: Parameters, _ fail: (_ key: String, _ what: String) -> StudyError
  ) throws(StudyError) {
    try checkGraphs(values, fail)
    try checkFrames(values.rows, fail)
    try checkAlphas(values.fit, "fit", labels, fail)
    if values.fit.shift >= target.side { throw fail("fit.shift", "images are only \(target.side) pixels wide") }
    guard values.transfer != .scratch, let source else { return }
    try checkAlphas(values.pretrain, "pretrain", sourceLabels, fail)
    if values.pretrain.validation != nil, source.subjects.count < 3 {
      throw fail(
        "pretrain.stopping.signal", "validation needs three subjects in the source set; it has \(source.subjects.count)"
      )
    }
    if values.pretrain.shift >= target.side {
      throw fail("pretrain.shift", "images are only \(target.side) pixels wide")
    }
  }

  private func checkGraphs(
    _ values: Parameters, _ fail: (_ key: String, _ what: String) -> StudyError
  ) throws(StudyError) {
    for (place, graph) in values.graphs.enumerated() {
      let most = Self.candidates(within: graph.thresholdSquared, side: target.side)
      guard graph.nearest + graph.stochastic > most else { continue }
      throw fail(
        "graphs[\(place)].stochastic",
        "\(graph.nearest) + \(graph.stochastic) neighbours, but no pixel of \(target.side) × \(target.side) has more "
          + "than \(most) within threshold_squared")
    }
  }

  /// How many pixels of an image lie within a squared distance of its middle pixel, which has the most.
  static func candidates(within thresholdSquared: Int, side: Int) -> Int {
    let middle = side / 2
    return (0..<side * side).count { pixel in
      let (y, x) = (pixel / side - middle, pixel % side - middle)
      return y * y + x * x <= thresholdSquared
    } - 1
  }

  private func checkFrames(
    _ rows: RowParameters, _ fail: (_ key: String, _ what: String) -> StudyError
  ) throws(StudyError) {
    guard rows.framesAreWritten, let most = storedFrames.max() else { return }
    let asked = max(rows.frames, rows.temporalFrames ?? 0)
    guard asked > most else { return }
    throw fail(
      "rows.frames",
      "\(asked) frames, but no clip of the target set stores more than \(most); "
        + "prepare with --frames \(asked), or use at most \(most)")
  }

  private func checkAlphas(
    _ training: TrainingParameters, _ section: String, _ labels: [String],
    _ fail: (_ key: String, _ what: String) -> StudyError
  ) throws(StudyError) {
    guard let alphas = training.loss.alphas, alphas.values(for: labels) == nil else { return }
    throw fail(
      "\(section).loss.alpha", "one number for each label was expected: \(labels.joined(separator: ", "))")
  }

  /// The numbers of frames of the target's clips that have any.
  private var storedFrames: [Int] {
    target.clips.filter { labels.contains($0.label) && $0.frames > 0 }.map(\.frames)
  }

  /// How many clips are shorter than the numbers that the study names.
  var frameNotes: [String] {
    let rows = study.configurations.map(\.values.rows).filter(\.framesAreWritten)
    let asked = Set(rows.flatMap { [$0.frames, $0.temporalFrames ?? 0] }).sorted()
    return asked.compactMap { number in
      let short = storedFrames.count { $0 < number }
      guard short > 0 else { return nil }
      return "rows.frames \(number): \(short) of \(storedFrames.count) clips store fewer frames and give all they have"
    }
  }

  /// Refuses a fold whose training subjects are too few to look at some of them.
  func checkWatchers(_ splits: [Split]) throws(StudyError) {
    guard study.configurations.contains(where: { $0.values.fit.validation != nil }) else { return }
    for split in splits where training(split).subjects.count < 2 {
      let name = split.fold.map { "fold \(folds[$0].name)" } ?? "all subjects"
      throw StudyError(
        file: study.file, key: "fit.stopping.signal",
        what: "validation needs two training subjects; \(split.group == nil ? "" : "an inner fold of ")\(name) has "
          + "fewer; use signal: training")
    }
  }
}
