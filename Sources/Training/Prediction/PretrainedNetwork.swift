// A network that was pretrained elsewhere, or by another study, in place of a source set.
//
// A safetensors file: tensors `sgcn1.…` (and `sgcn2.…` for a dual network) as this program names them, and in its
// metadata `subjects`, the JSON list of everyone whose data changed a number in it. What `fit-all` and the pretrainings
// of a run write has both.

import Canonical
import ChebNet
import Clips
import Foundation
import SpectralGraph

/// A pretrained file, read whole.
public struct PretrainedNetwork: Sendable {
  /// The digest of the file's bytes.
  public let digest: Digest
  /// `set/subject` of everyone whose data changed a number in it; nil where the file does not say.
  public let subjects: [String]?
  private let file: SafeTensors.File
  private let path: String

  /// Reads a file.
  /// - Throws: `PredictionError` where it is no safetensors file, or holds an average.
  public init(path: String) throws(PredictionError) {
    self.path = path
    do {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      digest = Digest(of: bytes)
      file = try SafeTensors.read(bytes)
    } catch let error as SafeTensorsError {
      throw PredictionError("\(path) is no pretrained network: \(error); give a safetensors file")
    } catch {
      throw PredictionError("\(path) cannot be read; give the safetensors file of a pretrained network")
    }
    let recipe = file.metadata["recipe"].flatMap { try? JSON(parsing: $0.utf8) }
    guard recipe?["kind"]?.string != AverageRecipe.kind else {
      throw PredictionError("\(path) holds an average of networks; give the file of one (average.networks: 1)")
    }
    let list = file.metadata["subjects"].flatMap { try? JSON(parsing: $0.utf8).array }
    let names = list?.compactMap(\.string)
    subjects = names?.count == list?.count && names?.isEmpty == false ? names : nil
  }

  /// The output of the stage that stands for one network of the file.
  ///
  /// - Parameters:
  ///   - description: the stage, as the plan describes it.
  ///   - provenance: whose data stand in it, as the plan says.
  /// - Throws: `StageError` where the file has other tensors than the study's network.
  public func output(of description: JSON, provenance: [String]) throws(StageError) -> StageOutput {
    let context = StageContext(digest: description.digest, inputs: StageInputs(sets: [:]))
    guard let part = description["imported"]?["part"]?.integer,
      description["imported"]?["file"]?.string == digest.hex
    else { throw .description("stage \(description.digest.short) is not of the file \(path)") }
    let recipe = file.metadata["recipe"].flatMap { try? JSON(parsing: $0.utf8) }
    if let graphs = recipe?["graphs"]?.array, part > graphs.count || graphs[part - 1] != description["graph"] {
      throw .artifact("\(path) was trained on another graph than graph \(part) of the study; write that one's keys")
    }
    let fields = Fields(path: "stage", members: description.object ?? [:])
    let graph = try GraphSpec(fields.members["graph"], path: fields.place("graph"))
    let network = try NetworkRecipe(fields.members["network"], path: fields.place("network"))
    let rows = try RowsRecipe(fields.members["rows"], path: fields.place("rows"))
    let model = context.extractor(
      try context.hierarchy(graph, network), network, inputs: rows.inputs, classes: 2)
    do { try model.load(file, from: "sgcn\(part).", to: "sgcn1.") } catch {
      throw .artifact("\(path): \(error); the study's network must be the one that was pretrained")
    }
    let tensors = model.parameters.named.filter { $0.name.hasPrefix("sgcn1.") }
    let result: JSON = ["imported": .string(digest.hex), "part": .integer(part)]
    return StageOutput(result: result.bytes, artifact: context.write(tensors, provenance: provenance))
  }
}
