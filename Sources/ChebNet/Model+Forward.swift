// Rows forward: what training and evaluation share, and the evaluation entries.

import Kernels

extension Model {
  /// Rows that evaluation takes at once. A constant, since the size of a product may show in its last bit.
  static let chunk = 32

  /// Where evaluation rows end.
  public enum Output: String, Sendable {
    /// Flattened pooled output of the last convolution, SGCNs side by side.
    case convolutions
    /// Output of the dense layers, side by side; without dense layers the same as `convolutions`.
    case dense
  }

  /// Logits of rows, nothing dropped.
  /// - Parameters:
  ///   - rows: [count, inputWidth].
  ///   - logits: [count, classes], set.
  public func logits(rows: UnsafePointer<Float>, count: Int, into logits: UnsafeMutablePointer<Float>) {
    chunks(rows, count) { start, size, rows in
      let features = forward(rows, size)
      head.forward(
        features, ldx: featureWidth, count: size, into: logits + start * classes, ldy: classes, threads: threads)
    }
  }

  /// What extraction keeps of rows.
  /// - Parameters:
  ///   - rows: [count, inputWidth]; the entry must not lie behind the output.
  ///   - features: [count, convolutionWidth] or [count, featureWidth], set.
  public func features(
    rows: UnsafePointer<Float>, count: Int, output: Output, into features: UnsafeMutablePointer<Float>
  ) {
    precondition(entry == .images || output == .dense, "rows that are convolutions already")
    let width = output == .dense ? featureWidth : convolutionWidth
    chunks(rows, count) { start, size, rows in
      let last = forward(rows, size)
      let source = output == .dense ? last : UnsafePointer(work.flat.pointer)
      (features + start * width).update(from: source, count: size * width)
    }
  }

  /// Log-probabilities of rows, nothing dropped: [count, classes] row-major.
  public func scores(rows: UnsafePointer<Float>, count: Int) -> [Float] {
    var scores = [Float](repeating: 0, count: count * classes)
    scores.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      logits(rows: rows, count: count, into: base)
      for row in 0..<count { logSoftmax(base + row * classes, classes: classes, into: base + row * classes) }
    }
    return scores
  }

  private func chunks(
    _ rows: UnsafePointer<Float>, _ count: Int, _ body: (_ start: Int, _ size: Int, UnsafePointer<Float>) -> Void
  ) {
    for start in stride(from: 0, to: count, by: Self.chunk) {
      body(start, min(Self.chunk, count - start), rows + start * inputWidth)
    }
  }

  /// Rows to features before dropout, [count, featureWidth]; valid until the next pass.
  func forward(_ rows: UnsafePointer<Float>, _ count: Int) -> UnsafePointer<Float> {
    work.reserve(rows: count)
    if entry == .images { convolve(rows, count) }
    guard !dense.isEmpty else { return entry == .images ? UnsafePointer(work.flat.pointer) : rows }
    let flat = entry == .images ? UnsafePointer(work.flat.pointer) : rows
    var (from, to) = (0, 0)
    for layer in dense {
      layer.forward(
        flat + from, ldx: convolutionWidth, count: count, into: work.features.pointer + to, ldy: featureWidth,
        threads: threads)
      from += layer.inputs
      to += layer.outputs
    }
    return UnsafePointer(work.features.pointer)
  }

  /// Images to flattened convolutions, in `work.flat`.
  private func convolve(_ rows: UnsafePointer<Float>, _ count: Int) {
    var from = 0
    for part in convolutions {
      part.reserve(images: count, threads: threads)
      let target = work.flat.pointer + from
      part.withWinners { winners in
        Lanes.run(threads: threads) { lane, worker in
          for image in stride(from: lane, to: count, by: Lanes.count) {
            part.forward(
              rows + image * inputWidth, slot: image, worker: worker, winners: winners,
              into: target + image * convolutionWidth)
          }
        }
      }
      from += part.outputWidth
    }
  }
}
