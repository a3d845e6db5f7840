// Numbers and times as people read them. The same everywhere, so that a figure looks the same in every file.

import Study

/// A number with a fixed count of decimals, rounded half away from zero.
func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int(abs(value) * Double(scale) + 0.5)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % scale)
  return "\(sign)\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A share of one as percent, without decimals.
func percent(_ share: Double) -> String { fixed(100 * share, 0) + " %" }

/// A mean with its deviation where there is more than one seed: "0.913 ± 0.011".
func written(_ spread: Spread, seeds: Int) -> String {
  seeds > 1 ? "\(fixed(spread.mean, 3)) ± \(fixed(spread.deviation, 3))" : fixed(spread.mean, 3)
}

/// One figure of a method, marked where a fold is missing: "0.913 ± 0.011 (incomplete)".
func figure(_ method: MethodSummary, _ value: (Metrics) -> Double) -> String {
  guard method.hasFigures else { return "– (incomplete)" }
  let text = written(method.spread(value), seeds: method.figures.count)
  return method.isIncomplete ? text + " (incomplete)" : text
}

/// One figure of a method with its interval: "0.913 ± 0.011 (0.861–0.952)".
func figure(
  _ method: MethodSummary, _ value: (Metrics) -> Double, _ interval: (BootstrapIntervals) -> Interval
) -> String {
  let text = figure(method, value)
  return method.intervals.map { "\(text) (\(written(interval($0))))" } ?? text
}

/// An interval as people read it: "0.812–0.931".
func written(_ interval: Interval) -> String { "\(fixed(interval.low, 3))–\(fixed(interval.high, 3))" }

/// A p as people read it, never 0: "0.40", "0.031", "below 0.0001".
func written(p value: Double) -> String {
  if value < 0.0001 { return "below 0.0001" }
  if value < 0.001 { return fixed(value, 4) }
  return value < 0.1 ? fixed(value, 3) : fixed(value, 2)
}

/// A count with its noun: "1 clip", "3 clips".
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// A duration as its two largest units: "2 h 05 min", "3 min 12 s", "4.2 s".
func duration(_ seconds: Double) -> String {
  if seconds < 60 { return fixed(seconds, 1) + " s" }
  let whole = Int(seconds + 0.5)
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
  return whole < 3600 ? "\(whole / 60) min \(two(whole % 60)) s" : "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
}

/// A time as "2024-11-24 17:18 UTC", by Howard Hinnant's count of civil days.
func utc(_ unixSeconds: Int) -> String {
  let day = (unixSeconds >= 0 ? unixSeconds : unixSeconds - 86_399) / 86_400
  let inDay = unixSeconds - day * 86_400
  let shifted = day + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let ofEra = shifted - era * 146_097
  let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
  let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * ofYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let fields = [month, ofYear - (153 * shiftedMonth + 2) / 5 + 1, inDay / 3600, inDay % 3600 / 60].map {
    $0 < 10 ? "0\($0)" : String($0)
  }
  return "\(year)-\(fields[0])-\(fields[1]) \(fields[2]):\(fields[3]) UTC"
}
