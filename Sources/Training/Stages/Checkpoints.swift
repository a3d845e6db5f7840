// Artifacts of stages: written with their provenance, read with the check that they are what was asked for.
//
// Metadata of every artifact: "stage" (its digest), "subjects" (JSON list of "set/subject" whose data changed it).
// Features add "clips" (JSON list of clip digests, in the order of their rows).

import Canonical
import ChebNet
import Clips
import SpectralGraph

extension StageContext {
  /// Reads the artifact of a parent stage.
  func artifact(of stage: Digest) throws(StageError) -> SafeTensors.File {
    let file: SafeTensors.File
    do throws(SafeTensorsError) {
      if let bytes = inputs.held[stage] {
        file = try SafeTensors.read(bytes)
      } else if let path = inputs.artifact(stage) {
        file = try SafeTensors.read(path: path)
      } else {
        throw SafeTensorsError("it is not here; compute or fetch that stage first")
      }
    } catch {
      throw .artifact("the artifact of parent stage \(stage.short): \(error)")
    }
    guard file.metadata["stage"] == stage.hex else {
      throw .artifact("the file given for parent stage \(stage.short) is of another stage; fetch it again")
    }
    return file
  }

  /// The bytes of an artifact of this stage.
  func write(_ tensors: [SafeTensors.Named], provenance: [String], more: [String: String] = [:]) -> [UInt8] {
    let subjects = JSON.array(provenance.map { .string($0) })
    let metadata = more.merging(["stage": digest.hex, "subjects": subjects.text]) { mine, _ in mine }
    return SafeTensors.write(tensors, metadata: metadata)
  }

  /// A graph with as many coarsenings as a network needs; made once per process.
  func hierarchy(_ spec: GraphSpec, _ network: NetworkRecipe) throws(StageError) -> GraphHierarchy {
    guard spec.side * spec.side >= 1 << network.coarsenings else {
      throw .description("a graph of \(spec.side) × \(spec.side) cannot be coarsened \(network.coarsenings) times")
    }
    return GraphCache.shared.hierarchy(spec, levels: network.coarsenings)
  }

  /// Checks that a prepared set has the size of the graphs.
  func checkSide(_ selection: ClipSelection, _ graph: GraphSpec) throws(StageError) {
    guard selection.set.side == graph.side else {
      throw .data(
        "images are \(selection.set.side) pixels wide and the graph has side \(graph.side); "
          + "prepare with --side \(graph.side) or set graph side \(selection.set.side)")
    }
  }
}

extension SafeTensors.File {
  /// The subjects that changed this artifact.
  func provenance() throws(StageError) -> [String] {
    guard let text = metadata["subjects"], let list = (try? JSON(parsing: text.utf8))?.array else {
      throw .artifact("an artifact does not say its subjects; it was not written by this program")
    }
    return list.compactMap(\.string)
  }
}

extension Model {
  /// Copies tensors of a checkpoint into parameters of this model.
  ///
  /// - Parameters:
  ///   - from: the prefix of the names there ("sgcn1.").
  ///   - to: the prefix of the names here ("sgcn2.").
  func load(_ file: SafeTensors.File, from: String, to: String) throws(StageError) {
    for tensor in parameters.tensors where tensor.name.hasPrefix(to) {
      do { try parameters.load(tensor.name, from: file, named: from + tensor.name.dropFirst(to.count)) } catch {
        throw .artifact("a checkpoint is of another network: \(error)")
      }
    }
  }
}

/// Text of provenance: sorted, each subject once.
func mergedProvenance(_ lists: [[String]]) -> [String] {
  Set(lists.joined()).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
