// From a plan and a ledger to the facts of a report: rows in canonical order, every missing cell with its reason.

import Canonical
import Clips
import Foundation
import Ledger
import Reports
import Study

/// Gathers a report's facts.
struct RunReport {
  let plan: Plan
  let sets: [String: PreparedSet]
  let contents: LedgerContents
  let results: [Int: ResultRow]
  private let failures: [Int: FailureRow]
  /// The races of the plan, as far as the ledger's results decide them; nil where the study has none.
  let races: PlanRaces?

  /// - Throws: `StudyError` where a race cannot read a result.
  init(plan: Plan, sets: [String: PreparedSet], contents: LedgerContents) throws {
    races = try Self.races(of: plan, contents)
    self.plan = plan
    self.sets = sets
    self.contents = contents
    results = Dictionary(contents.results.map { ($0.stage, $0) }) { first, _ in first }
    failures = Dictionary(contents.failures.map { ($0.stage, $0) }) { first, _ in first }
  }

  /// The facts, with those of the run from the ledger and this machine.
  func input(run: RunFacts) throws -> ReportInput {
    let nested = try nestedResult()
    var input = ReportInput(
      studyName: plan.study.name, studyDigest: plan.studyDigest,
      protocol: ProtocolFacts(
        kind: plan.study.split.kind.rawValue, leakage: plan.study.split.leakage.rawValue,
        selection: plan.study.split.selection.rawValue),
      labels: plan.labels, sets: setFacts(), configurations: configurations(), folds: folds(),
      rows: isNested ? nested.rows : try rows(), failed: failed() + (isNested ? nested.failed : []),
      baselines: try baselines(), choices: nested.choices,
      stages: StageCounts(plan: plan.stages.count, naive: plan.naiveStages, kinds: kinds()),
      notes: plan.notes + apexNotes(), run: run)
    input.candidates = candidates
    input.protocol.isByClip = plan.folds.contains { $0.clips != nil }
    input.paper = plan.study.paper
    try addRates(to: &input, nested: nested)
    addPaperCells(to: &input)
    input.race = raceFacts
    try addFlow(to: &input)
    return input
  }

  private func setFacts() -> [SetFacts] {
    let roles =
      plan.study.targetParts.map { ("target", $0) } + [plan.study.source].compactMap { $0 }.map { ("source", $0) }
    return roles.compactMap { role, name in
      guard let set = sets[name] else { return nil }
      return SetFacts(
        role: role, name: name, digest: set.digest, layout: set.layout.rawValue, side: set.side,
        subjects: set.subjects.count,
        clipsPerLabel: set.labels.map { label in (label, set.clips.count { $0.label == label }) })
    }
  }

  private func configurations() -> [ConfigurationFacts] {
    if isNested { return [nestedFacts] }
    return plan.study.configurations.map {
      ConfigurationFacts(name: $0.name, parameters: $0.values.json, seeds: plan.study.seeds)
    }
  }

  private func folds() -> [FoldFacts] {
    let clips = plan.sets[plan.study.target]?.clips ?? []
    return plan.folds.map { fold in
      let held =
        fold.clips?.count
        ?? clips.count { fold.subjects.contains($0.subject) && plan.labels.contains($0.label) }
      return FoldFacts(name: fold.name, subjects: fold.subjects, clips: held)
    }
  }

  private func kinds() -> [(kind: String, plan: Int, naive: Int)] {
    zip(plan.countsByKind, plan.naiveByKind).map { ($0.kind.rawValue, $0.count, $1) }
  }

  private func apexNotes() -> [String] {
    let found = plan.study.targetParts.reduce(0) { sum, name in sum + (sets[name]?.clips.count { $0.apexFound } ?? 0) }
    return found == 0 ? [] : ["the apex of \(found) clips was found by largest flow against the onset, not annotated"]
  }
}

// MARK: - Rows

extension RunReport {
  private func rows() throws -> [PredictionRow] {
    try plan.cells.filter { !isDropped($0) }.flatMap { cell in
      try predictions(of: cell).map { rows($0, of: cell) } ?? []
    }
  }

  private func baselines() throws -> [BaselineFacts] {
    var methods: [String: [PredictionRow]] = [:]
    for (fold, stage) in plan.baselines.enumerated() {
      guard let row = results[stage] else { continue }
      let result = try JSON(parsing: row.bytes)
      for (method, list) in result["methods"]?.object ?? [:] {
        methods[method, default: []] += try predictions(list, stage: stage, configuration: 0, seed: 0, fold: fold)
      }
    }
    // The planned methods: one that failed in every fold must be seen to be missing.
    let planned = plan.baselines.first.flatMap { plan.stages[$0].description["methods"]?.array } ?? []
    return planned.compactMap(\.string).map { BaselineFacts(name: $0, rows: methods[$0] ?? []) }
  }

  func predictions(
    _ list: JSON?, stage: Int, configuration: Int, seed: Int, fold: Int
  ) throws -> [PredictionRow] {
    guard let list = list?.array else { throw Failure("the result of stage \(stage) has no predictions; run verify") }
    return try list.map { row in
      guard let subject = row["subject"]?.string, let clip = row["clip"]?.string, let label = row["label"]?.string,
        let predicted = row["predicted"]?.string, let scores = row["scores"]?.array?.compactMap(\.number)
      else { throw Failure("the result of stage \(stage) has a broken prediction; run verify") }
      return PredictionRow(
        configuration: configuration, seed: seed, fold: fold, subject: subject, clip: clip, label: label,
        predicted: predicted, scores: scores)
    }
  }

  private func failed() -> [FailedCell] {
    let cells = isNested ? [] : plan.cells.filter { !isDropped($0) }.compactMap(failure)
    return cells
      + plan.baselines.enumerated().compactMap { fold, stage in
        reason(stage).map { FailedCell(configuration: nil, seed: nil, fold: fold, stage: $0.stage, reason: $0.why) }
      }
  }

  /// Whether every stage has a result, was given up, or waits for one that was.
  var isFinished: Bool { plan.stages.indices.allSatisfy { reason($0).map { $0.why != Self.open } ?? true } }

  private static let open = "not computed yet"
  private static let needless = "the race went on without its configuration, of which another computation failed"

  /// Why a stage has no result: the stage at fault and its words; nil where it has one.
  func reason(_ stage: Int) -> (stage: Digest, why: String)? {
    guard results[stage] == nil else { return nil }
    if let failure = failures[stage] {
      // What a disk or a host said names paths and machines: the class is a fact of the result, the words are not.
      let isOfStage = ["task", "data", "numeric"].contains(failure.failure)
      let words = isOfStage ? "\(failure.failure): \(failure.text)" : failure.failure
      return (plan.stages[stage].digest, "\(plan.stages[stage].kind.rawValue): \(words)")
    }
    if let races, !races.isNeeded[stage] { return (plan.stages[stage].digest, Self.needless) }
    for parent in plan.stages[stage].parents {
      if let cause = reason(parent) { return cause }
    }
    return (plan.stages[stage].digest, Self.open)
  }
}

// MARK: - The run itself

extension RunReport {
  /// What the ledger says of the run.
  func runFacts(version: String, processor: String, numericClass: String) -> RunFacts {
    let ended = contents.attempts.compactMap(\.ended_s)
    return RunFacts(
      version: version, numericClass: numericClass, processor: processor,
      startedUnixSeconds: Int(contents.attempts.map(\.granted_s).min() ?? 0),
      finishedUnixSeconds: Int(ended.max() ?? 0), attempts: contents.attempts.count,
      failedAttempts: contents.attempts.count { [.failed, .expired, .lost].contains($0.state) },
      twins: contents.attempts.count { $0.state == .duplicate || $0.state == .twin },
      alarms: contents.twins.map { "stage \($0.stage): two results that differ, the second from \($0.host)" }
        + contents.damaged.map(\.description),
      hosts: hosts(processor: processor), kinds: times())
  }

  private func hosts(processor: String) -> [HostFacts] {
    let byHost = Dictionary(grouping: contents.results) { "\($0.host) process \($0.process)" }
    return byHost.keys.sorted().map { host in
      let rows = byHost[host] ?? []
      return HostFacts(
        name: host, processor: processor, stages: rows.count, computeSeconds: rows.reduce(0) { $0 + $1.seconds })
    }
  }

  private func times() -> [StageTimeFacts] {
    StageKind.allCases.compactMap { kind in
      let rows = contents.results.filter { plan.stages[$0.stage].kind == kind }
      guard !rows.isEmpty else { return nil }
      return StageTimeFacts(
        kind: kind.rawValue, stages: rows.count, computeSeconds: rows.reduce(0) { $0 + $1.seconds })
    }
  }
}
