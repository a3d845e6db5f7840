// What `status` shows to a person: how far, who holds what for how long, how fast, and what is wrong.

import Canonical

/// The answer of a coordinator, or what its run directory says, in lines.
struct StatusText {
  let status: JSON

  /// The lines.
  var lines: [String] { [head] + [stages] + pace + alarms + workers }

  private var isAway: Bool { status["coordinator"]?.string == "away" }

  private var head: String {
    if isAway { return "the coordinator is away; this is what the run directory says" }
    let paused = status["paused"]?.bool == true ? ", paused" : ""
    let phase = status["phase"]?.string ?? "unknown"
    return "\(phase)\(paused) for \(span(status["running_s"]?.integer ?? 0)), start \(number("epoch"))"
  }

  private var stages: String {
    let counts = status["stages"]?.object ?? [:]
    let total = counts["total"]?.integer ?? 0
    let done = counts["committed"]?.integer ?? 0
    let order = ["leased", "settling", "ready", "waiting", "reserved", "dropped", "failed", "blocked"]
    let rest = order.compactMap { key -> String? in
      guard let count = counts[key]?.integer, count > 0 else { return nil }
      return "\(count) \(Self.words[key] ?? key)"
    }
    return "stages: \(done) of \(total) done" + (rest.isEmpty ? "" : "; " + rest.joined(separator: ", "))
  }

  private static let words = [
    "leased": "with workers", "settling": "on their way into the ledger", "ready": "ready", "waiting": "waiting",
    "reserved": "with workers of the last start", "failed": "given up", "blocked": "waiting for such ones",
    "dropped": "dropped by the race",
  ]

  private var pace: [String] {
    guard let rate = status["rate_per_minute"]?.number, rate > 0 else { return [] }
    let left = status["left_s"]?.integer.map { "; about \(span($0)) left" } ?? ""
    return [String(rate < 10 ? (rate * 10).rounded() / 10 : rate.rounded()) + " stages a minute" + left]
  }

  private var alarms: [String] {
    var lines: [String] = []
    if number("conflicts") > 0 {
      lines.append("ALARM: \(number("conflicts")) results differ from the ledger's; see report/run.json at the end")
    }
    for stage in status["contested"]?.array ?? [] { lines.append("contested: stage \(stage.text) is computed again") }
    for (key, word) in [("quarantined", "quarantined"), ("drained", "drained")] {
      for host in status[key]?.array ?? [] {
        let why = host["why"]?.string.map { ": \($0)" } ?? ""
        lines.append("host \(host["host"]?.string ?? "") is \(word)\(why)")
      }
    }
    if number("garbage") > 0 { lines.append("\(number("garbage")) messages were garbage") }
    return lines
  }

  private var workers: [String] {
    let list = status["workers"]?.array ?? []
    guard !list.isEmpty else { return isAway ? holders : ["no worker is connected"] }
    return list.flatMap { worker -> [String] in
      let silent = worker["silent_s"]?.integer ?? 0
      let slots = worker["slots"]?.integer ?? 1
      let parts: [String?] = [
        "\(worker["host"]?.string ?? "") process \(worker["process"]?.text ?? "")",
        slots == 1 ? "1 slot" : "\(slots) slots", worker["key"]?.string.map { "key \($0)" },
        silent > 3 ? "silent for \(span(silent))" : nil,
      ]
      let head = parts.compactMap { $0 }.joined(separator: ", ")
      return [head] + (worker["holds"]?.array ?? []).prefix(16).map { "  " + holding($0) }
    }
  }

  /// Who held what when the coordinator was last heard of.
  private var holders: [String] {
    (status["holds"]?.array ?? []).map { lease in
      "stage \(lease["index"]?.text ?? "") was with \(lease["host"]?.string ?? "") process "
        + "\(lease["process"]?.text ?? "") for \(span(lease["since_s"]?.integer ?? 0))"
    }
  }

  private func holding(_ lease: JSON) -> String {
    let epochs = lease["epochs"]?.integer ?? 0
    let progress = epochs > 0 ? ", epoch \(lease["epoch"]?.text ?? "") of \(epochs)" : ", not begun"
    let loss = lease["loss"]?.number.flatMap { epochs > 0 ? ", loss \(($0 * 10_000).rounded() / 10_000)" : nil } ?? ""
    let attempt = lease["attempt"]?.integer ?? 1
    return "stage \(lease["index"]?.text ?? "") for \(span(lease["since_s"]?.integer ?? 0))\(progress)\(loss)"
      + (attempt > 1 ? ", try \(attempt)" : "")
  }

  private func number(_ key: String) -> Int { status[key]?.integer ?? 0 }

  private func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
    default: "\(seconds / 86_400) days"
    }
  }
}
