// Swift source with the contents of its strings and comments blanked, so that counting braces is safe.

/// A reader over the signs of a source file.
struct SwiftText {
  private let signs: [UInt8]
  private var place = 0
  private var output: [UInt8] = []

  /// The source with spaces for what stands in strings and comments; line ends are kept.
  static func blanked(_ source: String) -> String {
    var reader = SwiftText(signs: Array(source.utf8))
    reader.code(untilParenthesis: false)
    return String(decoding: reader.output, as: UTF8.self)
  }

  private init(signs: [UInt8]) { self.signs = signs }

  /// What may start a comment or a string, or end an interpolation; all else is copied without a second look.
  private static let starts = Array("/\"#()".utf8)

  private func sees(_ text: String) -> Bool { signs[place...].starts(with: text.utf8) }

  private mutating func blank(_ count: Int) {
    for _ in 0..<min(count, signs.count - place) {
      output.append(signs[place] == 10 ? 10 : 32)
      place += 1
    }
  }

  private mutating func keep() {
    output.append(signs[place])
    place += 1
  }

  /// Copies code; inside an interpolation, to the parenthesis that closes it.
  private mutating func code(untilParenthesis: Bool) {
    var depth = 0
    while place < signs.count {
      guard Self.starts.contains(signs[place]) else {
        keep()
        continue
      }
      if sees("//") {
        while place < signs.count, signs[place] != 10 { blank(1) }
      } else if sees("/*") {
        comment()
      } else if sees("\"") || sees("#") {
        literal()
      } else {
        if sees("(") { depth += 1 }
        if sees(")") {
          if untilParenthesis && depth == 0 { return }
          depth -= 1
        }
        keep()
      }
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if sees("/*") {
        depth += 1
        blank(2)
      } else if sees("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && place < signs.count
  }

  /// A string of any kind: plain, of several lines, raw with any number of signs; or a lone "#".
  private mutating func literal() {
    var hashes = ""
    while place + hashes.utf8.count < signs.count, signs[place + hashes.utf8.count] == UInt8(ascii: "#") {
      hashes += "#"
    }
    let quote = [hashes + "\"\"\"", hashes + "\""].first(where: sees)
    guard let quote else { return keep() }
    let end = String(quote.dropFirst(hashes.count)) + hashes
    blank(quote.utf8.count)
    while place < signs.count, signs[place] != end.utf8.first || !sees(end) {
      if signs[place] == UInt8(ascii: "\\"), sees("\\" + hashes + "(") {
        blank(2 + hashes.utf8.count)
        code(untilParenthesis: true)
        blank(1)
      } else {
        blank(sees("\\") && hashes.isEmpty ? 2 : 1)
      }
    }
    blank(end.utf8.count)
  }
}
