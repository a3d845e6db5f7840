// Tables that scroll on a narrow screen by themselves, with a caption, and with heads that a screen reader can follow.

import Study

/// A table of the page.
struct PageTable {
  /// What the table shows, above it.
  var caption: String
  /// What the study allowed on purpose; stands in the caption of every table of figures.
  var stamps: [String] = []
  /// The head of each column.
  var heads: [String]
  /// The cells; the first of a row is its head.
  var rows: [[Markup]]
  /// Columns from here on hold numbers.
  var numbersFrom = 1
  /// Heads that stand in a row of their own above the row with this place.
  var groups: [(row: Int, title: Markup)] = []

  /// The table as markup.
  var markup: Markup {
    let captionParts: [Markup] = [.text(caption)] + stamps.map { tag("strong", ["class": "stamp"], .text($0)) }
    let head = tag(
      "tr", [:],
      heads.enumerated().map { place, text in
        tag("th", ["scope": "col", "class": place >= numbersFrom ? "n" : "t"], name(text))
      })
    let body = rows.enumerated().flatMap { place, cells in
      groups.filter { $0.row == place }.map { groupRow($0.title) } + [tag("tr", [:], cells.enumerated().map(cell))]
    }
    return tag(
      "div", ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"],
      tag("table", [:], tag("caption", [:], captionParts), tag("thead", [:], head), tag("tbody", [:], body)))
  }

  private func groupRow(_ title: Markup) -> Markup {
    tag("tr", ["class": "group"], tag("th", ["scope": "rowgroup", "colspan": String(heads.count)], title))
  }

  private func cell(_ place: Int, _ content: Markup) -> Markup {
    if case .element(name: "td", _, _) = content { return content }
    let kind = place >= numbersFrom ? "n" : "t"
    return place == 0
      ? tag("th", ["scope": "row", "class": kind], content) : tag("td", ["class": kind], content)
  }
}

/// What stands behind a figure that misses a fold.
let incompleteMark: Markup = tag("span", ["class": "missing"], " incomplete")

/// A mean, and its deviation where there is more than one seed, which a narrow screen puts below it.
func spreadMarkup(_ spread: Spread, seeds: Int, decimals: Int = 3, scale: Double = 1) -> Markup {
  let mean = fixed(scale * spread.mean, decimals)
  guard seeds > 1 else { return .text(mean) }
  let deviation: Markup = .text(" ± " + fixed(scale * spread.deviation, decimals))
  return .group([.text(mean), tag("span", ["class": "deviation"], deviation)])
}

/// A cell whose background is as strong as a share from 0 to 1.
func heatCell(_ share: Double, _ children: Markup..., isMain: Bool = false) -> Markup {
  tag("td", ["class": isMain ? "n heat main" : "n heat", "style": "--p:\(fixed(share, 2))"], children)
}

/// A number with a bar below it that is as long as a share from 0 to 1.
func barCell(_ content: Markup, _ share: Double) -> Markup {
  tag("td", ["class": "n"], content, tag("span", ["class": "bar", "style": "--p:\(fixed(share, 2))"]))
}

/// Pairs of a term and a text as a description list.
func definitions(_ pairs: [(term: String, text: String)], _ style: String) -> Markup {
  tag(
    "dl", ["class": style],
    pairs.map { tag("div", [:], tag("dt", [:], .text($0.term)), tag("dd", [:], .text($0.text))) })
}

/// A section of the page with its heading.
func section(_ name: String, _ title: String, _ children: [Markup]) -> Markup {
  tag("section", ["id": name], [tag("h2", [:], .text(title))] + children)
}
