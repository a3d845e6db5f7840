// bench layers: each Chebyshev convolution of workload W forward and backward, one image at a time; the first layer
// with its pooling, which it does not part from, and its basis kept.

import Canonical
import ChebNet
import Kernels
import SpectralGraph

/// Measures the convolutions of W, one by one.
func layersBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: 1, side: options.side, tiny: options.tiny)
  let roofs = Roofs.measured(options.onOneThread)
  var rows: [JSON] = []
  var lines: [String] = []
  var (level, inputs) = (0, workload.network.inputs)
  for (place, work) in workload.work(isBasisKept: true).layers.enumerated() {
    let spec = workload.network.layers[place]
    let laplacian = workload.graph.levels[level].laplacian
    let (forward_s, backward_s) =
      place == 0
      ? firstTimes_s(workload, spec, options)
      : times_s(
        of: ChebyshevLayer(laplacian: laplacian, order: spec.order, inputs: inputs, outputs: spec.filters), options)
    var row: [String: JSON] = ["layer": .integer(place + 1), "nodes": .integer(work.nodes)]
    var line = "\(place + 1)".padded(to: 7) + "[\(work.nodes), \(inputs)] to \(spec.filters)".padded(to: 19)
    for (name, work, seconds) in [("forward", work.forward, forward_s), ("backward", work.backward, backward_s)] {
      row["\(name)_us"] = rounded(seconds * 1e6)
      row["\(name)_gflops"] = rounded(work.flops / seconds / 1e9)
      row["\(name)_of_floor"] = rounded(roofs.floor_s(work) / seconds)
      row["\(name)_of_peak_floor"] = rounded(roofs.peakFloor_s(work) / seconds)
      line += name.padded(to: 10) + digits(seconds * 1e6).padded(to: 9)
      line += digits(work.flops / seconds / 1e9).padded(to: 7)
      line += percent(roofs.floor_s(work) / seconds).padded(to: 10)
      lines.append(line + percent(roofs.peakFloor_s(work) / seconds))
      line = String(repeating: " ", count: 26)
    }
    rows.append(.object(row))
    level += spec.coarsenings
    inputs = spec.filters
  }
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "layers": .array(rows),
  ]
  let text = """
    \(Options.Verb.layers.question)
    \(workload.name), one image; \(options.onOneThread.place), median of \(options.repeats)
    layer  shape              pass      us       GF/s   of floor  of peak
    \(lines.joined(separator: "\n"))
    roofs: \(roofs.text)
    """
  return Answer(json: json.adding(roofs.json), text: text)
}

/// Seconds of one forward and one backward pass of one image in the first layer.
private func firstTimes_s(
  _ workload: Workload, _ spec: LayerSpec, _ options: Options
) -> (forward: Double, backward: Double) {
  let (graph, inputs) = (workload.graph, workload.network.inputs)
  let pooling = Pooling(children: graph.children(from: 0, steps: spec.coarsenings), filters: spec.filters)
  let layer = InputLayer(
    laplacian: graph.levels[0].laplacian, order: spec.order, inputs: inputs, pooling: pooling)
  let basis = AlignedFloats(count: layer.basisCount)
  let (image, terms) = (drawn(layer.nodes * inputs), AlignedFloats(count: layer.expandScratch))
  withExtendedLifetime((image, terms)) {
    layer.expand(
      image.pointer, stride: 0, count: 1, pixels: graph.inputOrder, into: basis.pointer, stride: 0,
      scratch: terms.pointer)
  }
  let (weight, bias) = (drawn(layer.order * inputs * layer.outputs), drawn(layer.outputs))
  let (output, gradient) = (AlignedFloats(count: pooling.outputCount), drawn(pooling.outputCount))
  let (weightGradient, biasGradient) = (AlignedFloats(count: weight.count), AlignedFloats(count: bias.count))
  let scratch = AlignedFloats(count: layer.scratchCount)
  var winners = [Int32](repeating: 0, count: pooling.outputCount)
  let forward_s = median_s(repeats: options.repeats) {
    layer.forward(
      basis: basis.pointer, weight: weight.pointer, bias: bias.pointer, into: output.pointer, winners: &winners,
      scratch: scratch.pointer)
  }
  let backward_s = median_s(repeats: options.repeats) {
    layer.backward(
      basis: basis.pointer, gradient.pointer, output: output.pointer, winners: winners,
      weightGradient: weightGradient.pointer, biasGradient: biasGradient.pointer, scratch: scratch.pointer)
  }
  return (forward_s, backward_s)
}

/// Seconds of one forward and one backward pass of one image in a later layer.
private func times_s(of layer: ChebyshevLayer, _ options: Options) -> (forward: Double, backward: Double) {
  let x = drawn(layer.nodes * layer.inputs)
  let values = drawn(layer.order * layer.inputs * layer.outputs)
  let weight = PackedWeights(order: layer.order, inputs: layer.inputs, outputs: layer.outputs)
  weight.pack(values.pointer)
  weight.packTransposed(values.pointer)
  let z = drawn(layer.nodes * layer.outputs)
  let weightGradient = AlignedFloats(count: values.count)
  let dx = AlignedFloats(count: x.count)
  let scratch = AlignedFloats(count: max(layer.forwardScratch, layer.backwardScratch, 1))
  let forward_s = median_s(repeats: options.repeats) {
    layer.forward(x.pointer, weight: weight, into: z.pointer, scratch: scratch.pointer)
  }
  let backward_s = median_s(repeats: options.repeats) {
    layer.backward(
      x.pointer, z.pointer, weight: weight, weightGradient: weightGradient.pointer, into: dx.pointer,
      scratch: scratch.pointer)
  }
  return (forward_s, backward_s)
}

/// Numbers in −0.5 ..< 0.5.
private func drawn(_ count: Int) -> AlignedFloats {
  var random = CounterRandom(key: 2, stream: 1)
  let floats = AlignedFloats(count: count)
  for place in 0..<count { floats.pointer[place] = random.unit() - 0.5 }
  return floats
}
