// The time until which a key holds: a day, or a second of UTC. No calendar of the system is asked.

/// A moment, in seconds since 1970, and how it was written.
public struct Moment: Hashable, Sendable, CustomStringConvertible {
  /// The first second that is too late.
  public let end_s: Int
  /// As it was written.
  public let description: String

  /// Reads `2027-01-31`, whose whole day (UTC) still counts, or `2027-01-31T12:00:00Z`; nil where the text is neither.
  public init?(_ text: String) {
    let signs = Array(text.utf8)
    guard signs.count == 10 || signs.count == 20, let year = Self.number(signs, 0, 4),
      let month = Self.number(signs, 5, 2), let day = Self.number(signs, 8, 2),
      signs[4] == 45, signs[7] == 45, year >= 1970, (1...12).contains(month),
      (1...Self.days(in: month, of: year)).contains(day)
    else { return nil }
    let start_s = 86_400 * Self.day(year, month, day)
    description = text
    guard signs.count == 20 else {
      end_s = start_s + 86_400
      return
    }
    guard let hour = Self.number(signs, 11, 2), let minute = Self.number(signs, 14, 2),
      let second = Self.number(signs, 17, 2), hour < 24, minute < 60, second < 60,
      signs[10] == 84, signs[13] == 58, signs[16] == 58, signs[19] == 90
    else { return nil }
    end_s = start_s + 3_600 * hour + 60 * minute + second
  }

  private static func number(_ signs: [UInt8], _ start: Int, _ count: Int) -> Int? {
    var value = 0
    for sign in signs[start..<start + count] {
      guard (48...57).contains(sign) else { return nil }
      value = value * 10 + Int(sign) - 48
    }
    return value
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private static func days(in month: Int, of year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days since 1 January 1970.
  private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let past = year - 1
    let before = 365 * (year - 1970) + (past / 4 - past / 100 + past / 400) - 477
    return before + (1..<month).reduce(0) { $0 + days(in: $1, of: year) } + day - 1
  }
}
