// The closed-form head against what every minimum of weighted squares plus λ |W|² fulfils: for each block b of columns,
// W_b = Σ w r (x_b − mean) / (2 s_b² λ) over the training rows, r being what a row's scores miss of its one-hot label.
// Features come from the parents' files, images are read and mirrored a second time.

import Canonical
import ChebNet
import Clips
import Testing
import Training

@Suite("Closed-form head, minimum")
struct HeadOptimumTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// A training row: its class, and its columns in both blocks.
  private struct Row {
    let label: Int
    let blocks: [[Double]]
  }

  @Test("features and images beside them are one ridge", arguments: [true, false])
  func minimum(mirror: Bool) throws {
    let test = StageTests.Case(transfer: "features", fusion: "rows", graphs: 1, mirror: mirror)
    var (fit, artifacts) = try study.chain(test)
    // S1 and S2 have 3, 4 and 3 clips of the labels: balance is seen.
    fit = fit.with(["kind": "ridge", "input": true], at: "head").with(study.clips("target", ["S1", "S2"]), at: "train")
    let output = try compute(stage: fit, inputs: study.inputs(artifacts))
    let lambda = try #require(JSON(parsing: output.result)["head"]?["lambda"]?.number)
    let file = try SafeTensors.read(#require(output.artifact))
    let weights = try ["features", "input"].map { try file.tensor("ridge.\($0).weight").values.map { Double($0) } }
    let bias = try file.tensor("ridge.bias").values.map { Double($0) }
    let rows = try rows(fit, artifacts, sides: mirror ? 2 : 1)
    let balance = RidgeProblem.weights(rows.map(\.label), labels: 3, balanced: true)
    let misses = rows.map { row in
      (0..<3).map { label -> Double in
        let scores = zip(row.blocks, weights).map { x, w in x.indices.reduce(0) { $0 + x[$1] * w[$1 * 3 + label] } }
        return (row.label == label ? 1 : 0) - bias[label] - scores[0] - scores[1]
      }
    }
    for block in 0..<2 {
      let centred = centred(rows.map { $0.blocks[block] }, balance)
      let square = centred.indices.reduce(0) { sum, row in
        sum + balance[row] * centred[row].reduce(0) { $0 + $1 * $1 } / Double(rows.count)
      }
      let largest = weights[block].map { abs($0) }.max() ?? 0
      for column in centred[0].indices {
        for label in 0..<3 {
          let sum = rows.indices.reduce(0) { $0 + balance[$1] * misses[$1][label] * centred[$1][column] }
          let difference = sum / (2 * square * lambda) - weights[block][column * 3 + label]
          #expect(abs(difference) < 1e-3 * largest, "block \(block), column \(column)")
        }
      }
    }
  }

  private func centred(_ rows: [[Double]], _ weights: [Double]) -> [[Double]] {
    let total = weights.reduce(0, +)
    let means = rows[0].indices.map { column in rows.indices.reduce(0) { $0 + weights[$1] * rows[$1][column] } / total }
    return rows.map { row in row.indices.map { row[$0] - means[$0] } }
  }

  /// Per clip the frames 3, 8, 11, then u, v and strain of the flows 3 → 8, 3 → 11, 8 → 11; each with its mirror.
  private func rows(_ fit: JSON, _ artifacts: [Digest: [UInt8]], sides: Int) throws -> [Row] {
    var features: [[Float]] = []
    for source in fit["features"]?.array ?? [] {
      let stage = try #require(source["stage"]?.string.flatMap { Digest(hex: $0) })
      features.append(try SafeTensors.read(#require(artifacts[stage])).tensor("features").values)
    }
    let set = study.target
    let pixels = set.side * set.side
    var rows: [Row] = []
    for (clip, info) in set.clips.enumerated() where ["S1", "S2"].contains(info.subject) {
      let label = try #require(SmallStudy.labels.firstIndex(of: info.label))
      var planes = [0, 2, 4].map { (set.grey(clip: clip, frame: $0).map { Double($0) / 255 }, false) }
      for flow in [1, 3, 4] {
        let field = set.flow(clip: clip, flow: flow).map { Double($0) }
        for channel in 0..<3 { planes.append((Array(field[channel * pixels..<(channel + 1) * pixels]), channel == 0)) }
      }
      for (place, plane) in planes.enumerated() {
        for side in 0..<sides {
          let (file, count, first) = place < 3 ? (0, 3, place) : (1, 9, place - 3)
          let start = ((clip * count + first) * sides + side) * 7
          let image = standardised(side == 0 ? plane.0 : mirrored(plane.0, negate: plane.1))
          rows.append(Row(label: label, blocks: [features[file][start..<start + 7].map { Double($0) }, image]))
        }
      }
    }
    return rows
  }

  private func mirrored(_ plane: [Double], negate: Bool) -> [Double] {
    let side = study.target.side
    return plane.indices.map { (negate ? -1 : 1) * plane[$0 / side * side + side - 1 - $0 % side] }
  }

  private func standardised(_ plane: [Double]) -> [Double] {
    let mean = plane.reduce(0, +) / Double(plane.count)
    let variance = plane.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(plane.count)
    return plane.map { ($0 - mean) / (variance.squareRoot() + 1e-3) }
  }
}
