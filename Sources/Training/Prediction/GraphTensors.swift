// A graph as tensors of a checkpoint. Building one again costs more than a prediction: eigenvalues above all.
//
// Tensors of graph g, level l, step s (indices are exact in a float32 up to 2^24, more than a graph has):
//   graph{g}.level{l}.order    [nodes]          the pixel (l = 0) or node of each place of the coarsened order
//   graph{g}.level{l}.entries  [nodes]          entries of each row of 2 L / λmax − I
//   graph{g}.level{l}.column   [entries]        their columns, row after row
//   graph{g}.level{l}.value    [entries]        their values
//   graph{g}.step{s}.children  [nodes of s + 1] how many nodes of level s each node of the next level pools
// The recipe holds λmax of each level and a digest of the graph's description and lists.

import Canonical
import ChebNet
import SpectralGraph

/// A graph in a checkpoint: what it was made from, and its lists.
struct GraphTensors {
  let description: JSON
  let graph: StoredGraph

  /// The tensors, under the graph's number.
  func tensors(number: Int) -> [SafeTensors.Named] {
    var tensors: [SafeTensors.Named] = []
    func add(_ name: String, _ values: [Float]) {
      tensors.append(SafeTensors.Named(name: "graph\(number).\(name)", shape: [values.count], values: values))
    }
    for (place, level) in graph.levels.enumerated() {
      add("level\(place).order", level.order.map { Float($0) })
      add("level\(place).entries", level.entries.map { Float($0) })
      add("level\(place).column", level.column.map { Float($0) })
      add("level\(place).value", level.value)
    }
    for (step, children) in graph.children.enumerated() { add("step\(step).children", children.map { Float($0) }) }
    return tensors
  }

  /// λmax of each level and the digest, for the recipe.
  var json: JSON {
    ["lambda_max": .array(graph.levels.map { .number($0.lambdaMax) }), "digest": .string(digest.hex)]
  }

  /// The digest of the description and of all lists.
  var digest: Digest {
    var builder = DigestBuilder()
    builder.add(description.bytes)
    for level in graph.levels {
      var bits = level.lambdaMax.bitPattern.littleEndian
      withUnsafeBytes(of: &bits) { builder.add($0) }
      for list in [level.order, level.entries, level.column] { list.withUnsafeBytes { builder.add($0) } }
      level.value.withUnsafeBytes { builder.add($0) }
    }
    for children in graph.children { children.withUnsafeBytes { builder.add($0) } }
    return builder.finish()
  }

  init(description: JSON, graph: StoredGraph) {
    self.description = description
    self.graph = graph
  }

  /// Reads a graph of a checkpoint.
  ///
  /// - Parameters:
  ///   - number: the graph's number, from 1.
  ///   - spec: what the recipe says that it was made from.
  ///   - structure: what `json` gave.
  ///   - coarsenings: how many steps the network needs.
  /// - Throws: where the lists are not those that the digest names, or make no graph.
  static func read(
    _ file: SafeTensors.File, number: Int, description: JSON, spec: GraphSpec, structure: StructureRecipe,
    coarsenings: Int
  ) throws(StageError) -> GraphHierarchy {
    guard structure.lambdaMax.count == coarsenings + 1 else {
      throw .artifact("graph \(number) has \(structure.lambdaMax.count) levels where \(coarsenings + 1) are needed")
    }
    let reader = Reader(file: file, number: number)
    var levels: [StoredGraph.Level] = []
    for (place, lambda) in structure.lambdaMax.enumerated() {
      levels.append(
        StoredGraph.Level(
          order: try reader.indices("level\(place).order"), entries: try reader.indices("level\(place).entries"),
          column: try reader.indices("level\(place).column"), value: try reader.list("level\(place).value"),
          lambdaMax: lambda))
    }
    var children: [[Int32]] = []
    for step in 0..<coarsenings { children.append(try reader.indices("step\(step).children")) }
    let stored = StoredGraph(side: spec.side, levels: levels, children: children)
    guard GraphTensors(description: description, graph: stored).digest == structure.digest else {
      throw .artifact("graph \(number) is not the one that the recipe names; write the checkpoint again")
    }
    do { return try GraphHierarchy(stored) } catch { throw .artifact("graph \(number): \(error)") }
  }

  /// Lists of one graph in a file.
  private struct Reader {
    let file: SafeTensors.File
    let number: Int

    func list(_ name: String) throws(StageError) -> [Float] {
      let tensor: SafeTensors.Named
      do { tensor = try file.tensor("graph\(number).\(name)") } catch {
        throw .artifact("there is no tensor graph\(number).\(name); write the checkpoint again")
      }
      guard tensor.shape.count == 1 else { throw .artifact("tensor \(tensor.name) is no list") }
      return tensor.values
    }

    func indices(_ name: String) throws(StageError) -> [Int32] {
      let values = try list(name)
      guard values.allSatisfy({ $0 >= 0 && $0 <= 16_777_216 && $0 == $0.rounded() }) else {
        throw .artifact("tensor graph\(number).\(name) holds something else than indices")
      }
      return values.map { Int32($0) }
    }
  }
}
