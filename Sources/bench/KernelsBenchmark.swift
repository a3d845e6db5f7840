// bench kernels: the dense and sparse products of workload W's layers, one image at a time, as the network calls them.

import Canonical
import ChebNet
import Kernels
import SpectralGraph

/// One product, measured.
private struct Product {
  let layer: Int
  let name: String
  /// What meets what.
  let shape: String
  let flops: Double
  /// Floats of all operands.
  let floats: Int
  let seconds: Double

  private var gflops: Double { flops / seconds / 1e9 }
  private var gb_per_s: Double { Double(4 * floats) / seconds / 1e9 }
  private var isSparse: Bool { name == "sparse" }

  func json(_ roofs: Roofs) -> JSON {
    let json: JSON = [
      "layer": .integer(layer), "product": .string(name), "shape": .string(shape), "gflops": rounded(gflops),
      "of_peak": rounded(gflops / roofs.peak_gflops), "gb_per_s": rounded(gb_per_s),
    ]
    return isSparse ? json.adding(["of_l2": rounded(gflops / roofs.l2_gflops)]) : json
  }

  func line(_ roofs: Roofs) -> String {
    "\(layer)".padded(to: 7) + name.padded(to: 17) + shape.padded(to: 34) + digits(gflops).padded(to: 7)
      + percent(gflops / roofs.peak_gflops).padded(to: 9) + digits(gb_per_s)
      + (isSparse ? "  of two loads each from L2: \(percent(gflops / roofs.l2_gflops))" : "")
  }
}

/// Measures the products of each layer of W.
func kernelsBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: 1, side: options.side, tiny: options.tiny)
  let roofs = Roofs.measured(options.onOneThread)
  var products: [Product] = []
  var (level, inputs) = (0, workload.network.inputs)
  for (place, layer) in workload.network.layers.enumerated() {
    let laplacian = workload.graph.levels[level].laplacian
    products += denseProducts(
      layer: place + 1, nodes: laplacian.rows, inputs: place == 0 ? layer.order * inputs : inputs,
      filters: layer.filters, options)
    products.append(sparseProduct(layer: place + 1, laplacian, width: inputs, options))
    level += layer.coarsenings
    inputs = layer.filters
  }
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "products": .array(products.map { $0.json(roofs) }),
  ]
  let text = """
    \(Options.Verb.kernels.question)
    \(workload.name), one image; \(options.onOneThread.place), median of \(options.repeats)
    layer  product          shape                             GF/s   of peak  GB/s
    \(products.map { $0.line(roofs) }.joined(separator: "\n"))
    roofs: \(roofs.text)
    """
  return Answer(json: json.adding(roofs.json), text: text)
}

/// The product of the forward pass and those of both gradients; the first layer's stands on the whole basis, whose
/// planes lie side by side, and has no gradient for its input.
private func denseProducts(layer: Int, nodes: Int, inputs: Int, filters: Int, _ options: Options) -> [Product] {
  let (x, weight, z) = (filled(nodes * inputs), filled(inputs * filters), filled(nodes * filters))
  func product(_ name: String, _ shape: String, _ body: () -> Void) -> Product {
    Product(
      layer: layer, name: name, shape: shape, flops: 2 * Double(nodes * inputs * filters),
      floats: x.count + weight.count + z.count, seconds: median_s(repeats: options.repeats, body))
  }
  let isFirst = layer == 1
  let packed = filled(Panel.count(inner: inputs, columns: filters))
  let forward = product("forward", "[\(nodes), \(inputs)] x [\(inputs), \(filters)]") {
    panelProduct(
      rows: nodes, columns: filters, inner: inputs,
      isFirst ? .transposed(x.pointer, stride: nodes) : .rows(x.pointer, stride: inputs),
      isFirst ? .rows(weight.pointer, stride: filters) : .packed(packed.pointer, inner: inputs), into: z.pointer,
      stride: filters, adds: false)
  }
  let toWeight = product("weight gradient", "[\(inputs), \(nodes)] x [\(nodes), \(filters)]") {
    panelProduct(
      rows: inputs, columns: filters, inner: nodes,
      isFirst ? .rows(x.pointer, stride: nodes) : .transposed(x.pointer, stride: inputs),
      .rows(z.pointer, stride: filters), into: weight.pointer, stride: filters, adds: false)
  }
  if isFirst { return [forward, toWeight] }
  let transposed = filled(Panel.count(inner: filters, columns: inputs))
  let toInput = product("input gradient", "[\(nodes), \(filters)] x [\(filters), \(inputs)]") {
    panelProduct(
      rows: nodes, columns: inputs, inner: filters, .rows(z.pointer, stride: filters),
      .packed(transposed.pointer, inner: filters), into: x.pointer, stride: inputs, adds: false)
  }
  return [forward, toWeight, toInput]
}

/// One step of the Chebyshev recurrence on [nodes, width].
private func sparseProduct(layer: Int, _ laplacian: SparseMatrix, width: Int, _ options: Options) -> Product {
  let (nodes, entries) = (laplacian.rows, laplacian.value.count)
  let (x, earlier) = (filled(nodes * width), filled(nodes * width))
  let y = AlignedFloats(count: nodes * width)
  let seconds = median_s(repeats: options.repeats) {
    chebyshevStep(laplacian, x.pointer, earlier.pointer, width: width, into: y.pointer)
  }
  return Product(
    layer: layer, name: "sparse", shape: "[\(nodes), \(nodes)]: \(entries) x [\(nodes), \(width)]",
    flops: Double((2 * entries + nodes) * width), floats: 3 * nodes * width + 2 * entries, seconds: seconds)
}

private func filled(_ count: Int) -> AlignedFloats {
  let floats = AlignedFloats(count: count)
  for place in 0..<count { floats.pointer[place] = Float(place % 17) / 17 - 0.5 }
  return floats
}
