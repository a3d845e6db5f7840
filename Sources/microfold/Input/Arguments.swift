// Flags end here: a verb says which it knows, and anything else is refused with what would be right.

/// A line for standard error and an exit status.
struct Failure: Error {
  /// One line: what, where, what to do.
  let line: String
  /// The exit status (design: 2 usage or input, 75 try again later, 78 refused).
  let status: Int32

  /// A failure of usage or input, unless another status is given.
  init(_ line: String, status: Int32 = 2) {
    self.line = line
    self.status = status
  }
}

/// The flags that a verb knows.
struct Flags {
  /// Flags with a value, such as `--out FILE`.
  var values: [String] = []
  /// Flags with a value that may stand several times.
  var lists: [String] = []
  /// Flags without a value.
  var switches: [String] = []
  /// How many words without a flag, and what they are called.
  var words: [String] = []
  /// How many of the words may be left out, from the end.
  var optionalWords = 0
  /// Whether the last word may stand several times.
  var repeatsLastWord = false
}

/// The parsed words of a command line behind the verb.
struct Arguments {
  private let verb: String
  private var values: [String: [String]] = [:]
  private var switches: Set<String> = []
  /// The words without a flag, in order.
  private(set) var words: [String] = []

  /// Parses the words behind a verb.
  /// - Throws: `Failure` for a flag that the verb does not know, a missing value, or words too few or too many.
  init(_ words: [String], verb: String, flags: Flags) throws(Failure) {
    self.verb = verb
    var rest = words[...]
    while let word = rest.popFirst() {
      if flags.switches.contains(word) {
        switches.insert(word)
      } else if flags.values.contains(word) || flags.lists.contains(word) {
        guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("--") else {
          throw Failure("\(verb): \(word) needs a value; see microfold \(verb) --help")
        }
        guard values[word] == nil || flags.lists.contains(word) else {
          throw Failure("\(verb): \(word) stands twice")
        }
        values[word, default: []].append(value)
      } else if word.hasPrefix("-") {
        let known = (flags.values + flags.lists + flags.switches).sorted().joined(separator: " ")
        throw Failure("\(verb): unknown flag \(word); known: \(known) --help")
      } else if !word.isEmpty {
        self.words.append(word)
      }
    }
    guard self.words.count <= flags.words.count || flags.repeatsLastWord else {
      throw Failure("\(verb): unexpected \"\(self.words[flags.words.count])\"; see microfold \(verb) --help")
    }
    guard self.words.count >= flags.words.count - flags.optionalWords else {
      throw Failure("\(verb): \(flags.words[self.words.count]) is missing; see microfold \(verb) --help")
    }
  }

  /// Whether a switch stands.
  func has(_ flag: String) -> Bool { switches.contains(flag) }

  /// The value of a flag, or nil.
  func value(_ flag: String) -> String? { values[flag]?.last }

  /// All values of a flag.
  func list(_ flag: String) -> [String] { values[flag] ?? [] }

  /// The value of a flag that must stand.
  func required(_ flag: String) throws(Failure) -> String {
    guard let value = value(flag) else {
      throw Failure("\(verb): \(flag) is missing; see microfold \(verb) --help")
    }
    return value
  }

  /// A whole number behind a flag.
  func whole(_ flag: String, or fallback: Int, in limits: ClosedRange<Int>) throws(Failure) -> Int {
    guard let text = value(flag) else { return fallback }
    guard let number = Int(text), limits.contains(number) else {
      throw Failure(
        "\(verb): \(flag) \(text): a whole number from \(limits.lowerBound) to \(limits.upperBound)"
          + " was expected"
      )
    }
    return number
  }

  /// The files of `--data NAME=FILE`.
  func dataFiles() throws(Failure) -> [(name: String, path: String)] {
    var files: [(name: String, path: String)] = []
    for text in list("--data") {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw Failure("\(verb): --data \(text): NAME=FILE was expected") }
      guard !files.contains(where: { $0.name == parts[0] }) else {
        throw Failure("\(verb): --data \(parts[0]) stands twice")
      }
      files.append((String(parts[0]), String(parts[1])))
    }
    return files
  }
}
