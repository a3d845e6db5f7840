// Images are read, mirrored, normalised and expanded to their first layer's basis once; every later epoch finds it.
//
// Bases are remembered in the order of the rows as far as a limit of memory goes; those beyond it, and those of
// shifted images, are made again each time. They are the same floats either way. A basis is linear in its image, so a
// mixture of images has the mixture of their bases.

import ChebNet
import Kernels

/// Rows of images by their bases. Belongs to one thread, whose core is near the memory, since it writes it first.
package final class KeptBases<Source: RowSource>: BatchRows {
  package let clipOfRow: [Int]
  private let model: Model
  private let source: Source
  private let sides: Int
  private let width: Int
  /// Rows whose bases are remembered, those of their mirrors too.
  private let kept: Int
  private let memory: StageMemory
  private var isMade: [Bool]
  private let image: AlignedFloats
  /// Bases of this batch that are not remembered.
  private var passing: AlignedFloats
  /// Mixtures of this batch; there once some were made.
  private var mixed: AlignedFloats?
  private let capacity: Int
  private let batch: UnsafeMutableBufferPointer<UnsafePointer<Float>>

  /// Batches of at most `capacity` images.
  ///
  /// - Parameters:
  ///   - mirror: whether mirrors of rows are asked for too.
  ///   - limit_bytes: memory for bases that are remembered; 0 remembers none.
  package init(_ source: Source, of model: Model, mirror: Bool, capacity: Int, limit_bytes: Int) {
    precondition(source.width == model.inputWidth, "rows of another width than the model's")
    self.model = model
    self.source = source
    clipOfRow = source.clipOfRow
    sides = mirror ? 2 : 1
    width = model.basisWidth
    self.capacity = capacity
    kept = min(clipOfRow.count, max(limit_bytes, 0) / (sides * width * MemoryLayout<Float>.stride))
    isMade = [Bool](repeating: false, count: kept * sides)
    memory = StageMemory(count: kept * sides * width)
    image = AlignedFloats(count: source.width)
    passing = AlignedFloats(count: kept == clipOfRow.count ? 0 : capacity * width)
    batch = .allocate(capacity: capacity)
  }

  deinit { batch.deallocate() }

  package func put(row: Int, view: RowView, at place: Int) {
    precondition(!view.mirrored || sides == 2, "these rows have no mirrors")
    let number = row * sides + (view.mirrored ? 1 : 0)
    let isKept = row < kept && view.isCentred
    if !isKept, passing.count == 0 { passing = AlignedFloats(count: capacity * width) }
    let basis = isKept ? memory.pointer + number * width : passing.pointer + place * width
    if !isKept || !isMade[number] {
      source.write(row: row, view: view, into: image.pointer)
      model.expand(image.pointer, into: basis)
      if isKept { isMade[number] = true }
    }
    batch[place] = UnsafePointer(basis)
  }

  package func mix(_ mixture: Mixture) {
    let target = mixed ?? AlignedFloats(count: capacity * width)
    mixed = target
    mixture.mix({ batch[$0] }, width: width, into: target.pointer)
    for place in mixture.partners.indices { batch[place] = UnsafePointer(target.pointer + place * width) }
  }

  package func gradient(
    labels: [Int32], weights: [Float], second: SecondLabels?, loss: Loss, dropout: Dropout
  ) -> Float {
    model.gradient(
      bases: first(labels.count), labels: labels, weights: weights, second: second, loss: loss, dropout: dropout)
  }

  package func logits(count: Int, into logits: UnsafeMutablePointer<Float>) {
    model.logits(bases: first(count), into: logits)
  }

  package func features(count: Int, into features: UnsafeMutablePointer<Float>) {
    model.features(bases: first(count), output: .dense, into: features)
  }

  private func first(_ count: Int) -> UnsafeBufferPointer<UnsafePointer<Float>> {
    UnsafeBufferPointer(rebasing: batch[..<count])
  }
}
