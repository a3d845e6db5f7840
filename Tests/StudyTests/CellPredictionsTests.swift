// What a stage's result says, and what a cell makes of several.

import Canonical
import Testing

@testable import Study

@Suite("predictions of cells")
struct CellPredictionsTests {
  private let labels = ["anger", "happiness"]

  private func row(_ clip: String, _ label: String, _ scores: JSON) -> JSON {
    ["subject": "S", "clip": .string(clip), "label": .string(label), "predicted": "anger", "scores": scores]
  }

  private func result(_ rows: [JSON]) -> JSON {
    ["predictions": .array(rows), "methods": ["ridge_balanced": .array(rows.reversed()), "majority": []]]
  }

  @Test("a network's list is read from its predictions, a ridge's from the baselines of its fold")
  func kinds() throws {
    let whole = result([row("a", "anger", [-1, -2]), row("b", "happiness", [-0.5, -0.25])])
    let network = try #require(ScoredClip.list(result: whole, of: .fit, labels: labels))
    #expect(network.map(\.clip) == ["a", "b"] && network.map(\.label) == [0, 1])
    #expect(network.map(\.predicted) == [0, 1] && network[1].scores == [-0.5, -0.25] && network[1].subject == "S")
    #expect(ScoredClip.list(result: whole, of: .baseline, labels: labels) == network.reversed())
  }

  @Test("a result that misses something, or is of other labels, is none")
  func broken() {
    let good = row("a", "anger", [-1, -2])
    let rows: [JSON] = [
      row("b", "fear", [-1, -2]), row("b", "anger", [-1]), row("b", "anger", [-1, "x"]), row("b", "anger", "x"),
      ["clip": "b", "label": "anger", "scores": [-1, -2]], ["subject": "S", "label": "anger", "scores": [-1, -2]], 1,
    ]
    for bad in rows {
      let list = ScoredClip.list(result: result([good, bad]), of: .fit, labels: labels)
      #expect(list == nil, "\(bad)")
    }
    for none in [nil, .null, [:], ["predictions": 1]] as [JSON?] {
      #expect(ScoredClip.list(result: none, of: .fit, labels: labels) == nil)
      #expect(ScoredClip.list(result: none, of: .baseline, labels: labels) == nil)
    }
  }

  @Test("a cell says the mean of its networks, then of that and its ridge; of different clips it says nothing")
  func mean() throws {
    func clips(_ score: Double, _ name: String = "a") -> [ScoredClip] {
      [ScoredClip(subject: "S", clip: name, label: 0, scores: [score, 0])]
    }
    let said = [clips(1), clips(3), clips(8), clips(1, "b")]
    func cell(_ networks: [Int], ridge: Int?) -> Cell {
      Cell(configuration: 0, seed: 1, fold: 0, group: nil, networks: networks, ridge: ridge)
    }
    #expect(cell([0, 1], ridge: nil).predictions { said[$0] } == clips(2))
    #expect(cell([0, 1], ridge: 2).predictions { said[$0] } == clips(5))
    #expect(cell([], ridge: 2).predictions { said[$0] } == clips(8))
    #expect(cell([0, 3], ridge: nil).predictions { said[$0] } == nil)
  }
}
