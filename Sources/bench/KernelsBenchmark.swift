// bench kernels: the dense and sparse products of workload W's layers, one image at a time, as the network calls them.

import Canonical
import ChebNet
import Kernels
import SpectralGraph

/// Measures the products of each layer of W.
func kernelsBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: 1, tiny: options.tiny)
  let peak = PeakRate.measured(runs: options.tiny ? 2 : 10)
  var rows: [JSON] = []
  var lines = [
    Options.Verb.kernels.question,
    "\(options.place); limit \(digits(peak / 1e9)) GFLOP/s of one thread",
    "layer  nodes  dense GFLOP/s  of limit  sparse GFLOP/s  of limit",
  ]
  var (level, inputs) = (0, workload.network.inputs)
  for (place, layer) in workload.network.layers.enumerated() {
    let laplacian = workload.graph.levels[level].laplacian
    let dense = denseRate(nodes: laplacian.rows, inner: layer.order * inputs, filters: layer.filters, options)
    let sparse = sparseRate(laplacian, width: inputs, options)
    rows.append([
      "layer": .integer(place + 1), "nodes": .integer(laplacian.rows), "dense_gflops": rounded(dense / 1e9),
      "sparse_gflops": rounded(sparse / 1e9),
    ])
    lines.append(
      "\(place + 1)".padded(to: 7) + "\(laplacian.rows)".padded(to: 7) + digits(dense / 1e9).padded(to: 15)
        + "\(digits(100 * dense / peak)) %".padded(to: 10) + digits(sparse / 1e9).padded(to: 16)
        + "\(digits(100 * sparse / peak)) %")
    level += layer.coarsenings
    inputs = layer.filters
  }
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "peak_gflops": rounded(peak / 1e9), "layers": .array(rows),
  ]
  return Answer(json: json, text: lines.joined(separator: "\n"))
}

/// Flops a second of [nodes, inner] × [inner, filters].
private func denseRate(nodes: Int, inner: Int, filters: Int, _ options: Options) -> Double {
  let basis = filled(nodes * inner)
  let weights = filled(inner * filters)
  let output = AlignedFloats(count: nodes * filters)
  let seconds = median_s(repeats: options.repeats) {
    gemm(
      m: nodes, n: filters, k: inner, a: basis.pointer, lda: inner, b: weights.pointer, ldb: filters,
      c: output.pointer, ldc: filters)
  }
  return 2 * Double(nodes * inner * filters) / seconds
}

/// Flops a second of one Chebyshev step on [nodes, width].
private func sparseRate(_ laplacian: SparseMatrix, width: Int, _ options: Options) -> Double {
  let x = filled(laplacian.rows * width)
  let earlier = filled(laplacian.rows * width)
  let y = AlignedFloats(count: laplacian.rows * width)
  let seconds = median_s(repeats: options.repeats) {
    chebyshevStep(laplacian, x.pointer, earlier.pointer, width: width, into: y.pointer)
  }
  return Double((2 * laplacian.value.count + laplacian.rows) * width) / seconds
}

private func filled(_ count: Int) -> AlignedFloats {
  let floats = AlignedFloats(count: count)
  for place in 0..<count { floats.pointer[place] = Float(place % 17) / 17 - 0.5 }
  return floats
}
