// Text from peers, made safe for a terminal and a log: one line, no control characters.

/// A text on one line, control characters replaced, cut to a length.
func printable(_ text: String, limit: Int = 300) -> String {
  let scalars = text.unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
    scalar.value < 32 || (127..<160).contains(scalar.value) ? " " : scalar
  }
  return String(String.UnicodeScalarView(scalars))
}

/// The longest beginning of a text that has at most `limit` bytes of UTF-8.
func shortened(_ text: String, bytes limit: Int) -> String {
  var count = 0
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    count += UTF8.width(scalar)
    if count > limit { break }
    result.append(scalar)
  }
  return String(result)
}
