// Rows of a fit as its closed-form head reads them, and the products of images, which all folds share.

import Canonical
import ChebNet
import Clips

extension StageContext {
  /// Solves the head of a trained network.
  func head(
    _ recipe: FitRecipe, _ model: Model, _ train: (clips: ClipSelection, rows: some BatchRows), input: Bool
  ) throws(StageError) -> (head: RidgeHead, accuracy: Double) {
    let rows = try headRows(recipe, model, train, input: input)
    var image: RidgeTable.Block?
    if input {
      let all = try imageGram(recipe, train.clips)
      image = RidgeTable.Block(gram: all.gram, entries: train.clips.clips.flatMap { all.entriesOfClip[$0] })
    }
    let head = try RidgeHead(rows, image: image, clips: train.clips, context: self)
    let scores = head.scores(rows, clips: train.clips.clips.count)
    return (head, Scoring.accuracy(scores, classes: train.clips.classes))
  }

  /// The features of rows, each followed by its mirror's, and their standardised images where asked.
  func headRows(
    _ recipe: some FittedNetwork, _ model: Model, _ part: (clips: ClipSelection, rows: some BatchRows), input: Bool
  ) throws(StageError) -> HeadRows {
    let sides = recipe.rows.mirror ? [false, true] : [false]
    let rows = part.rows
    let width = model.featureWidth
    let count = rows.clipOfRow.count
    var features = [Float](repeating: 0, count: count * sides.count * width)
    let capacity = Scoring.batch / sides.count
    for start in stride(from: 0, to: count, by: capacity) {
      try checkCancelled()
      let numbers = start..<min(start + capacity, count)
      for row in numbers {
        for (side, mirrored) in sides.enumerated() {
          rows.put(row: row, view: RowView(mirrored: mirrored), at: (row - start) * sides.count + side)
        }
      }
      features.withUnsafeMutableBufferPointer { target in
        guard let base = target.baseAddress else { return }
        rows.features(count: numbers.count * sides.count, into: base + start * sides.count * width)
      }
    }
    var blocks = [HeadBlock(values: features, width: width)]
    if input {
      let images = try ImageRows(part.clips, recipe: recipe.rows.standardised)
      guard images.clipOfRow == rows.clipOfRow else {
        throw .description("stage.head.input needs one image for each row; use fusion \"rows\", or input false")
      }
      blocks.append(images.headBlock)
    }
    return HeadRows(blocks: blocks, clipOfRow: rows.clipOfRow.flatMap { clip in sides.map { _ in clip } })
  }

  /// The products of the standardised images of all clips of the set with the fit's labels.
  private func imageGram(_ recipe: FitRecipe, _ train: ClipSelection) throws(StageError) -> SetGram {
    let set = train.set
    let rows = recipe.rows.standardised
    let labels = JSON.array(train.labels.map { .string($0) }).text
    return try GramCache.shared.gram(of: set, question: "head \(labels) \(rows)") { () throws(StageError) -> SetGram in
      let clips = set.clips.indices.filter { train.labels.contains(set.clips[$0].label) }
      let images = try ImageRows(ClipSelection(set: set, clips: clips, labels: train.labels), recipe: rows)
      let block = images.headBlock
      let count = block.values.count / block.width
      var builder = GramBuilder(count: count)
      builder.add(block.values, width: block.width)
      var entries = [Range<Int>](repeating: 0..<0, count: set.clips.count)
      let sides = rows.mirror ? 2 : 1
      for (row, position) in images.clipOfRow.enumerated() {
        let clip = clips[position]
        let first = entries[clip].isEmpty ? row * sides : entries[clip].lowerBound
        entries[clip] = first..<(row + 1) * sides
      }
      return SetGram(gram: builder.finish(), entriesOfClip: entries)
    }
  }
}

extension ImageRows {
  /// All rows, each followed by its mirror where rows have mirrors.
  fileprivate var headBlock: HeadBlock {
    let sides = recipe.mirror ? [false, true] : [false]
    var values = [Float](repeating: 0, count: clipOfRow.count * sides.count * width)
    values.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      for row in clipOfRow.indices {
        for (side, mirrored) in sides.enumerated() {
          write(row: row, view: RowView(mirrored: mirrored), into: base + (row * sides.count + side) * width)
        }
      }
    }
    return HeadBlock(values: values, width: width)
  }
}
