// The folds as a picture: one group of bars per held-out subject, one bar per configuration, the baseline as a line.
//
// Names never enter the gnuplot script, where a quotation mark or a back-tick could do harm: the script has numbered
// stand-ins, and the names replace them, escaped, in the SVG. Colours are stand-ins too, replaced by the page's own.

import Study

/// The picture of the folds, or why there is none.
enum FoldPicture {
  case drawn(svg: String, width: Int, bars: [String], marks: [(sign: String, text: String)])
  case absent(String)
}

extension Summary {
  /// Draws the accuracy of each subject; at most four configurations, the first ones or those around the highest.
  func foldPicture(_ gnuplot: Gnuplot) -> FoldPicture {
    guard let subjects = configurations.first?.subjects, !subjects.isEmpty else { return .absent("there is no fold") }
    let bars = barMethods
    let names = subjects.indices.map { place in
      "\(subjects[place].subject) · \(methods.compactMap { $0.subjects[place].clips.max() }.max() ?? 0)"
    }
    let chart = FoldChart(
      subjects: subjects.count, bars: bars, mark: Self.highest(baselines), nameLength: names.map(\.count).max() ?? 0)
    switch gnuplot.draw(chart.script) {
    case .absent(let why): return .absent(why)
    case .drawn(let raw):
      guard let svg = chart.dressed(raw, names: names) else { return .absent("gnuplot wrote no picture") }
      var marks: [(sign: String, text: String)] = []
      if let simple = Self.highest(baselines) { marks.append(("—", "\(simple.name), the strongest baseline")) }
      if chart.missing.isEmpty == false { marks.append(("×", "incomplete: a seed has no result")) }
      return .drawn(svg: svg, width: chart.width, bars: bars.map(\.name), marks: marks)
    }
  }

  private var barMethods: [MethodSummary] {
    guard configurations.count > 4, let best = Self.highest(configurations) else {
      return Array(configurations.prefix(4))
    }
    return [best] + configurations.filter { $0.name != best.name }.prefix(3)
  }
}

/// The script of the picture and the clothes of its result.
struct FoldChart {
  let subjects: Int
  let bars: [MethodSummary]
  let mark: MethodSummary?
  /// The longest name, in characters: how much room the slanted names need.
  let nameLength: Int

  private static let gap = 0.28

  /// The smallest width at which it can be read, in pixels.
  var width: Int { max(640, 70 + subjects * (bars.count * 7 + 9)) }

  private var barWidth: Double { (1 - Self.gap) / Double(max(1, bars.count)) }

  private func centre(_ subject: Int, _ bar: Int) -> Double {
    Double(subject) + 1 - (1 - Self.gap) / 2 + (Double(bar) + 0.5) * barWidth
  }

  /// Places of bars without a result.
  var missing: [(x: Double, y: Double)] {
    bars.enumerated().flatMap { bar, method in
      (0..<subjects).filter { place in
        let clips = method.subjects[place].clips
        return clips.contains(0) && mayHaveClips(place)
      }.map { (centre($0, bar), 5.0) }
    }
  }

  private func mayHaveClips(_ place: Int) -> Bool {
    bars.contains { method in
      method.folds.contains { fold in
        fold.fold.clips > 0 && fold.fold.subjects.contains(method.subjects[place].subject)
      }
    }
  }

  /// The gnuplot script: numbers and numbered stand-ins only.
  var script: String {
    let ticks = (0..<subjects).map { "\"k\($0)k\" \($0 + 1)" }.joined(separator: ", ")
    var lines = [
      "set terminal svg size \(max(width, 960)),300 dynamic noenhanced font 'system-ui,12' name 'folds'",
      "unset key", "set tics scale 0", "set boxwidth \(fixed(barWidth * 0.86, 4))", "set style fill solid 1 noborder",
      "set xrange [0.4:\(subjects).6]", "set yrange [0:100]", "set ytics 25 textcolor rgb '#010204'",
      "set grid ytics back linetype 1 linecolor rgb '#010203' linewidth 0.8", "set border 1 linecolor rgb '#010204'",
      "set bmargin \(fixed(min(12, 1 + 0.33 * Double(nameLength)), 1))", "set lmargin 5", "set rmargin 1.5",
      "set tmargin 0.8",
      "set xtics rotate by 45 right nomirror textcolor rgb '#010204' (\(ticks))",
    ]
    var plots: [String] = []
    for (bar, method) in bars.enumerated() {
      lines.append(block("b\(bar)", barPoints(bar, method)))
      plots.append("$b\(bar) using 1:2 with boxes linecolor rgb '#01010\(bar + 1)'")
      plots.append("$b\(bar) using 1:4:(0):3 with vectors nohead linewidth 1.2 linecolor rgb '#010205'")
    }
    if mark != nil {
      lines.append(block("m", markPoints))
      plots.append("$m using 1:2:3:(0) with vectors nohead linewidth 2 linecolor rgb '#010205'")
    }
    if !missing.isEmpty {
      lines.append(block("x", missing.map { [$0.x, $0.y] }))
      plots.append("$x using 1:2 with points pointtype 2 pointsize 1.1 linewidth 2 linecolor rgb '#010205'")
    }
    return (lines + ["plot " + plots.joined(separator: ", \\\n  ")]).joined(separator: "\n") + "\n"
  }

  private func block(_ name: String, _ rows: [[Double]]) -> String {
    let points = rows.isEmpty ? [[-1.0, 0, 0, 0]] : rows
    return (["$\(name) << EOD"] + points.map { $0.map { fixed($0, 4) }.joined(separator: " ") } + ["EOD"])
      .joined(separator: "\n")
  }

  /// x, height, length of the whisker, its lower end.
  private func barPoints(_ bar: Int, _ method: MethodSummary) -> [[Double]] {
    (0..<subjects).compactMap { place in
      guard let accuracy = method.subjects[place].accuracy else { return nil }
      let (low, high) = (max(0, accuracy.mean - accuracy.deviation), min(1, accuracy.mean + accuracy.deviation))
      return [centre(place, bar), 100 * accuracy.mean, 100 * (high - low), 100 * low]
    }
  }

  /// x, height, width.
  private var markPoints: [[Double]] {
    (0..<subjects).compactMap { place in
      mark?.subjects[place].accuracy.map { [Double(place) + 1 - 0.46, 100 * $0.mean, 0.92] }
    }
  }

  /// gnuplot's SVG as a part of the page: names in place, the page's colours, nothing before the element.
  func dressed(_ raw: String, names: [String]) -> String? {
    guard let start = raw.firstRange(of: "<svg"), let end = raw.lastIndex(of: ">") else { return nil }
    var svg = String(raw[start.lowerBound...end])
    let colours =
      [
        ("1,   2,   3", "--grid"), ("1,   2,   4", "--ink"), ("1,   2,   5", "--mark"),
      ] + (1...4).map { ("1,   1,   \($0)", "--c\($0)") }
    for (numbers, name) in colours {
      svg = svg.replacing("rgb(  \(numbers))", with: "var(\(name))")
      svg = svg.replacing("rgb(\(numbers.replacing(" ", with: "")))", with: "var(\(name))")
    }
    svg = svg.replacing(" color=\"black\"", with: "").replacing(" color=\"gray\"", with: "")
    for (place, name) in names.enumerated() {
      svg = svg.replacing(">k\(place)k<", with: ">\(escapedHTML(name))<")
    }
    let attributes = "<svg role=\"img\" aria-label=\"Bars of accuracy by subject\" style=\"min-width:\(width)px\" "
    return attributes + svg.dropFirst(4)
  }
}
