// A network seen from inside: every layer's values, for comparison with an oracle. Not on any working path.

import Kernels

extension Model {
  /// Values of one place of the network for a batch.
  package struct Trace {
    /// `sgcn1.layer0.preactivation` (Z with its bias), `sgcn1.layer0.output` (pooled), …, `sgcn1.dense.output`.
    package let name: String
    /// [rows, nodes, filters] of real nodes in coarsened order, or [rows, width].
    package let values: [Float]
    /// Level of the nodes above; nil for dense outputs.
    package let level: Int?
  }

  /// Runs images forward and copies what every layer made of them.
  package func trace(rows: UnsafePointer<Float>, count: Int) -> [Trace] {
    precondition(entry == .images, "a trace starts at images")
    var traces: [Trace] = []
    _ = forward(.contiguous(rows, count))
    var place = 0
    for (number, part) in convolutions.enumerated() {
      traces += layers(of: part, rows, count)
      guard number < dense.count else { continue }
      let width = dense[number].outputs
      let values = (0..<count).flatMap { row in
        (0..<width).map { work.features.pointer[row * featureWidth + place + $0] }
      }
      traces.append(Trace(name: "\(part.name).dense.output", values: values, level: nil))
      place += width
    }
    return traces
  }

  /// Logits of the last `gradient`, [count, classes], dropout in them.
  package func trainingLogits(_ count: Int) -> [Float] {
    (0..<count * classes).map { work.logits.pointer[$0] }
  }

  private func layers(of part: Convolutions, _ rows: UnsafePointer<Float>, _ count: Int) -> [Trace] {
    var before = [[Float]](repeating: [], count: part.stages.count)
    var after = before
    var flat = [Float](repeating: 0, count: part.outputWidth)
    for row in 0..<count {
      let basis = part.basis(slot: row)
      part.expand(rows + row * inputWidth, stride: 0, count: 1, into: basis, stride: 0, worker: 0)
      let first = part.firstProduct(basis)
      part.forward(basis: basis, slot: row, worker: 0, into: &flat) { layer, z, output in
        let stage = part.stages[layer]
        let bias = self.parameters[stage.bias.name]
        before[layer] += (0..<stage.nodes * stage.filters).map {
          (layer == 0 ? first[$0] : z[$0]) + bias[$0 % stage.filters]
        }
        after[layer] += (0..<stage.pooling.outputCount).map { output[$0] }
      }
    }
    var level = 0
    return part.stages.indices.flatMap { layer in
      let start = level
      level += network.layers[layer].coarsenings
      return [
        Trace(name: "\(part.name).layer\(layer).preactivation", values: before[layer], level: start),
        Trace(name: "\(part.name).layer\(layer).output", values: after[layer], level: level),
      ]
    }
  }
}
