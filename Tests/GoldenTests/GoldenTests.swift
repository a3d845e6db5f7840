// Every number of every oracle case against ours: graphs, layers, loss, gradients, one step of Adam.

import Canonical
import ChebNet
import Kernels
import SpectralGraph
import TestSupport
import Testing

@Suite("golden cases", .serialized)
struct GoldenTests {
  @Test("the package brings its four cases")
  func cases() throws {
    #expect(GoldenCase.paths.count >= 4)
  }

  /// Goal: our float32 is the oracle's float64 but for rounding: 1e-5 for values, 1e-4 for gradients. Method: relative
  /// norm of the difference of each tensor; the worst of each kind is printed.
  @Test("every value and gradient is the oracle's")
  func everything() throws {
    var all: [Distance] = []
    for path in GoldenCase.paths {
      let golden = try GoldenCase(path: path)
      var comparison = Comparison()
      for (number, graph) in golden.graphs.enumerated() { try compare(graph, number + 1, &comparison) }
      try compareForward(golden, &comparison)
      try compareStep(golden, &comparison)
      for distance in comparison.distances {
        #expect(distance.error <= distance.kind.limit, "\(path): \(distance.place) is off by \(distance.error)")
      }
      all += comparison.distances.map { Distance(kind: $0.kind, place: "\(golden.name) \($0.place)", error: $0.error) }
    }
    for kind in GoldenKind.allCases {
      let own = all.filter { $0.kind == kind }
      guard let worst = own.max(by: { $0.error < $1.error }) else { continue }
      print(
        "golden: \(own.count) \(kind)s of \(GoldenCase.paths.count) files, worst relative error \(worst.error)"
          + " (allowed \(kind.limit)) in \(worst.place)")
    }
  }

  /// Adjacency, λmax, rescaled Laplacian and order of every level.
  private func compare(_ graph: GoldenGraph, _ number: Int, _ comparison: inout Comparison) throws {
    let levels = graph.hierarchy.levels
    let prefix = "graph\(number)"
    comparison.add(.value, "\(prefix) σ", [graph.pixelGraph.sigma], [try graph.data.member("sigma").number ?? .nan])
    comparison.add(.value, "\(prefix) λmax", levels.map(\.lambdaMax), try graph.data.values("lambda_max"))
    #expect(try graph.data.list("real").map(\.integer) == levels.map(\.nodes))
    #expect(try graph.data.list("positions").map(\.integer) == levels.map(\.positions))
    for (level, order) in try graph.data.list("order").enumerated() {
      let nodes = order.integers ?? []
      let own = levels[level]
      #expect(own.positionOf.map { nodes[Int($0)] } == own.nodeOf.map(Int.init), "\(prefix) order of level \(level)")
    }
    for (level, oracle) in (graph.data["adjacency"]?.array ?? []).enumerated() {
      comparison.add(.value, "\(prefix) A\(level)", graph.coarsening.graphs[level].dense, oracle.numbers ?? [])
    }
    for (level, oracle) in (graph.data["laplacian"]?.array ?? []).enumerated() {
      comparison.add(.value, "\(prefix) L\(level)", spread(levels[level]), oracle.numbers ?? [])
    }
  }

  /// A level's Laplacian over all positions, zero at fake nodes.
  private func spread(_ level: GraphLevel) -> [Double] {
    var dense = [Double](repeating: 0, count: level.positions * level.positions)
    let matrix = level.laplacian
    for row in 0..<matrix.rows {
      for place in Int(matrix.rowStart[row])..<Int(matrix.rowStart[row + 1]) {
        let column = Int(level.positionOf[Int(matrix.column[place])])
        dense[Int(level.positionOf[row]) * level.positions + column] = Double(matrix.value[place])
      }
    }
    return dense
  }

  /// Every layer before and after ReLU and pooling, and dense outputs.
  private func compareForward(_ golden: GoldenCase, _ comparison: inout Comparison) throws {
    let oracle = golden.json["trace"] ?? golden.json["trace_norm"] ?? .null
    let traces = golden.model.trace(rows: golden.rows, count: golden.count)
    #expect(oracle.object?.count == traces.count)
    for trace in traces {
      let name = golden.name(of: trace.name)
      let graph = golden.graphs[trace.name.hasPrefix("sgcn2.") ? 1 : 0]
      let values = spread(trace, graph.hierarchy, golden.count)
      if let norm = oracle[name]?.number {
        comparison.add(.value, "‖\(name)‖", [norm2(values)], [norm])
      } else {
        comparison.add(.value, name, values, oracle[name]?.numbers ?? [])
      }
    }
  }

  private func spread(_ trace: Model.Trace, _ hierarchy: GraphHierarchy, _ count: Int) -> [Double] {
    guard let place = trace.level else { return trace.values.map(Double.init) }
    let level = hierarchy.levels[place]
    let filters = trace.values.count / count / level.nodes
    var all = [Double](repeating: 0, count: count * level.positions * filters)
    for (index, value) in trace.values.enumerated() {
      let (line, f) = index.quotientAndRemainder(dividingBy: filters)
      let (row, node) = line.quotientAndRemainder(dividingBy: level.nodes)
      all[(row * level.positions + Int(level.positionOf[node])) * filters + f] = Double(value)
    }
    return all
  }

  private func norm2(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// Logits with the case's mask (through the loss), loss, gradients, parameters after a step.
  private func compareStep(_ golden: GoldenCase, _ comparison: inout Comparison) throws {
    let model = golden.model
    let loss = model.gradient(
      rows: golden.rows, count: golden.count, labels: golden.labels, loss: golden.loss, dropout: .given(golden.mask))
    comparison.add(.value, "loss", [Double(loss)], [try golden.json.member("loss_value").number ?? .nan])
    comparison.add(
      .value, "logits", model.trainingLogits(golden.count).map(Double.init), try golden.json.values("logits"))
    for tensor in model.gradients.tensors {
      let name = golden.name(of: tensor.name)
      let ours = model.gradients.values(tensor.name).map(Double.init)
      if let oracle = golden.json["gradients"]?[name]?.numbers {
        comparison.add(.gradient, "d \(name)", ours, oracle)
      } else {
        let norm = golden.json["gradients_norm"]?[name]?.number ?? .nan
        comparison.add(.gradient, "‖d \(name)‖", [norm2(ours)], [norm])
        let first = golden.json["gradients_first"]?[name]?.numbers ?? []
        comparison.add(.gradient, "first of d \(name)", Array(ours.prefix(first.count)), first)
      }
    }
    guard let after = golden.json["after_adam"] else { return }
    var adam = Adam(
      rate: after["rate"]?.number ?? .nan, decay: after["decay"]?.number ?? .nan,
      epsilon: after["epsilon"]?.number ?? .nan)
    adam.step(model.parameters, model.gradients)
    for tensor in model.parameters.tensors {
      let oracle = after["parameters"]?[golden.name(of: tensor.name)]?.numbers ?? []
      let ours = model.parameters.values(tensor.name).map(Double.init)
      comparison.add(.value, "\(tensor.name) after Adam", ours, oracle)
    }
  }

  @Test("our own matching pairs neighbours only and leaves at most 5 % more nodes than the oracle's")
  func matching() throws {
    for path in GoldenCase.paths {
      let golden = try GoldenCase(path: path)
      for (number, graph) in golden.graphs.enumerated() {
        let real = try graph.data.list("real").compactMap(\.integer)
        let own = Coarsening(graph: graph.pixelGraph.adjacency, levels: real.count - 1)
        for (level, matching) in own.matchings.enumerated() {
          #expect(pairsNeighbours(own.graphs[level], matching), "\(golden.name) level \(level)")
        }
        let nodes = own.graphs.map(\.nodes)
        for (ours, oracle) in zip(nodes, real) {
          #expect(Double(ours) <= Double(oracle) * 1.05, "\(golden.name): \(nodes) against \(real)")
        }
        print("golden: \(golden.name) graph \(number + 1): nodes by our matching \(nodes), by the oracle's \(real)")
      }
    }
  }

  private func pairsNeighbours(_ graph: WeightedGraph, _ matching: [Int32]) -> Bool {
    var members: [[Int]] = .init(repeating: [], count: Int(matching.max() ?? -1) + 1)
    for (node, cluster) in matching.enumerated() { members[Int(cluster)].append(node) }
    return members.allSatisfy { pair in
      guard pair.count == 2 else { return pair.count == 1 }
      return graph.edges(of: pair[0]).contains { Int(graph.column[$0]) == pair[1] }
    }
  }
}
