// What a person reads when a run ends: the headline figures, from the report itself.

import Canonical
import Foundation

/// Prints the figures of a report.
enum RunSummary {
  /// Prints configurations and baselines of a report folder, and as the last line the path of its page.
  static func show(folder: String) throws {
    let path = folder + "/report.json"
    guard let data = FileManager.default.contents(atPath: path) else { throw Failure("\(path): no report there") }
    let report = try JSON(parsing: data)
    var rows = [["", "accuracy", "UF1", "UAR", ""]]
    for configuration in report["configurations"]?.array ?? [] { rows.append(row(configuration, mark: "")) }
    for baseline in report["baselines"]?.array ?? [] { rows.append(row(baseline, mark: "baseline")) }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      Output.line(cells.joined(separator: "  "))
    }
    Output.line(folder + "/report.html")
  }

  private static func row(_ entry: JSON, mark: String) -> [String] {
    let figures = ["accuracy", "uf1", "uar"].map { figure(entry["metrics"]?[$0]) }
    let isIncomplete = entry["incomplete"]?.bool ?? false
    return [entry["name"]?.string ?? "?"] + figures + [isIncomplete ? "incomplete" : mark]
  }

  /// A mean with its deviation over seeds, or a single figure.
  private static func figure(_ value: JSON?) -> String {
    if let number = value?.number { return String(format: "%.3f", number) }
    guard let mean = value?["mean"]?.number else { return "–" }
    let deviation = value?["deviation"]?.number ?? 0
    return deviation == 0 ? String(format: "%.3f", mean) : String(format: "%.3f ± %.3f", mean, deviation)
  }
}
