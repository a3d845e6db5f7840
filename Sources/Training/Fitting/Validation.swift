// Early stopping by inner validation: some of the training subjects do not train and are only looked at.
//
// They are drawn from the stage's own training subjects, so whoever is held out of the stage has no part in it.

import ChebNet
import Clips
import Kernels

/// Which rows of a selection train and which are only looked at; both ascending.
struct RowSplit {
  let learning: [Int]
  let watching: [Int]

  /// All rows train.
  init(rows: Int) {
    learning = Array(0..<rows)
    watching = []
  }

  /// Rows by their clips.
  init(clipOfRow: [Int], watched: Set<Int>) {
    learning = clipOfRow.indices.filter { !watched.contains(clipOfRow[$0]) }
    watching = clipOfRow.indices.filter { watched.contains(clipOfRow[$0]) }
  }
}

extension StageContext {
  /// The clips of a selection, as positions, that do not train; none where the training loss is the signal.
  func watched(_ selection: ClipSelection, _ stopping: StoppingRecipe) throws(StageError) -> Set<Int> {
    guard let share = stopping.validation else { return [] }
    let subjects = Set(selection.clips.map { selection.set.clips[$0].subject })
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard subjects.count >= 2 else {
      throw .data("stopping by inner validation needs two training subjects; the stage has \(subjects.count)")
    }
    let chosen = Randomness(digest).validators(of: subjects, share: share)
    return Set(selection.clips.indices.filter { chosen.contains(selection.set.clips[selection.clips[$0]].subject) })
  }
}

/// The weights of the epoch with the smallest signal, the first of equals.
struct BestWeights {
  private(set) var epoch = 0
  private(set) var loss = Float.infinity
  let kept: AlignedFloats

  init(_ parameters: ParameterBlock) { kept = AlignedFloats(count: parameters.block.count) }

  /// Keeps these weights where the signal is smaller than all before.
  mutating func take(_ parameters: ParameterBlock, epoch: Int, loss: Float) {
    guard loss < self.loss else { return }
    (self.epoch, self.loss) = (epoch, loss)
    kept.pointer.update(from: parameters.block.pointer, count: kept.count)
  }

  /// Goes on where another one stood.
  mutating func restore(_ weights: [Float], epoch: Int, loss: Float) {
    (self.epoch, self.loss) = (epoch, loss)
    kept.pointer.update(from: weights, count: kept.count)
  }

  /// Puts the kept weights back.
  func restore(_ parameters: ParameterBlock) {
    parameters.block.pointer.update(from: kept.pointer, count: kept.count)
  }
}
