// How it was computed: what sharing saved, attempts, machines, times. Only this section differs between equal results.

extension Summary {
  /// The section's content.
  var computing: [Markup] {
    var parts = [tag("p", [:], .text(stagesInWords))]
    if !input.stages.kinds.isEmpty { parts.append(stageTable) }
    parts.append(definitions(runFacts, "facts"))
    if !input.run.kinds.isEmpty { parts.append(timeTable) }
    if !input.run.hosts.isEmpty { parts.append(hostTable) }
    return parts
  }

  private var stageTable: Markup {
    let rows = input.stages.kinds.map { kind -> [Markup] in
      let share = kind.naive > 0 ? Double(kind.plan) / Double(kind.naive) : 1
      return [.text(kind.kind), barCell(.text(String(kind.plan)), share), .text(String(kind.naive))]
    }
    return PageTable(
      caption: "Stages of the plan, beside those of a script that shares nothing",
      heads: ["kind", "distinct in the plan", "without sharing"], rows: rows
    ).markup
  }

  private var runFacts: [(term: String, text: String)] {
    let run = input.run
    let wall = Double(max(0, run.finishedUnixSeconds - run.startedUnixSeconds))
    return [
      ("Started", utc(run.startedUnixSeconds)),
      ("Finished", "\(utc(run.finishedUnixSeconds)), after \(duration(wall))"),
      ("Attempts", "\(run.attempts), of which \(run.failedAttempts) failed or were lost"),
      ("Twins", "\(count(run.twins, "result")) came twice and \(run.twins == 1 ? "was" : "were") compared"),
      ("Alarms", run.alarms.isEmpty ? "none" : run.alarms.joined(separator: "; ")),
      ("Numeric class", "\(run.numericClass); equal bits on every machine that has it"),
      ("Version", "Microfold \(run.version), report written on \(run.processor)"),
    ]
  }

  private var timeTable: Markup {
    let longest = input.run.kinds.map(\.computeSeconds).max() ?? 0
    let rows = input.run.kinds.map { kind -> [Markup] in
      let each = kind.stages > 0 ? kind.computeSeconds / Double(kind.stages) : 0
      let share = longest > 0 ? kind.computeSeconds / longest : 0
      return [
        .text(kind.kind), .text(String(kind.stages)), barCell(.text(duration(kind.computeSeconds)), share),
        .text(duration(each)),
      ]
    }
    return PageTable(
      caption: "Computing time by kind of stage", heads: ["kind", "stages", "together", "each"], rows: rows
    ).markup
  }

  private var hostTable: Markup {
    let rows = input.run.hosts.map { host -> [Markup] in
      [.text(host.name), .text(host.processor), .text(String(host.stages)), .text(duration(host.computeSeconds))]
    }
    return PageTable(
      caption: "Machines", heads: ["host", "processor", "stages", "computed for"], rows: rows, numbersFrom: 2
    ).markup
  }
}
