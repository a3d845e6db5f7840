// Checks of single files: lengths, spaces, markers, words, rights.

enum TextChecks {
  static let columnLimit = 120
  static let functionLimit = 70

  /// Lines of at most 120 characters without spaces at their ends, files of bounded length.
  static func lengths(_ file: TreeFile) -> [Finding] {
    guard file.isWritten else { return [] }
    let lines = file.lines
    let limit = file.kind == "swift" && file.top == "Sources" ? 400 : 500
    var findings: [Finding] = []
    if lines.count > limit {
      findings.append(Finding(path: file.path, what: "\(lines.count) lines, \(limit) are allowed; split it by meaning"))
    }
    for (place, line) in lines.enumerated() {
      if line.utf8.count > columnLimit, line.count > columnLimit {
        findings.append(Finding(path: file.path, line: place + 1, what: "\(line.count) characters, 120 are allowed"))
      }
      if line.utf8.last == UInt8(ascii: " ") || line.utf8.last == UInt8(ascii: "\t") {
        findings.append(Finding(path: file.path, line: place + 1, what: "a space at the end of the line"))
      }
    }
    return findings
  }

  /// Functions of at most 70 lines, counted from their first line to the brace that closes them.
  static func functions(_ file: TreeFile) -> [Finding] {
    guard file.kind == "swift" else { return [] }
    let lines = SwiftText.blanked(file.text).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.compactMap { start in
      guard isFunction(lines[start]), let end = end(of: start, in: lines) else { return nil }
      let length = end - start + 1
      guard length > functionLimit else { return nil }
      return Finding(
        path: file.path, line: start + 1, what: "a function of \(length) lines, \(functionLimit) are allowed")
    }
  }

  private static func isFunction(_ line: Substring) -> Bool {
    let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" || $0 == ":" }
    let modifiers: Set = [
      "public", "package", "private", "fileprivate", "internal", "static", "mutating", "override", "convenience",
      "nonisolated", "final", "class", "consuming", "borrowing", "required",
    ]
    let first = words.first { !modifiers.contains(String($0)) && !$0.hasPrefix("@") }
    return first.map { ["func", "init", "deinit", "subscript"].contains($0) } ?? false
  }

  /// The line of the closing brace; nil where the function has no body.
  private static func end(of start: Int, in lines: [Substring]) -> Int? {
    var (braces, others, hasBody) = (0, 0, false)
    for place in start..<lines.count {
      if place > start, !hasBody, others == 0, isFunction(lines[place]) { return nil }
      for sign in lines[place].utf8 {
        switch sign {
        case UInt8(ascii: "("), UInt8(ascii: "["): others += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): others -= 1
        case UInt8(ascii: "{"):
          braces += 1
          hasBody = true
        case UInt8(ascii: "}"):
          braces -= 1
          if braces < 0 { return nil }
          if braces == 0 && others <= 0 { return place }
        default: break
        }
      }
    }
    return nil
  }

  /// No marker of unfinished work.
  static func markers(_ file: TreeFile) -> [Finding] {
    let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    return found(in: file, anyOf: markers) { line in
      markers.first { containsWord($0, line) }.map { "the marker \($0)" }
    }
  }

  /// Nothing in Sources that ends the program for want of an answer.
  static func traps(_ file: TreeFile) -> [Finding] {
    guard file.top == "Sources", file.kind == "swift" else { return [] }
    let forbidden = ["try" + "!", "fatalError(\"unimple" + "mented", "fatalError(\"not imple" + "mented"]
    return found(in: file, anyOf: forbidden) { line in
      forbidden.first { line.contains($0) }.map { "\($0) in Sources" }
    }
  }

  /// No word about how the code came to be: the code speaks of what it does.
  static func words(_ file: TreeFile) -> [Finding] {
    guard ["Sources", "Tests", "scripts", "cluster", "configs", ".ci"].contains(file.top), file.isWritten else {
      return []
    }
    let phrases =
      ["this", "last", "next", "later", "earlier", "previous", "another"].map { $0 + " iss" + "ue" }
      + [
        "coding ses" + "sion", "ai ag" + "ent", "coding ag" + "ent", "lang" + "uage model", "chat" + "gpt",
        "cla" + "ude",
      ]
    return found(in: TreeFile(path: file.path, text: file.text.lowercased()), anyOf: phrases + ["issue"]) { line in
      if isNumbered("issue", line) { return "a number of the tracker" }
      return phrases.first { containsWord($0, line) }.map { "\"\($0)\": say what the code does" }
    }
  }

  /// The word, in the singular or the plural, and a number behind it, with or without its sign.
  private static func isNumbered(_ word: String, _ line: Substring) -> Bool {
    let words = line.split { !($0.isLetter || $0.isNumber || $0 == "#") }
    return zip(words, words.dropFirst()).contains { first, second in
      (first == word || first == word + "s") && (second.first == "#" || second.first?.isNumber == true)
    }
  }

  /// What starts with "#!" may be executed, and what has no ending in scripts starts with "#!".
  static func rights(_ file: TreeFile) -> [Finding] {
    let isScript = file.text.hasPrefix("#!")
    if isScript && !file.isExecutable {
      return [Finding(path: file.path, what: "starts with #! but is not executable")]
    }
    if !isScript && file.kind.isEmpty && (file.top == "scripts" || file.top == ".ci") {
      return [Finding(path: file.path, what: "a script without its #! line")]
    }
    return []
  }

  /// What a check says of the lines of a file; files without any of the texts are passed over.
  private static func found(
    in file: TreeFile, anyOf texts: [String], _ check: (Substring) -> String?
  ) -> [Finding] {
    guard file.isWritten || file.kind == "md", texts.contains(where: file.contains) else { return [] }
    return file.lines.enumerated().compactMap { place, line in
      check(line).map { Finding(path: file.path, line: place + 1, what: $0) }
    }
  }

  /// Whether a word stands alone in a line, with no letter or digit at either end.
  private static func containsWord(_ word: String, _ line: Substring) -> Bool {
    guard line.contains(word) else { return false }
    let (signs, sought) = (Array(line.utf8), Array(word.utf8))
    func isWord(_ sign: UInt8) -> Bool {
      (48...57).contains(sign) || (65...90).contains(sign) || (97...122).contains(sign)
    }
    return (0...signs.count - sought.count).contains { start in
      guard signs[start] == sought[0], signs[start..<start + sought.count].elementsEqual(sought) else { return false }
      let end = start + sought.count
      return (start == 0 || !isWord(signs[start - 1])) && (end == signs.count || !isWord(signs[end]))
    }
  }
}
