// Counts the rows of one method, and refuses rows that do not fit: an unknown label, a clip twice, half a fold.

import Study

/// Rows of one configuration or baseline, on their way to a summary.
struct MethodCounter {
  private let name: String
  private let seeds: [Int]
  private let input: ReportInput
  private let placeOfLabel: [String: Int]
  private let placeOfSeed: [Int: Int]
  private let placeOfSubject: [String: Int]
  private var matrices: [ConfusionMatrix]
  private var cells: [[(clips: Int, correct: Int)]]
  private var subjects: [SubjectSummary]
  private var rowsBySeed: [[PredictionRow]]

  init(name: String, seeds: [Int], input: ReportInput) {
    self.name = name
    self.seeds = seeds
    self.input = input
    let names = Set(input.folds.flatMap(\.subjects)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let none = Array(repeating: 0, count: seeds.count)
    subjects = names.map { SubjectSummary(subject: $0, clips: none, correct: none) }
    placeOfLabel = Dictionary(zip(input.labels, input.labels.indices)) { first, _ in first }
    placeOfSeed = Dictionary(zip(seeds, seeds.indices)) { first, _ in first }
    placeOfSubject = Dictionary(zip(names, names.indices)) { first, _ in first }
    matrices = seeds.map { _ in ConfusionMatrix(labels: input.labels) }
    cells = seeds.map { _ in Array(repeating: (0, 0), count: input.folds.count) }
    rowsBySeed = seeds.map { _ in [] }
  }

  /// Counts rows that stand in canonical order.
  mutating func add(_ rows: ArraySlice<PredictionRow>) throws(ReportError) {
    for row in rows { try add(row) }
    for (row, next) in zip(rows, rows.dropFirst()) where !PredictionRow.precedes(row, next) {
      throw error("clip \(row.subject)/\(row.clip) stands twice in fold \(input.folds[row.fold].name)")
    }
  }

  private func error(_ what: String) -> ReportError { .inconsistent("\(name): \(what)") }

  private mutating func add(_ row: PredictionRow) throws(ReportError) {
    guard let truth = placeOfLabel[row.label], let predicted = placeOfLabel[row.predicted] else {
      throw error("clip \(row.subject)/\(row.clip) has a label that the study does not have")
    }
    guard let seed = placeOfSeed[row.seed] else { throw error("seed \(row.seed) is not one of the study's") }
    guard input.folds.indices.contains(row.fold) else { throw error("fold \(row.fold) of \(input.folds.count)") }
    guard row.scores.count == input.labels.count, row.scores.allSatisfy(\.isFinite) else {
      throw error("clip \(row.subject)/\(row.clip) does not have one finite score per label")
    }
    guard let subject = placeOfSubject[row.subject] else {
      throw error("subject \(row.subject) is held out by no fold")
    }
    let hit = truth == predicted ? 1 : 0
    matrices[seed].add(truth: truth, predicted: predicted)
    cells[seed][row.fold].clips += 1
    cells[seed][row.fold].correct += hit
    subjects[subject].clips[seed] += 1
    subjects[subject].correct[seed] += hit
    rowsBySeed[seed].append(row)
  }

  /// The counts as a summary.
  func finish(failed: [FailedCell]) throws(ReportError) -> MethodSummary {
    var folds: [FoldSummary] = []
    for (place, fold) in input.folds.enumerated() {
      var correct: [Int?] = []
      for seed in seeds.indices {
        let cell = cells[seed][place]
        guard cell.clips == 0 || cell.clips == fold.clips else {
          throw error("fold \(fold.name) has \(cell.clips) of its \(fold.clips) clips")
        }
        correct.append(cell.clips == 0 && fold.clips > 0 ? nil : cell.correct)
      }
      folds.append(FoldSummary(fold: fold, correct: correct))
    }
    let clips = folds.contains(where: \.isIncomplete) ? nil : try predictedClips()
    return MethodSummary(
      name: name, seeds: seeds, matrices: matrices, folds: folds, subjects: subjects, failed: failed, clips: clips,
      intervals: clips.flatMap(BootstrapIntervals.init))
  }

  /// The clips of all seeds side by side, in canonical order.
  private func predictedClips() throws(ReportError) -> PredictedClips {
    var clips: [PredictedClip] = []
    for (place, row) in rowsBySeed[0].enumerated() {
      var predicted: [Int] = []
      for (seed, rows) in rowsBySeed.enumerated() {
        guard rows.indices.contains(place), rows[place].fold == row.fold, rows[place].subject == row.subject,
          rows[place].clip == row.clip, rows[place].label == row.label
        else { throw error("seed \(seeds[seed]) does not have the clips of seed \(seeds[0])") }
        predicted.append(placeOfLabel[rows[place].predicted] ?? 0)
      }
      clips.append(
        PredictedClip(
          fold: input.folds[row.fold].name, subject: row.subject, clip: row.clip, truth: placeOfLabel[row.label] ?? 0,
          predicted: predicted))
    }
    return PredictedClips(labels: input.labels, clips: clips, seeds: seeds.count)
  }
}
