// Loss and gradient of a batch: convolutions image by image in four lanes, dense layers and head by the batch.

import Kernels

/// The second class of each row of a batch whose rows are mixtures of two.
public struct SecondLabels: Sendable {
  /// The class of each row.
  public var labels: [Int32]
  /// A factor on the row's loss for that class.
  public var weights: [Float]

  /// Second classes.
  public init(labels: [Int32] = [], weights: [Float] = []) {
    self.labels = labels
    self.weights = weights
  }
}

extension Model {
  /// Mean loss of a batch; sets `gradients`.
  /// - Parameters:
  ///   - rows: [count, inputWidth].
  ///   - labels: the class of each row.
  ///   - weights: a factor on each row's loss; the mean is over rows, not divided by the weights. Nil for 1.
  ///   - dropoutKey: masks come from (key, step) alone; nil to drop nothing.
  public func gradient(
    rows: UnsafePointer<Float>, count: Int, labels: [Int32], weights: [Float]?, loss: Loss, dropoutKey: UInt64?,
    step: Int
  ) -> Float {
    let dropout = dropoutKey.map { Dropout.drawn(key: $0, step: step) } ?? .off
    return gradient(rows: rows, count: count, labels: labels, weights: weights, loss: loss, dropout: dropout)
  }

  /// Mean loss of a batch with any dropout; sets `gradients`.
  /// - Parameter second: where rows are mixtures, what their loss for a second class adds to that for `labels`.
  public func gradient(
    rows: UnsafePointer<Float>, count: Int, labels: [Int32], weights: [Float]? = nil, second: SecondLabels? = nil,
    loss: Loss, dropout: Dropout
  ) -> Float {
    gradient(.contiguous(rows, count), labels, weights, second, loss, dropout)
  }

  /// The same of images by their bases; the same bits as from the images.
  /// - Parameter bases: what `expand` wrote for each image, `basisWidth` floats.
  public func gradient(
    bases: UnsafeBufferPointer<UnsafePointer<Float>>, labels: [Int32], weights: [Float]? = nil,
    second: SecondLabels? = nil, loss: Loss, dropout: Dropout
  ) -> Float {
    precondition(entry == .images, "only images have a basis")
    return gradient(.bases(bases), labels, weights, second, loss, dropout)
  }

  private func gradient(
    _ rows: Rows, _ labels: [Int32], _ weights: [Float]?, _ second: SecondLabels?, _ loss: Loss, _ dropout: Dropout
  ) -> Float {
    let count = rows.count
    precondition(count >= 1 && labels.count == count, "a batch has rows, and a label for each")
    precondition(weights.map { $0.count == count } ?? true, "a weight for each row")
    precondition(second.map { $0.labels.count == count && $0.weights.count == count } ?? true, "two classes for each")
    let features = forward(rows)
    let heads = max(head.scratchCount(count), hidden?.scratchCount(count) ?? 0)
    work.reserve(denseScratch: dense.reduce(heads) { max($0, $1.scratchCount(count)) })
    let isMasked = dropout.fill(work.factors.pointer, count: count * featureWidth, share: network.dropout)
    let entering = isMasked ? mask(features, count) : features
    classify(entering, count: count, into: work.logits.pointer, threads: 1)
    var sum = losses(loss, labels, weights, into: work.logitGradient.pointer)
    if let second {
      let added = work.secondGradient(rows: count)
      sum += losses(loss, second.labels, second.weights, into: added)
      for place in 0..<count * classes { work.logitGradient.pointer[place] += added[place] }
    }
    backwardHead(entering, count)
    if !dense.isEmpty || entry == .images { backwardFeatures(rows, isMasked: isMasked) }
    return Float(sum / Double(count))
  }

  /// The sum of the rows' weighted losses; sets the derivative of their mean, [rows, classes].
  private func losses(
    _ loss: Loss, _ labels: [Int32], _ weights: [Float]?, into derivative: UnsafeMutablePointer<Float>
  ) -> Double {
    var sum = 0.0
    for row in labels.indices {
      let weight = weights?[row] ?? 1
      sum += Double(
        weight
          * loss.row(
            work.logits.pointer + row * classes, classes: classes, label: Int(labels[row]),
            scale: weight / Float(labels.count), derivative: derivative + row * classes))
    }
    return sum
  }

  private func mask(_ features: UnsafePointer<Float>, _ count: Int) -> UnsafePointer<Float> {
    let (dropped, factors) = (work.dropped.pointer, work.factors.pointer)
    for place in 0..<count * featureWidth { dropped[place] = features[place] * factors[place] }
    return UnsafePointer(dropped)
  }

  private func backwardHead(_ entering: UnsafePointer<Float>, _ count: Int) {
    head.backward(
      headInput(entering), ldx: head.inputs, y: work.logits.pointer, dy: work.logitGradient.pointer, ldy: classes,
      count: count, weightGradient: pointer(tensors.head.weight), biasGradient: pointer(tensors.head.bias),
      scratch: work.denseScratch.pointer, threads: threads)
    guard let hidden, let own = tensors.hidden else { return }
    head.inputGradient(
      work.logitGradient.pointer, ldy: classes, count: count, into: work.hiddenGradient.pointer, ldx: hidden.outputs,
      scratch: work.denseScratch.pointer, threads: threads)
    hidden.backward(
      entering, ldx: featureWidth, y: work.hidden.pointer, dy: work.hiddenGradient.pointer, ldy: hidden.outputs,
      count: count, weightGradient: pointer(own.weight), biasGradient: pointer(own.bias),
      scratch: work.denseScratch.pointer, threads: threads)
  }

  private func pointer(_ tensor: Tensor) -> UnsafeMutablePointer<Float> { gradients.block.pointer + tensor.offset }

  /// From the head's gradient down to the entry.
  private func backwardFeatures(_ rows: Rows, isMasked: Bool) {
    let count = rows.count
    // Without dense layers the features are the flattened convolutions.
    let toFeatures = dense.isEmpty ? work.flatGradient.pointer : work.featureGradient.pointer
    let (first, arriving) = hidden.map { ($0, work.hiddenGradient.pointer) } ?? (head, work.logitGradient.pointer)
    first.inputGradient(
      arriving, ldy: first.outputs, count: count, into: toFeatures, ldx: featureWidth,
      scratch: work.denseScratch.pointer, threads: threads)
    if isMasked {
      for place in 0..<count * featureWidth { toFeatures[place] *= work.factors.pointer[place] }
    }
    let flat = flat(rows)
    var (from, to) = (0, 0)
    for (place, layer) in dense.enumerated() {
      layer.backward(
        flat + from, ldx: convolutionWidth, y: work.features.pointer + to, dy: toFeatures + to, ldy: featureWidth,
        count: count, weightGradient: pointer(tensors.dense[place].weight),
        biasGradient: pointer(tensors.dense[place].bias), scratch: work.denseScratch.pointer, threads: threads)
      if entry == .images {
        layer.inputGradient(
          toFeatures + to, ldy: featureWidth, count: count, into: work.flatGradient.pointer + from,
          ldx: convolutionWidth, scratch: work.denseScratch.pointer, threads: threads)
      }
      from += layer.inputs
      to += layer.outputs
    }
    if entry == .images { backwardConvolutions(rows) }
  }

  private func backwardConvolutions(_ rows: Rows) {
    let count = rows.count
    var from = 0
    for (place, part) in convolutions.enumerated() {
      part.packTransposedWeights()
      let size = part.region.count
      if work.lanes.count == place { work.lanes.append(AlignedFloats(count: Lanes.count * size)) }
      let sums = work.lanes[place].pointer
      let arriving = work.flatGradient.pointer + from
      let output = work.flat.pointer + from
      Lanes.run(threads: threads) { lane, worker in
        let own = sums + lane * size
        own.update(repeating: 0, count: size)
        for image in stride(from: lane, to: count, by: Lanes.count) {
          part.backward(
            arriving + image * convolutionWidth, basis: basis(of: image, place, rows),
            output: output + image * convolutionWidth, slot: image, worker: worker, sums: own)
        }
      }
      let target = gradients.block.pointer + part.region.lowerBound
      for place in 0..<size {
        target[place] = ((sums[place] + sums[size + place]) + sums[2 * size + place]) + sums[3 * size + place]
      }
      from += part.outputWidth
    }
  }
}
