// A tree of HTML that cannot be written wrong: text is always escaped, every element is always closed.
//
// The page is also well-formed XML, so that a test can parse it with a strict reader.

/// A piece of a page.
indirect enum Markup: ExpressibleByStringInterpolation, Sendable {
  case text(String)
  /// Text that is markup already: a picture, a style sheet. Never anything that came from outside.
  case raw(String)
  case element(name: String, attributes: [(String, String)], children: [Markup])
  case group([Markup])

  init(stringLiteral value: String) { self = .text(value) }

  /// The markup as text.
  var html: String {
    var output = ""
    write(to: &output)
    return output
  }

  private func write(to output: inout String) {
    switch self {
    case .text(let text): output += escapedHTML(text)
    case .raw(let markup): output += markup
    case .group(let children): for child in children { child.write(to: &output) }
    case .element(let name, let attributes, let children):
      output += "<" + name
      for (key, value) in attributes { output += " \(key)=\"\(escapedHTML(value))\"" }
      if Self.empty.contains(name) {
        output += "/>"
      } else {
        output += ">"
        for child in children { child.write(to: &output) }
        output += "</\(name)>" + (Self.inline.contains(name) ? "" : "\n")
      }
    }
  }

  private static let empty: Set = ["img", "meta", "wbr"]
  private static let inline: Set = ["a", "b", "code", "i", "small", "span", "strong"]
}

/// An element with its attributes and children.
func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: Markup...) -> Markup {
  tag(name, attributes, children)
}

/// An element with its attributes and a list of children.
func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup]) -> Markup {
  .element(name: name, attributes: attributes.map { ($0.key, $0.value) }, children: children)
}

/// A name that may be broken behind its underscores, so that it does not widen a column.
func name(_ text: String) -> Markup {
  let parts = text.split(separator: "_", omittingEmptySubsequences: false)
  return .group(
    parts.enumerated().flatMap { place, part -> [Markup] in
      place == 0 ? [.text(String(part))] : ["_", tag("wbr"), .text(String(part))]
    })
}

/// Text as HTML and XML show it: the five signs with a meaning escaped, characters that XML forbids replaced.
func escapedHTML(_ text: String) -> String {
  var output = ""
  for sign in text.unicodeScalars {
    switch sign {
    case "&": output += "&amp;"
    case "<": output += "&lt;"
    case ">": output += "&gt;"
    case "\"": output += "&quot;"
    case "'": output += "&#39;"
    case "\t", "\n", "\r": output.unicodeScalars.append(sign)
    case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": output += "\u{fffd}"
    default: output.unicodeScalars.append(sign)
    }
  }
  return output
}
