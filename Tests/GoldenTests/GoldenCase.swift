// One oracle file (made by make_golden.py, float64) as values: its graphs, its network, its inputs and its outputs.

import Canonical
import ChebNet
import Foundation
import SpectralGraph
import TestSupport

/// Why a file is no oracle case.
struct GoldenError: Error, CustomStringConvertible {
  let description: String
}

/// A graph of a case: what it was made from, and what the oracle found.
struct GoldenGraph {
  let spec: GraphSpec
  let pixelGraph: PixelGraph
  let coarsening: Coarsening
  let hierarchy: GraphHierarchy
  /// The `graphN_data` object.
  let data: JSON

  init(_ graph: JSON, _ data: JSON) throws {
    spec = GraphSpec(
      side: try graph.whole("side"), nearest: try graph.whole("nearest"), stochastic: try graph.whole("stochastic"),
      thresholdSquared: try graph.whole("threshold_squared"),
      sigma: Sigma(rawValue: graph["sigma"]?.string ?? "") ?? .selected)
    let chosen = try data.list("chosen").map { ($0.integers ?? []).map(Int32.init) }
    let matchings = try data.list("matching").map { ($0.integers ?? []).map(Int32.init) }
    pixelGraph = PixelGraph(spec: spec, chosen: chosen)
    coarsening = Coarsening(graph: pixelGraph.adjacency, matchings: matchings)
    hierarchy = GraphHierarchy(pixelGraph: pixelGraph, matchings: matchings, lambdaMax: .computed)
    self.data = data
  }
}

/// A whole case.
struct GoldenCase {
  let name: String
  let json: JSON
  let graphs: [GoldenGraph]
  let model: Model
  let rows: [Float]
  let count: Int
  let labels: [Int32]
  let loss: Loss
  let mask: [Float]
  /// Names in a file without a second SGCN have no prefix.
  let isDual: Bool

  init(path: String) throws {
    json = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: path)))
    name = json["name"]?.string ?? path
    isDual = json["dual"]?.bool ?? false
    var graphs = [try GoldenGraph(try json.member("graph"), try json.member("graph1_data"))]
    if isDual { graphs.append(try GoldenGraph(try json.member("graph2"), try json.member("graph2_data"))) }
    self.graphs = graphs
    let network = try json.member("network")
    let columns = try ["orders", "filters", "coarsenings"].map { try network.list($0).compactMap(\.integer) }
    let layers = columns[0].indices.map {
      LayerSpec(order: columns[0][$0], filters: columns[1][$0], coarsenings: columns[2][$0])
    }
    let dropout = try json.member("dropout")
    let inputs = try network.whole("inputs")
    let spec = NetworkSpec(
      layers: layers, dense: try network.whole("dense"), dropout: 1 - Float(dropout["keep"]?.number ?? 1),
      inputs: inputs)
    model = Model(
      graphs: graphs.map(\.hierarchy), network: spec, classes: try json.whole("classes"), entry: .images, threads: 2)
    count = try json.whole("batch")
    labels = try json.list("labels").compactMap(\.integer).map(Int32.init)
    let loss = try json.member("loss")
    self.loss = Loss(alpha: Float(loss["alpha"]?.number ?? .nan), gamma: Float(loss["gamma"]?.number ?? .nan))
    mask = try dropout.values("mask").map(Float.init)
    rows = Self.planar(try json.values("image"), count: count, inputs: inputs)
    try setParameters()
  }

  /// Our name of a tensor in the file's words.
  func name(of ours: String) -> String { isDual ? ours : ours.replacingOccurrences(of: "sgcn1.", with: "") }

  /// [rows, pixels, inputs] as [rows, inputs, pixels].
  private static func planar(_ image: [Double], count: Int, inputs: Int) -> [Float] {
    let pixels = image.count / count / inputs
    return (0..<image.count).map { place in
      let (row, rest) = place.quotientAndRemainder(dividingBy: inputs * pixels)
      let (channel, pixel) = rest.quotientAndRemainder(dividingBy: pixels)
      return Float(image[(row * pixels + pixel) * inputs + channel])
    }
  }

  /// Parameters as listed, or by the closed form that a short file states.
  private func setParameters() throws {
    let listed = try json.member("parameters")
    let head = try json.member("head")
    for (number, tensor) in model.parameters.tensors.enumerated() {
      let name = name(of: tensor.name)
      let values: [Double]
      if listed.object != nil || tensor.name.hasPrefix("head.") {
        values = try (listed.object == nil ? head : listed).values(name)
      } else {
        let fan = Double(tensor.shape.dropLast().reduce(1, *))
        let scale = tensor.isWeight ? (3 / fan).squareRoot() : 0.05
        values = (0..<tensor.count).map { scale * sin(1.7 * Double($0) + Double(number)) }
      }
      guard values.count == tensor.count else {
        throw GoldenError(description: "\(name): \(values.count) values where we have \(tensor.count)")
      }
      for (place, value) in values.enumerated() { model.parameters[tensor.name][place] = Float(value) }
    }
  }

  /// The cases of this package and, where it exists, of the folder `../shared/golden` beside it.
  static var paths: [String] {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let folders = [
      Bundle.module.resourceURL?.appendingPathComponent("Cases"),
      root.deletingLastPathComponent().appendingPathComponent("shared/golden"),
    ]
    return folders.compactMap(\.self).flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.sorted().map { folder.appendingPathComponent($0).path }
    }
  }
}

extension JSON {
  func member(_ key: String) throws -> JSON {
    guard let value = self[key] else { throw GoldenError(description: "no \(key)") }
    return value
  }

  func whole(_ key: String) throws -> Int {
    guard let value = self[key]?.integer else { throw GoldenError(description: "no whole number \(key)") }
    return value
  }

  func list(_ key: String) throws -> [JSON] {
    guard let value = self[key]?.array else { throw GoldenError(description: "no list \(key)") }
    return value
  }

  func values(_ key: String) throws -> [Double] {
    guard let value = self[key]?.numbers else { throw GoldenError(description: "no array \(key)") }
    return value
  }
}
