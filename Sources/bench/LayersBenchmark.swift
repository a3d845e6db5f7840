// bench layers: each Chebyshev convolution of workload W forward and backward, one image at a time.

import Canonical
import ChebNet
import Kernels
import SpectralGraph

/// Measures the convolutions of W, one by one.
func layersBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: 1, tiny: options.tiny)
  let costs = workload.costs
  var rows: [JSON] = []
  var lines = [
    Options.Verb.layers.question,
    "\(options.place); one image on one thread, microseconds",
    "layer  nodes  forward  GFLOP/s  backward  GFLOP/s",
  ]
  var (level, inputs) = (0, workload.network.inputs)
  for (place, spec) in workload.network.layers.enumerated() {
    let layer = ChebyshevLayer(
      laplacian: workload.graph.levels[level].laplacian, order: spec.order, inputs: inputs, outputs: spec.filters)
    let (forward_s, backward_s) = times_s(of: layer, options)
    let cost = costs[place]
    rows.append([
      "layer": .integer(place + 1), "nodes": .integer(layer.nodes), "forward_us": rounded(forward_s * 1e6),
      "backward_us": rounded(backward_s * 1e6),
    ])
    lines.append(
      "\(place + 1)".padded(to: 7) + "\(layer.nodes)".padded(to: 7) + digits(forward_s * 1e6).padded(to: 9)
        + digits(cost.forward / forward_s / 1e9).padded(to: 9) + digits(backward_s * 1e6).padded(to: 10)
        + digits((cost.train - cost.forward) / backward_s / 1e9))
    level += spec.coarsenings
    inputs = spec.filters
  }
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "layers": .array(rows),
  ]
  return Answer(json: json, text: lines.joined(separator: "\n"))
}

/// Seconds of one forward and one backward pass of one image.
private func times_s(of layer: ChebyshevLayer, _ options: Options) -> (forward: Double, backward: Double) {
  var random = CounterRandom(key: 2, stream: 1)
  func drawn(_ count: Int) -> AlignedFloats {
    let floats = AlignedFloats(count: count)
    for place in 0..<count { floats.pointer[place] = random.unit() - 0.5 }
    return floats
  }
  let x = drawn(layer.nodes * layer.inputs)
  let drawnWeight = drawn(layer.order * layer.inputs * layer.outputs)
  let weight = PackedWeights(order: layer.order, inputs: layer.inputs, outputs: layer.outputs)
  weight.pack(drawnWeight.pointer)
  weight.packTransposed(drawnWeight.pointer)
  let z = drawn(layer.nodes * layer.outputs)
  let weightGradient = AlignedFloats(count: drawnWeight.count)
  let dx = AlignedFloats(count: x.count)
  let scratch = AlignedFloats(count: max(layer.forwardScratch, layer.backwardScratch, 1))
  let forward = median_s(repeats: options.repeats) {
    layer.forward(x.pointer, weight: weight, into: z.pointer, scratch: scratch.pointer)
  }
  let backward = median_s(repeats: options.repeats) {
    layer.backward(
      x.pointer, z.pointer, weight: weight, weightGradient: weightGradient.pointer, into: dx.pointer,
      scratch: scratch.pointer)
  }
  return (forward, backward)
}
