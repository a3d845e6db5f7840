// How often the best configuration survives a race whose truth is known, and what the race saves.

import Canonical
import Kernels
import Study

/// What many rehearsed races of one field came to.
private struct Rehearsals {
  var kept = 0
  var run = 0
  var planned = 0
  /// Races whose verdict was the same in every order of arrival.
  var same = 0

  var saved: Double { Double(planned) / Double(max(1, run)) }
}

func raceBenchmark(_ options: Options) -> Answer {
  let races = options.tiny ? 3 : 200
  let orders = options.tiny ? 2 : 20
  let configurations = options.tiny ? 6 : 24
  var lines = [
    options.verb.question,
    "\(races) races of \(configurations) configurations, "
      + "those of the fewest subjects in \(orders) orders of arrival each; \(options.place)",
    "field   subjects  best kept  of whole  saved by  same in every order",
  ]
  var rows: [JSON] = []
  for field in RehearsedRace.Field.allCases {
    for subjects in options.tiny ? [8] : [26, 44, 68] {
      // Order is tried where a race is shortest: what is compared does not depend on its length.
      let orders = subjects <= 26 ? orders : 1
      let all = rehearse(field, subjects, races: races, orders: orders, configurations: configurations)
      lines.append(
        "\(field.rawValue.padded(to: 8))\(String(subjects).padded(to: 10))\("\(all.kept)/\(races)".padded(to: 11))"
          + "\(percent(Double(all.run) / Double(all.planned)).padded(to: 10))"
          + "\("\(digits(all.saved, 2)) x".padded(to: 10))\(orders > 1 ? "\(all.same)/\(races)" : "–")")
      rows.append([
        "field": .string(field.rawValue), "subjects": .integer(subjects), "best_kept": .integer(all.kept),
        "trainings": .integer(all.run), "planned": .integer(all.planned), "saved_by": rounded(all.saved),
        "same_verdicts": .integer(all.same),
      ])
    }
  }
  return Answer(
    json: [
      "races": .integer(races), "orders": .integer(orders), "configurations": .integer(configurations),
      "fields": .array(rows), "processor": .string(NumericClass.processorName),
      "numeric_class": .string(options.numericClass.name), "peak_rss_mib": rounded(peakMemory_mib()),
    ], text: lines.joined(separator: "\n"))
}

private func rehearse(
  _ field: RehearsedRace.Field, _ subjects: Int, races: Int, orders: Int, configurations: Int
) -> Rehearsals {
  var all = Rehearsals()
  for seed in 0..<races {
    let rehearsal = RehearsedRace(
      field, subjects: subjects, configurations: configurations, seeds: 1, seed: UInt64(seed))
    let race = rehearsal.run(RaceRules(), order: 0)
    all.kept += race.isLeft[rehearsal.best] ? 1 : 0
    all.run += race.trainings.run
    all.planned += race.trainings.planned
    let isSame = (1..<orders).allSatisfy { rehearsal.run(RaceRules(), order: UInt64($0)).dropped == race.dropped }
    all.same += isSame ? 1 : 0
  }
  return all
}
