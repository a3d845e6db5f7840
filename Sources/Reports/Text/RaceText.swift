// Who was dropped from a race, when and why, and what that saved: once for the page, the Markdown file and the JSON.

import Canonical
import Study

extension Summary {
  /// `race` of report.json; nil where nothing races.
  var raceJSON: JSON? {
    guard let race = input.race else { return nil }
    let dropped = race.races.flatMap { course in course.dropped.map { (course.fold, $0) } }
    let withdrawn = race.races.flatMap { course in course.withdrawn.map { (course.fold, $0) } }
    let members: [String: JSON] = [
      "level": .number(race.level),
      "rungs": .array(race.races.map { .array($0.rungs.map(JSON.integer)) }),
      "dropped": .array(
        dropped.map { fold, drop in
          var members: [String: JSON] = [
            "configuration": .string(drop.name), "leader": .string(drop.leader), "fold_count": .integer(drop.folds),
            "subject_count": .integer(drop.subjects), "p": .number(drop.p), "difference": .number(drop.difference),
          ]
          if let fold { members["fold"] = .string(fold) }
          return .object(members)
        }),
      "withdrawn": .array(
        withdrawn.map { fold, name in
          var members: [String: JSON] = ["configuration": .string(name)]
          if let fold { members["fold"] = .string(fold) }
          return .object(members)
        }),
      "trainings": [
        "planned": .integer(race.plannedTrainings), "run": .integer(race.runTrainings),
        "saved": .integer(race.savedTrainings), "lost": .integer(race.lostTrainings),
      ],
    ]
    return .object(members.merging(stampMember) { own, _ in own })
  }

  /// What a race is, and what it saved, a paragraph each.
  var raceParagraphs: [String] {
    guard let race = input.race else { return [] }
    let isNested = race.races.contains { $0.fold != nil }
    let (planned, saved) = (race.plannedTrainings, race.savedTrainings)
    let share = planned > 0 ? Double(saved) / Double(planned) : 0
    let sight =
      isNested
      ? "Each fold has a race of its own over the inner folds of its training subjects, and sees no held-out clip."
      : "It looks at held-out clips, so the figures of those that are left are optimistic."
    let paragraph =
      "\(saved) of \(count(planned, "training")) (\(percent(share))) were saved: configurations were dropped at fixed "
      + "numbers of folds where, if all were equal, a given one of them would be so far behind the leader with a "
      + "probability of at most \(race.level) (names swapped within subjects, UAR of all clips so far). That is the "
      + "level of one test; there is one at every rung, and one more after each drop, so over a whole race it happens "
      + "more often. What was dropped has no figure. " + sight
    return [paragraph] + (failuresInWords.map { [$0] } ?? [])
  }

  /// What failures did to the races, in a paragraph; nil where they did nothing.
  private var failuresInWords: String? {
    guard let race = input.race else { return nil }
    let names = race.races.flatMap { course in
      course.withdrawn.map { name in name + (course.fold.map { " (fold \($0))" } ?? "") }
    }
    let (lost, number) = (race.lostTrainings, count(race.lostTrainings, "training"))
    guard lost > 0 || !names.isEmpty else { return nil }
    let out = "By a failure, not by a verdict, these left the race: \(names.joined(separator: ", ")). "
    return (names.isEmpty ? "" : out) + "\(number) \(lost == 1 ? "was" : "were") lost to failures, and "
      + "\(lost == 1 ? "is" : "are") not counted as saved."
  }

  /// Heads and rows of those dropped, and where numbers begin; nil where nobody was.
  var raceTable: (heads: [String], rows: [[String]], numbersFrom: Int)? {
    guard let race = input.race, race.races.contains(where: { !$0.dropped.isEmpty }) else { return nil }
    let isNested = race.races.contains { $0.fold != nil }
    let rows = race.races.flatMap { course in
      course.dropped.map { drop in
        (isNested ? [course.fold ?? ""] : [])
          + [
            drop.name, drop.leader, "\(drop.folds) of \(course.folds)", String(drop.subjects), signed(-drop.difference),
            written(p: drop.p),
          ]
      }
    }
    let fold = isNested ? ["fold"] : []
    let unit = isNested ? "inner folds seen" : "folds seen"
    return (fold + ["dropped", "leader", unit, "subjects", "UAR beside the leader", "p"], rows, fold.count + 2)
  }

  /// The section of report.md; nil where nothing races.
  var raceMarkdown: [String]? {
    guard input.race != nil else { return nil }
    let rows = raceTable.map { [table($0.heads, $0.rows, numbersFrom: $0.numbersFrom)] } ?? ["Nobody was dropped."]
    return ["## The race" + stamp] + raceParagraphs.map(escaped) + rows
  }

  /// The section of the page.
  var raceSection: [Markup] {
    let rows = raceTable.map { table in
      PageTable(
        caption: "Dropped configurations", stamps: stamps, heads: table.heads,
        rows: table.rows.map { $0.map { .text($0) } },
        numbersFrom: table.numbersFrom
      ).markup
    }
    return raceParagraphs.map { tag("p", [:], .text($0)) } + [rows ?? tag("p", [:], "Nobody was dropped.")]
  }
}
