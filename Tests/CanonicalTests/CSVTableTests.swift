// The reader of tables: its grammar, its refusals, and that no bytes can trap it.

import Canonical
import Testing

@Suite("Tables of comma-separated values")
struct CSVTableTests {
  private func table(_ text: String) throws(CSVError) -> CSVTable { try CSVTable(parsing: Array(text.utf8)) }

  @Test("quotes, commas and line ends inside fields, CRLF, blank lines and a byte-order mark are read")
  func grammar() throws {
    let read = try table("\u{FEFF}a,b\r\n\"x,\"\"y\"\"\n z\",2\r\n\r\n,\"\"\n")
    #expect(read.columns == ["a", "b"])
    #expect(read.rows.map(\.fields) == [["x,\"y\"\n z", "2"], ["", ""]])
    #expect(read.rows.map(\.number) == [2, 4])
    #expect(read.rows.map(\.line) == [2, 5])
  }

  @Test("a file without a line end at its end is read")
  func lastLine() throws {
    #expect(try table("a\n1").rows.map(\.fields) == [["1"]])
  }

  @Test(
    "what breaks the grammar is refused with its row",
    arguments: [
      ("", 1, "no header"), ("a,b\n1\n", 2, "1 fields where the header names 2"), ("a,a\n", 1, "twice"),
      ("a\n\"x", 2, "not closed"), ("a\nx\"y\n", 2, "a quote inside"), ("a\n\"x\"y\n", 2, "text after"),
      ("a\nx\ry\n", 2, "half of a line end"), ("a\nx\u{0}\n", 2, "zero byte"),
      ("a\n" + String(repeating: "x", count: 5_000), 2, "more than 4096 bytes"),
    ])
  func refusals(text: String, row: Int, what: String) {
    let error = #expect(throws: CSVError.self) { try table(text) }
    #expect(error?.row == row)
    #expect(error?.what.contains(what) == true)
  }

  @Test("a row below a field of several lines is refused with the line of the file beside its row")
  func lines() {
    let error = #expect(throws: CSVError.self) { try table("a,b\n\"x\ny\n\",1\n2\n") }
    #expect(error?.row == 3 && error?.line == 5)
  }

  @Test("more rows than allowed are refused")
  func rowLimit() throws {
    #expect(try CSVTable(parsing: Array("a\n1\n2\n".utf8), rowLimit: 2).rows.count == 2)
    #expect(throws: CSVError(row: 4, what: "more than 2 rows")) {
      try CSVTable(parsing: Array("a\n1\n2\n3\n".utf8), rowLimit: 2)
    }
  }

  @Test("text that is not UTF-8 is refused")
  func encoding() {
    #expect(throws: CSVError(row: 1, what: "a field that is not UTF-8")) {
      try CSVTable(parsing: [0x61, 0xFF, 0x0A])
    }
  }

  @Test("mutated tables are read or refused, and what is read has whole rows")
  func mutations() {
    let seed = Array("subject,clip\r\n\"a \"\"b\"\"\",c\nd,\"e,f\"\n".utf8)
    let signs: [UInt8] = Array("\",\r\n x".utf8) + [0, 0xEF, 0xFF]
    var random = CSVDraw(state: 7)
    var read = 0
    for _ in 0..<4_000 {
      var bytes = seed
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = signs[random.below(signs.count)]
        case 1: bytes.insert(signs[random.below(signs.count)], at: place)
        default: bytes.removeSubrange(place..<min(place + 1 + random.below(5), bytes.count - 1))
        }
      }
      guard let table = try? CSVTable(parsing: bytes) else { continue }
      read += 1
      #expect(table.rows.allSatisfy { $0.fields.count == table.columns.count })
    }
    #expect(read > 100)
  }
}

/// A small generator of the tests' own, the same on every machine.
private struct CSVDraw {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
}
