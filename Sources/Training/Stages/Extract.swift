// Extraction: what a trained SGCN says of every row of one branch, once for all folds that may use its checkpoint.
//
// Rows stand in the order of the clips, then of the rows of a clip. Where rows are mirrored, each row is followed by
// its mirror, so that a fit can draw between the two.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph

extension StageContext {
  /// Runs one SGCN over all rows of one branch.
  func extract(_ recipe: ExtractRecipe) throws(StageError) -> StageOutput {
    let selection = try ClipSelection(recipe.clips, in: inputs.sets)
    try checkSide(selection, recipe.graph)
    let rows = try ImageRows(selection, recipe: recipe.rows)
    let checkpoint = try artifact(of: recipe.checkpoint)
    let model = extractor(
      try hierarchy(recipe.graph, recipe.network), recipe.network, inputs: recipe.rows.inputs,
      classes: recipe.clips.labels.count)
    try model.load(checkpoint, from: "sgcn1.", to: "sgcn1.")
    let output: Model.Output = recipe.output == .dense && recipe.network.dense != nil ? .dense : .convolutions
    let features = try features(model, rows, output: output, mirror: recipe.rows.mirror)
    let width = model.width(output)
    let count = features.count / width
    guard features.allSatisfy(\.isFinite) else {
      throw .numeric("the features of checkpoint \(recipe.checkpoint.short) are not finite")
    }
    let result: JSON = .object(["rows": .integer(count), "width": .integer(width)])
    let clips = JSON.array(selection.clips.map { .string(selection.set.clips[$0].digest.hex) })
    let artifact = write(
      [SafeTensors.Named(name: "features", shape: [count, width], values: features)],
      provenance: try checkpoint.provenance(), more: ["clips": clips.text])
    return StageOutput(result: result.bytes, artifact: artifact)
  }

  /// One SGCN of zeros for images. Its classifier is not used.
  func extractor(_ graph: GraphHierarchy, _ network: NetworkRecipe, inputs: Int, classes: Int) -> Model {
    Model(
      graphs: [graph], network: network.spec(inputs: inputs), classes: classes, entry: .images,
      threads: self.inputs.threads)
  }

  /// The features of all rows of one branch, each followed by its mirror where rows have mirrors.
  func features(
    _ model: Model, _ rows: ImageRows, output: Model.Output, mirror: Bool
  ) throws(StageError) -> [Float] {
    let width = model.width(output)
    let sides = mirror ? [false, true] : [false]
    let capacity = max(1, 32 / sides.count)
    let buffer = AlignedFloats(count: capacity * sides.count * rows.width)
    var features = [Float](repeating: 0, count: rows.clipOfRow.count * sides.count * width)
    for start in stride(from: 0, to: rows.clipOfRow.count, by: capacity) {
      try checkCancelled()
      let numbers = start..<min(start + capacity, rows.clipOfRow.count)
      for row in numbers {
        for (side, mirrored) in sides.enumerated() {
          let place = (row - start) * sides.count + side
          rows.write(row: row, view: RowView(mirrored: mirrored), into: buffer.pointer + place * rows.width)
        }
      }
      features.withUnsafeMutableBufferPointer { target in
        guard let base = target.baseAddress else { return }
        model.features(
          rows: buffer.pointer, count: numbers.count * sides.count, output: output,
          into: base + start * sides.count * width)
      }
      progress(StageProgress(epoch: numbers.upperBound, epochs: rows.clipOfRow.count, loss: 0))
    }
    return features
  }
}

extension Model {
  /// Floats of a row of an output.
  func width(_ output: Output) -> Int { output == .dense ? featureWidth : convolutionWidth }
}
