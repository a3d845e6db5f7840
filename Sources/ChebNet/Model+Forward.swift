// Rows forward: what training and evaluation share, and the evaluation entries.

import Kernels

/// The rows of one pass.
enum Rows {
  /// Side by side: [count, inputWidth].
  case contiguous(UnsafePointer<Float>, Int)
  /// Images by their bases, wherever they lie.
  case bases(UnsafeBufferPointer<UnsafePointer<Float>>)

  var count: Int {
    switch self {
    case .contiguous(_, let count): count
    case .bases(let bases): bases.count
    }
  }

  /// Whether the bases of images have still to be made.
  var areImages: Bool {
    if case .contiguous = self { true } else { false }
  }
}

extension Model {
  /// Rows that evaluation takes at once: what bounds its memory.
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
    chunks(.contiguous(rows, count)) { start, rows in self.logits(rows, into: logits + start * classes) }
  }

  /// Logits of images by their bases; the same bits as from the images.
  /// - Parameters:
  ///   - bases: what `expand` wrote for each image, `basisWidth` floats.
  ///   - logits: [bases.count, classes], set.
  public func logits(bases: UnsafeBufferPointer<UnsafePointer<Float>>, into logits: UnsafeMutablePointer<Float>) {
    precondition(entry == .images, "only images have a basis")
    chunks(.bases(bases)) { start, rows in self.logits(rows, into: logits + start * classes) }
  }

  private func logits(_ rows: Rows, into logits: UnsafeMutablePointer<Float>) {
    classify(forward(rows), count: rows.count, into: logits, threads: threads)
  }

  /// Features to logits, [count, classes], through the hidden layer where there is one.
  func classify(
    _ features: UnsafePointer<Float>, count: Int, into logits: UnsafeMutablePointer<Float>, threads: Int
  ) {
    hidden?.forward(
      features, ldx: featureWidth, count: count, into: work.hidden.pointer, ldy: head.inputs, threads: threads)
    head.forward(
      headInput(features), ldx: head.inputs, count: count, into: logits, ldy: classes, threads: threads)
  }

  /// What the classifier reads: the hidden layer's outputs, or the features.
  func headInput(_ features: UnsafePointer<Float>) -> UnsafePointer<Float> {
    hidden == nil ? features : UnsafePointer(work.hidden.pointer)
  }

  /// Floats of an image's bases, all SGCNs one after the other; see `expand`.
  public var basisWidth: Int { convolutions.reduce(0) { $0 + $1.basisCount } }

  /// Writes the first layers' terms T_k(L) x of an image, which depend on the image and the graphs alone: callers who
  /// show an image more than once keep them.
  /// - Parameters:
  ///   - row: [inputWidth].
  ///   - basis: `basisWidth` floats, set.
  public func expand(_ row: UnsafePointer<Float>, into basis: UnsafeMutablePointer<Float>) {
    var target = basis
    for part in convolutions {
      part.reserve(images: 0, threads: 1, keepsBases: false)
      part.expand(row, stride: 0, count: 1, into: target, stride: 0, worker: 0)
      target += part.basisCount
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
    self.features(.contiguous(rows, count), output: output, into: features)
  }

  /// The same of images by their bases; the same bits as from the images.
  /// - Parameters:
  ///   - bases: what `expand` wrote for each image, `basisWidth` floats.
  ///   - features: [bases.count, convolutionWidth] or [bases.count, featureWidth], set.
  public func features(
    bases: UnsafeBufferPointer<UnsafePointer<Float>>, output: Output, into features: UnsafeMutablePointer<Float>
  ) {
    precondition(entry == .images, "only images have a basis")
    self.features(.bases(bases), output: output, into: features)
  }

  private func features(_ rows: Rows, output: Output, into features: UnsafeMutablePointer<Float>) {
    let width = output == .dense ? featureWidth : convolutionWidth
    chunks(rows) { start, rows in
      let last = forward(rows)
      let source = output == .dense ? last : UnsafePointer(work.flat.pointer)
      (features + start * width).update(from: source, count: rows.count * width)
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

  private func chunks(_ rows: Rows, _ body: (_ start: Int, _ rows: Rows) -> Void) {
    for start in stride(from: 0, to: rows.count, by: Self.chunk) {
      let size = min(Self.chunk, rows.count - start)
      switch rows {
      case .contiguous(let first, _): body(start, .contiguous(first + start * inputWidth, size))
      case .bases(let bases): body(start, .bases(UnsafeBufferPointer(rebasing: bases[start..<start + size])))
      }
    }
  }

  /// Rows to features before dropout, [count, featureWidth]; valid until the next pass.
  func forward(_ rows: Rows) -> UnsafePointer<Float> {
    let count = rows.count
    work.reserve(rows: count)
    if entry == .images { convolve(rows) }
    let flat = flat(rows)
    guard !dense.isEmpty else { return flat }
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

  /// What the dense layers read: flattened convolutions of images, or the rows themselves.
  func flat(_ rows: Rows) -> UnsafePointer<Float> {
    guard entry != .images, case .contiguous(let first, _) = rows else { return UnsafePointer(work.flat.pointer) }
    return first
  }

  /// Images to flattened convolutions, in `work.flat`.
  private func convolve(_ rows: Rows) {
    let count = rows.count
    var from = 0
    for (place, part) in convolutions.enumerated() {
      part.reserve(images: count, threads: threads, keepsBases: rows.areImages)
      part.packWeights()
      let target = work.flat.pointer + from
      Lanes.run(threads: threads) { lane, worker in
        if case .contiguous(let images, _) = rows, lane < count {
          part.expand(
            images + lane * inputWidth, stride: Lanes.count * inputWidth,
            count: (count - lane + Lanes.count - 1) / Lanes.count, into: part.basis(slot: lane),
            stride: Lanes.count * part.basisCount, worker: worker)
        }
        for image in stride(from: lane, to: count, by: Lanes.count) {
          part.forward(
            basis: basis(of: image, place, rows), slot: image, worker: worker,
            into: target + image * convolutionWidth)
        }
      }
      from += part.outputWidth
    }
  }

  /// The basis of an image for one SGCN: the caller's, or the one in its slot.
  func basis(of image: Int, _ place: Int, _ rows: Rows) -> UnsafePointer<Float> {
    switch rows {
    case .contiguous: UnsafePointer(convolutions[place].basis(slot: image))
    case .bases(let bases): bases[image] + (place == 0 ? 0 : convolutions[0].basisCount)
    }
  }
}
