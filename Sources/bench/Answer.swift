// What a benchmark answers: one JSON object, or the same as lines for people.

import Canonical
import Glibc

/// The answer of one benchmark.
struct Answer {
  /// One object; its members are what scripts rely on.
  let json: JSON
  /// Lines for people, question first.
  let text: String
}

/// A number with a few digits, without Foundation.
func digits(_ value: Double, _ places: Int = 1) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
  let whole = Int((abs(value) * scale + 0.5))
  let unit = Int(scale)
  let sign = value < 0 && whole > 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(whole)" }
  let fraction = String(whole % unit)
  return "\(sign)\(whole / unit).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
}

/// A number with three places as JSON, so that lines stay short.
func rounded(_ value: Double) -> JSON { .number(Double(digits(value, 3)) ?? value) }

/// A share as a percentage.
func percent(_ share: Double) -> String { "\(digits(100 * share)) %" }

extension JSON {
  /// An object with the members of another added.
  func adding(_ other: JSON) -> JSON {
    guard let mine = object, let more = other.object else { return self }
    return .object(mine.merging(more) { _, new in new })
  }
}

/// The largest memory that this process has held.
func peakMemory_mib() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}
