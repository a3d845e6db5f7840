// The rows of one step as the network takes them: copied side by side, or images by their bases, which are kept.

import ChebNet
import Kernels

/// Rows that come in batches to one model. Belongs to one thread.
package protocol BatchRows: AnyObject {
  /// The clip of each row, as a position in the selection; ascending.
  var clipOfRow: [Int] { get }
  /// Makes a view of a row number `place` of the batch.
  func put(row: Int, view: RowView, at place: Int)
  /// Mixes the rows that were put.
  func mix(_ mixture: Mixture)
  /// Mean loss of the first `labels.count` rows of the batch; sets the model's gradients. See `Model.gradient`.
  func gradient(labels: [Int32], weights: [Float], second: SecondLabels?, loss: Loss, dropout: Dropout) -> Float
  /// Logits of the first `count` rows of the batch, [count, classes], nothing dropped.
  func logits(count: Int, into logits: UnsafeMutablePointer<Float>)
  /// What the classifier reads of the first `count` rows of the batch, [count, featureWidth], nothing dropped.
  func features(count: Int, into features: UnsafeMutablePointer<Float>)
}

/// Rows of any source, made again each time.
package final class CopiedRows<Source: RowSource>: BatchRows {
  private let model: Model
  private let source: Source
  private var rows: AlignedFloats
  /// Where rows are mixed; there once some were.
  private var mixed: AlignedFloats?

  /// Batches of at most `capacity` rows.
  package init(_ source: Source, of model: Model, capacity: Int) {
    precondition(source.width == model.inputWidth, "rows of another width than the model's")
    self.model = model
    self.source = source
    rows = AlignedFloats(count: capacity * source.width)
  }

  package var clipOfRow: [Int] { source.clipOfRow }

  package func put(row: Int, view: RowView, at place: Int) {
    source.write(row: row, view: view, into: rows.pointer + place * source.width)
  }

  package func mix(_ mixture: Mixture) {
    let target = mixed ?? AlignedFloats(count: rows.count)
    let (start, width) = (rows.pointer, source.width)
    mixture.mix({ UnsafePointer(start + $0 * width) }, width: width, into: target.pointer)
    (rows, mixed) = (target, rows)
  }

  package func gradient(
    labels: [Int32], weights: [Float], second: SecondLabels?, loss: Loss, dropout: Dropout
  ) -> Float {
    model.gradient(
      rows: rows.pointer, count: labels.count, labels: labels, weights: weights, second: second, loss: loss,
      dropout: dropout)
  }

  package func logits(count: Int, into logits: UnsafeMutablePointer<Float>) {
    model.logits(rows: rows.pointer, count: count, into: logits)
  }

  package func features(count: Int, into features: UnsafeMutablePointer<Float>) {
    model.features(rows: rows.pointer, count: count, output: .dense, into: features)
  }
}
