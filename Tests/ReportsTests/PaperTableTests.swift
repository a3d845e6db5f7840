import Reports
import Testing

@Suite("the paper's tables")
struct PaperTableTests {
  @Test("every row has one figure per column", arguments: ["II", "III", "IV", "V", "VI", "VII"])
  func shape(number: String) throws {
    let table = try #require(PaperTables.table(number))
    #expect(table.rows.allSatisfy { $0.values.count == table.columns.count })
    #expect(table.rows.allSatisfy { $0.values.allSatisfy { (25...100).contains($0) } })
  }

  @Test("the headline is 72.7 and 75.0, wherever it is printed")
  func headline() throws {
    #expect(PaperTables.table("II")?.rows.last?.values == [72.7, 75.0])
    #expect(PaperTables.table("VII")?.rows.last?.values == [72.7, 75.0])
    #expect(PaperTables.table("IV")?.rows[3].values[1] == 72.73)
    #expect(PaperTables.table("V")?.rows[2].values[3] == 75.0)
    #expect(PaperTables.table("III")?.rows.compactMap(\.values.last) == [69.4, 72.7, 73.5, 75.0])
    #expect(PaperTables.table("II")?.rows.count == 23)
    #expect(PaperTables.table("VI")?.rows.count == 10)
    #expect(PaperTables.table("VIII") == nil)
  }

  /// Goal: no figure was copied wrong. Method: the paper's figures are fractions of few clips; a slip would not be.
  @Test("the figures are the fractions that the note says, except its two misprints")
  func fractions() throws {
    func misfits(_ number: String, of clips: Int) throws -> Int {
      let table = try #require(PaperTables.table(number))
      let half = table.decimals == 1 ? 0.0501 : 0.00501
      return table.rows.flatMap(\.values).count { value in
        !(0...clips).contains { abs(100 * Double($0) / Double(clips) - value) <= half }
      }
    }
    #expect(try misfits("IV", of: 44) == 2)
    #expect(try misfits("V", of: 160) == 0)
  }
}
