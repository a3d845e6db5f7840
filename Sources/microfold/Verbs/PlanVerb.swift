// `plan`: what a study will compute, what sharing saves, and who touches each fold.

import Canonical
import Study

enum PlanVerb: Verb {
  static let name = "plan"
  static let summary = "what a study will compute, and who touches each fold"
  static let flags = Flags(values: ["--seeds"], lists: ["--data"], switches: ["--audit", "--json"], words: ["STUDY"])
  static let help = """
    microfold plan STUDY [--data NAME=FILE]… [--seeds LIST] [--audit] [--json]

    Expands a study over its prepared sets and prints how many stages it has, how many a script that shares nothing
    would run, and for each fold which subjects touched what it is computed from. Computes nothing.

      --data NAME=FILE   the prepared set that the study calls NAME
      --seeds LIST       other seeds than the study's, such as 1,2,3
      --audit            every stage of every fold, in words
      --json             one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let file = try StudyFile(
      path: arguments.words[0], data: arguments.dataFiles(), seeds: arguments.seeds())
    let plan = file.plan
    if arguments.has("--json") {
      Output.json(json(plan))
      return 0
    }
    Output.line("study    \(plan.study.name) \(plan.studyDigest.short)")
    let configurations = plan.study.configurations.count
    Output.line(
      "grid     \(configurations) configuration(s) × \(plan.study.seeds.count) seed(s) × \(plan.folds.count) folds"
        + " (\(plan.study.split.kind.rawValue), leakage \(plan.study.split.leakage.rawValue))")
    let kinds = plan.countsByKind.filter { $0.count > 0 }.map { "\($0.count) \($0.kind.rawValue)" }
    Output.line(
      "stages   \(plan.stages.count) (\(kinds.joined(separator: ", ")));"
        + " a script that shares nothing: \(plan.naiveStages)"
    )
    for line in raceLines(plan) { Output.line("race     \(line)") }
    for note in plan.notes { Output.line("note     \(note)") }
    for fold in plan.folds.indices { show(fold, of: plan, whole: arguments.has("--audit")) }
    return 0
  }

  private static func show(_ fold: Int, of plan: Plan, whole: Bool) {
    let audit = plan.audit(fold: fold)
    let verdict = audit.isLeak ? "LEAK" : "clean"
    let touched = Set(audit.stages.flatMap(\.provenance))
    let sets = plan.sets.keys.sorted().map { name in
      crowd(name, of: plan.sets[name]?.subjects.map { "\(name)/\($0)" } ?? [], touched: touched)
    }
    Output.line(
      "fold     \(audit.fold): holds out \(audit.heldOut.joined(separator: " ")); \(verdict);"
        + " touched by \(sets.joined(separator: ", "))")
    guard whole else { return }
    for line in plan.auditWords(fold: fold) { Output.line("  \(line)") }
    for stage in audit.stages {
      Output.line("  \(stage.kind.rawValue) \(stage.digest.short): \(stage.provenance.joined(separator: " "))")
    }
  }

  /// Who of a set touched something: all, all but a few by name, or those by name.
  private static func crowd(_ set: String, of everyone: [String], touched: Set<String>) -> String {
    let absent = everyone.filter { !touched.contains($0) }
    let present = everyone.filter { touched.contains($0) }
    if present.isEmpty { return "nobody of \(set)" }
    if absent.isEmpty { return "all \(everyone.count) of \(set)" }
    let isFew = absent.count < present.count
    let names = (isFew ? absent : present).map { $0.dropFirst(set.count + 1) }.joined(separator: " ")
    return "\(present.count) of \(everyone.count) of \(set) (\(isFew ? "not " : "")\(names))"
  }

  /// The rungs of the races, and how many trainings they leave.
  private static func raceLines(_ plan: Plan) -> [String] {
    guard let races = PlanRaces(plan: plan), let rules = plan.study.split.race else { return [] }
    let lists = races.races.map { $0.rungs.map(String.init).joined(separator: ", ") }
    let isSame = lists.allSatisfy { $0 == lists[0] }
    let unit = races.isNested ? "inner folds" : "folds"
    let rungs =
      isSame
      ? ["\(races.isNested ? "in each fold " : "")after \(lists[0]) \(unit), at level \(rules.level)"]
      : zip(plan.folds, lists).map { "fold \($0.name): after \($1) \(unit), at level \(rules.level)" }
    return rungs + ["\(races.fewestTrainings) to \(races.trainings.planned) trainings, by what is dropped"]
  }

  private static func json(_ plan: Plan) -> JSON {
    let folds = plan.folds.indices.map { index -> JSON in
      let audit = plan.audit(fold: index)
      return [
        "name": .string(audit.fold), "audit": .array(plan.auditWords(fold: index).map { .string($0) }),
        "held_out": .array(audit.heldOut.map { .string($0) }), "leak": .bool(audit.isLeak),
        "stages": .array(
          audit.stages.map {
            [
              "kind": .string($0.kind.rawValue), "digest": .string($0.digest.hex),
              "provenance": .array($0.provenance.map { .string($0) }),
            ]
          }),
      ]
    }
    let kinds = plan.countsByKind.map { ($0.kind.rawValue, JSON.integer($0.count)) }
    var members: [String: JSON] = [
      "study": ["name": .string(plan.study.name), "digest": .string(plan.studyDigest.hex)],
      "stages": ["plan": .integer(plan.stages.count), "naive": .integer(plan.naiveStages)],
      "kinds": .object(Dictionary(kinds) { first, _ in first }), "folds": .array(folds),
      "notes": .array(plan.notes.map { .string($0) }),
    ]
    if let races = PlanRaces(plan: plan) {
      members["race"] = [
        "rungs": .array(races.races.map { .array($0.rungs.map { .integer($0) }) }),
        "trainings": ["least": .integer(races.fewestTrainings), "most": .integer(races.trainings.planned)],
      ]
    }
    return .object(members)
  }
}

extension Arguments {
  /// The list behind `--seeds`, or nil.
  func seeds() throws(Failure) -> [Int]? {
    guard let text = value("--seeds") else { return nil }
    let seeds = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard seeds.allSatisfy({ (0...Int(Int32.max)).contains($0) }), Set(seeds).count == seeds.count else {
      throw Failure("--seeds \(text): different whole numbers with commas between were expected")
    }
    return seeds
  }
}
