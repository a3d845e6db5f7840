// Ridges with λ by inner folds: plain, and with all classes weighing the same. As good as any network on small sets.
//
// Scores are log-probabilities, so that they can be averaged with a network's.

import Canonical
import Clips

/// A ridge that chooses its own λ among training subjects.
struct InnerRidge {
  let balanced: Bool

  /// Scores of the held-out clips, and what inner folds chose.
  func scores(
    train: ClipSelection, test: ClipSelection, context: StageContext
  ) throws(StageError) -> (scores: [[Float]], choice: RidgeChoice) {
    let solved = try solve(train: train, others: test.clips, context: context)
    let clipOfRow = solved.problem.table.clipOfRow
    let others = Array(solved.problem.rows.count..<clipOfRow.count)
    let found = solved.problem.scores(solved.solution, products: solved.problem.products(with: others))
    var scores = ClipScores(clips: test.clips.count, labels: train.labels.count)
    scores.add(found, clips: others.map { clipOfRow[$0] - train.clips.count })
    return (scores.means.map { RidgeChoice.logProbabilities($0, factor: solved.choice.factor) }, solved.choice)
  }

  /// The ridge of training clips.
  /// - Parameter others: more clips of the same set, whose rows follow in the table.
  func solve(
    train: ClipSelection, others: [Int], context: StageContext
  ) throws(StageError) -> (problem: RidgeProblem, solution: RidgeSolution, choice: RidgeChoice) {
    let all = try RidgeImages(train.set, labels: train.labels).gram()
    var (entries, clipOfRow): ([Int], [Int]) = ([], [])
    for (position, clip) in (train.clips + others).enumerated() {
      entries += all.entriesOfClip[clip]
      clipOfRow += all.entriesOfClip[clip].map { _ in position }
    }
    let table = RidgeTable(
      blocks: [RidgeTable.Block(gram: all.gram, entries: entries)], clipOfRow: clipOfRow, labels: train.labels.count)
    let clips = RidgeClips(train)
    let choice = try RidgeChoice(table, clips: clips, balanced: balanced, check: context.checkCancelled)
    let rows = clipOfRow.indices.filter { clipOfRow[$0] < train.clips.count }
    let problem = RidgeProblem(
      table, rows: rows, classes: rows.map { clips.classes[clipOfRow[$0]] }, balanced: balanced)
    return (problem, try problem.solve(lambda: choice.lambda), choice)
  }
}

extension RidgeClips {
  /// The clips of a selection.
  init(_ selection: ClipSelection) {
    self.init(
      classes: selection.classes.map { Int($0) }, subjects: selection.clips.map { selection.set.clips[$0].subject })
  }
}
