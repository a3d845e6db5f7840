// The graphs of the oracle's files, read for these tests. The network in them is compared by GoldenTests.

import Foundation
import SpectralGraph

/// One graph of one oracle file.
struct GoldenGraph: Sendable, CustomStringConvertible {
  let name: String
  let spec: GraphSpec
  let chosen: [[Int32]]
  let sigma: Double
  let lambdaMax: [Double]
  let matchings: [[Int32]]
  /// Position → node per level; nodes at or above the level's real count are fake.
  let order: [[Int32]]
  let real: [Int]
  let positions: [Int]
  /// Per level, nodes × nodes; empty in files that leave matrices out.
  let adjacency: [[Double]]
  /// Per level, positions × positions.
  let laplacian: [[Double]]

  var description: String { name }

  var pixelGraph: PixelGraph { PixelGraph(spec: spec, chosen: chosen) }

  /// Every graph of every case beside the golden tests.
  static let all: [GoldenGraph] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("GoldenTests/Cases")
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.flatMap(read)
  }()

  private static func read(_ file: URL) -> [GoldenGraph] {
    guard let data = try? Data(contentsOf: file),
      let document = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [] }
    return [("graph", "graph1_data"), ("graph2", "graph2_data")].compactMap { spec, graph in
      guard let spec = document[spec] as? [String: Any], let graph = document[graph] as? [String: Any] else {
        return nil
      }
      return GoldenGraph("\(file.deletingPathExtension().lastPathComponent) \(graph.count)", spec, graph)
    }
  }

  private init?(_ name: String, _ values: [String: Any], _ graph: [String: Any]) {
    guard let side = values["side"] as? Int, let nearest = values["nearest"] as? Int,
      let stochastic = values["stochastic"] as? Int, let square = values["threshold_squared"] as? Int,
      let reading = (values["sigma"] as? String).flatMap(Sigma.init(rawValue:)),
      let chosen = graph["chosen"] as? [[Int]], let sigma = graph["sigma"] as? Double,
      let lambdaMax = graph["lambda_max"] as? [Double], let matchings = graph["matching"] as? [[Int]],
      let order = graph["order"] as? [[Int]], let real = graph["real"] as? [Int],
      let positions = graph["positions"] as? [Int]
    else { return nil }
    self.name = name
    spec = GraphSpec(side: side, nearest: nearest, stochastic: stochastic, thresholdSquared: square, sigma: reading)
    self.chosen = chosen.map { $0.map { Int32($0) } }
    self.sigma = sigma
    self.lambdaMax = lambdaMax
    self.matchings = matchings.map { $0.map { Int32($0) } }
    self.order = order.map { $0.map { Int32($0) } }
    self.real = real
    self.positions = positions
    adjacency = Self.matrices(graph["adjacency"])
    laplacian = Self.matrices(graph["laplacian"])
  }

  private static func matrices(_ value: Any?) -> [[Double]] {
    (value as? [[String: Any]] ?? []).compactMap { $0["data"] as? [Double] }
  }
}
