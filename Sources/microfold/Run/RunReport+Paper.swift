// What the paper's tables ask beside accuracies: the rates on the clips trained on, and which cell is whose.

import Canonical
import Clips
import Ledger
import Reports
import Study

extension RunReport {
  /// Gives each configuration the recognition rates of its source networks and of its fits on their own clips.
  func addRates(to input: inout ReportInput, nested: NestedResult) throws {
    let accuracies = try trainingAccuracies()
    for place in input.configurations.indices {
      let cells = isNested ? nested.cells : plan.cells.filter { $0.configuration == place && !isDropped($0) }
      input.configurations[place].rates = TrainingRates(
        pretraining: mean(cells.flatMap(pretrainings).compactMap { accuracies[$0] }),
        fitting: mean(cells.flatMap(\.networks).compactMap { accuracies[$0] }))
    }
  }

  /// The accuracy of every pretraining and fit on the clips that it trained on, by stage.
  private func trainingAccuracies() throws -> [Int: Double] {
    var accuracies: [Int: Double] = [:]
    for (stage, row) in results where [.pretrain, .fit].contains(plan.stages[stage].kind) {
      accuracies[stage] = try JSON(parsing: row.bytes)["accuracy"]?.number
    }
    return accuracies
  }

  /// The source networks of a cell, each once.
  private func pretrainings(of cell: Cell) -> [Int] {
    var found: Set<Int> = []
    var open = cell.networks
    while let stage = open.popLast() {
      if plan.stages[stage].kind == .pretrain { found.insert(stage) }
      open += plan.stages[stage].parents
    }
    return found.sorted()
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Puts each configuration into the paper's cells; where two ask for the same cell, the first has it.
  func addPaperCells(to input: inout ReportInput) {
    guard !isNested else { return }
    var taken: Set<PaperCell> = []
    for (place, configuration) in plan.study.configurations.enumerated() {
      let cells = plan.study.paper.cells(of: configuration.values).filter { taken.insert($0).inserted }
      input.configurations[place].paperCells = cells
    }
  }

  /// Mean and variance of the target's flow, where the study stands for Fig. 8.
  func addFlow(to input: inout ReportInput) throws {
    guard plan.study.paper.hasFlowFigure else { return }
    let target = try StudyFile.target(of: plan.study, in: sets)
    guard target.hasMagnitude else {
      input.notes.append("the target's flow is scaled image by image, so its lengths have no mean and no variance")
      return
    }
    let statistics = try FlowStatistics(set: target, labels: plan.labels)
    input.flow = statistics.groups.map { group in
      FlowFacts(
        label: group.label, clips: group.clips.count, mean: group.mean, variance: group.variance,
        deviation: group.deviation)
    }
    input.flowPicture = statistics.png
  }
}
