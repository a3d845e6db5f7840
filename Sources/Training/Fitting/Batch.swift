// What an epoch draws and what a step knows of its rows beside them.

import ChebNet
import Kernels

/// The draws of one epoch: the order of the rows that learn, and how each is looked at.
struct EpochPlan {
  let order: [Int32]
  private let mirrored: [Bool]?
  private let shifts: [(right: Int, down: Int)]?

  init(_ randomness: Randomness, epoch: Int, rows: Int, mirror: Bool, _ augmentation: AugmentationRecipe) {
    order = randomness.order(epoch: epoch, rows: rows)
    mirrored = mirror ? randomness.mirrored(epoch: epoch, rows: rows) : nil
    shifts =
      augmentation.shift > 0 ? randomness.shifts(epoch: epoch, rows: rows, most: augmentation.shift) : nil
  }

  func view(_ number: Int) -> RowView {
    let shift = shifts?[number] ?? (right: 0, down: 0)
    return RowView(mirrored: mirrored?[number] ?? false, right: shift.right, down: shift.down)
  }
}

/// The rows of one step with their classes.
struct Batch<Rows: BatchRows> {
  private(set) var labels: [Int32] = []
  private(set) var lossWeights: [Float] = []
  /// Where rows were mixed, the classes of their partners.
  private(set) var second: SecondLabels?
  private let rows: Rows
  private let clipOfRow: [Int]
  private let learning: [Int]
  private let classes: [Int32]
  private let weights: [Float]

  init(rows: Rows, classes: [Int32], weights: [Float], split: RowSplit) {
    self.rows = rows
    clipOfRow = rows.clipOfRow
    learning = split.learning
    self.classes = classes
    self.weights = weights
  }

  /// Takes rows that learn, by their numbers among those, each viewed as the epoch wants it.
  mutating func fill(_ numbers: ArraySlice<Int32>, _ plan: EpochPlan) {
    clear()
    for number in numbers { add(learning[Int(number)], plan.view(Int(number))) }
  }

  /// Takes rows as they are, by their numbers among all.
  mutating func fill(_ rows: ArraySlice<Int>) {
    clear()
    for row in rows { add(row, RowView()) }
  }

  private mutating func clear() {
    labels.removeAll(keepingCapacity: true)
    lossWeights.removeAll(keepingCapacity: true)
    second = nil
  }

  private mutating func add(_ row: Int, _ view: RowView) {
    rows.put(row: row, view: view, at: labels.count)
    let label = classes[clipOfRow[row]]
    labels.append(label)
    lossWeights.append(weights[Int(label)])
  }

  /// Mixes the rows with each other: the loss of a row is share · that of its class + (1 − share) · that of its
  /// partner's, each with the weight of its class.
  mutating func mix(_ mixture: Mixture) {
    rows.mix(mixture)
    second = SecondLabels(
      labels: mixture.partners.map { labels[$0] },
      weights: zip(mixture.partners, mixture.shares).map { (1 - $1) * lossWeights[$0] })
    for (place, share) in mixture.shares.enumerated() { lossWeights[place] *= share }
  }
}
