import Canonical
import Reports
import Study
import Testing

@Suite("predictions of any tool")
struct PredictionsTests {
  private func table(_ text: String) throws(PredictionsError) -> PredictionsTable {
    try PredictionsTable(parsing: Array(text.utf8), path: "p.csv")
  }

  private let good = "fold,subject,clip,label,predicted\n1,a,x,happy,happy\n1,a,y,sad,happy\n2,b,x,sad,sad\n"

  @Test("any order of columns, more columns, quotes, CRLF and a byte-order mark change nothing")
  func dialects() throws {
    let other =
      "\u{FEFF}\"predicted\",extra,clip,label,subject,fold\r\n\"sad\",1,x,sad,b,2\r\nhappy,,x,happy,\"a\",1\r\n"
      + "happy,\"2\n3\",y,sad,a,1"
    #expect(try Score(table(other).clips()).json == Score(table(good).clips()).json)
  }

  @Test("the score of three clips by hand")
  func byHand() throws {
    let json = try Score(table(good).clips()).json
    #expect(json["n"] == 3 && json["subjects"] == 2)
    #expect(json["labels"] == ["happy", "sad"])
    #expect(json["accuracy"] == .number(2.0 / 3))
    #expect(json["uf1"] == .number((2.0 / 3 + 2.0 / 3) / 2))
    #expect(json["uar"] == .number(0.75) && json["balanced_accuracy"] == .number(0.75))
    #expect(json["confusion"] == [[1, 0], [1, 1]])
    #expect(json["per_class"]?["sad"]?["recall"] == .number(0.5))
    #expect(json["per_subject"]?["a"] == ["n": 2, "correct": 1])
    #expect(json["interval"]?["accuracy"] == [.number(0.5), .number(1)])
    #expect(json["per_set"] == nil)
  }

  @Test("a label that is predicted and never true stands in the matrix and not in the means")
  func neverTrue() throws {
    let json = try Score(table("fold,subject,clip,label,predicted\n1,a,x,sad,sad\n1,a,y,sad,fear\n").clips()).json
    #expect(json["labels"] == ["fear", "sad"])
    #expect(json["uar"] == .number(0.5) && json["uf1"] == .number(2.0 / 3))
    #expect(json["per_class"]?["fear"]?["support"] == 0)
  }

  @Test("subjects of several sets are scored by set too")
  func sets() throws {
    let text = "fold,subject,clip,label,predicted\n1,smic/a,x,sad,sad\n1,samm/a,x,sad,fear\n"
    let json = try Score(table(text).clips()).json
    #expect(json["per_set"]?["smic"]?["accuracy"] == .number(1))
    #expect(json["per_set"]?["samm"]?["accuracy"] == .number(0))
  }

  @Test("the predictions.csv of a report is scored one configuration and seed at a time")
  func ours() throws {
    let ours = try table(file("predictions.csv", of: Samples.tiny))
    #expect(throws: PredictionsError(path: "p.csv", what: "2 seeds (\"1\", \"2\"); choose one with --seed N")) {
      try ours.choosing(PredictionsChoice())
    }
    let first = try ours.choosing(PredictionsChoice(configuration: "only", seed: "1")).clips()
    #expect(Score(first).json["confusion"] == [[2, 0], [1, 2]])
  }

  @Test("a clip in several folds counts in each, and pairs by its fold; McNemar takes its first appearance")
  func repeated() throws {
    let text = "fold,subject,clip,label,predicted\n1,a,x,sad,sad\n2,a,x,sad,happy\n"
    let first = try table(text)
    #expect(first.repeatedClips == 1)
    let second = try table("fold,subject,clip,label,predicted\n2,a,x,sad,sad\n1,a,x,sad,happy\n")
    let (one, two) = try first.paired(with: second)
    #expect(one.clips.map(\.fold) == ["1", "2"] && two.clips.map(\.fold) == ["1", "2"])
    #expect(PairedComparison(one, two).onlyFirst == 1 && PairedComparison(one, two).onlySecond == 0)
    let comparison = Comparison(one, named: "A", two, named: "B")
    #expect(comparison.json["n"] == 2 && comparison.json["different_clips"] == 1)
    #expect(comparison.lines.contains("2 clips, 1 different; McNemar counts each once"))
  }

  @Test("folds with other names in the other file are the same clips")
  func otherFolds() throws {
    let (one, two) = try table(good).paired(
      with: table("subject,clip,label,predicted,fold\nb,x,sad,happy,9\na,y,sad,sad,8\na,x,happy,happy,7\n"))
    let json = Comparison(one, named: "A", two, named: "B").json
    #expect(json["n"] == 3 && json["different_clips"] == nil && json["only_a"] == 1 && json["only_b"] == 1)
    #expect(json["mcnemar_p"] == .number(1))
    #expect(json["difference"]?["accuracy"] == .number(0))
  }

  @Test("names from a file cannot break the line of an error")
  func oneLine() {
    let error = #expect(throws: PredictionsError.self) {
      try table("fold,subject,clip,label,predicted\n1,\"a\n\u{1b}[2J\",x,sad,\n1,\"a\n\u{1b}[2J\",x,sad,sad\n")
    }
    let twice = #expect(throws: PredictionsError.self) {
      try table("fold,subject,clip,label,predicted\n1,\"a\n\u{1b}\",x,s,s\n1,\"a\n\u{1b}\",x,s,s\n")
    }
    #expect(error?.line == 2 && twice?.line == 4)
    #expect(twice?.description == "p.csv:4: clip a??/x stands twice in fold \"1\", first on line 2")
  }

  /// Goal: no bytes can trap the reader, the figures or the tests. Method: small changes of a good file, many times.
  @Test("mutated files are refused in one line or scored", arguments: 1...4)
  func mutations(seed: Int) {
    let rows = good.split(separator: "\n")
    let original = Array(
      (["configuration,seed,\(rows[0])"] + rows.dropFirst().map { "one,1,\($0)" })
        .joined(separator: "\n").utf8)
    let signs: [UInt8] = Array("\",\r\n xab12/".utf8) + [0, 0xEF, 0xFF]
    var draw = Samples.Draw(state: UInt64(seed))
    func below(_ limit: Int) -> Int { (draw.next() as Int) % limit }
    var scored = 0
    for round in 0..<1_000 {
      var bytes = original
      for _ in 0..<below(4) {
        let place = below(bytes.count)
        switch below(3) {
        case 0: bytes[place] = signs[below(signs.count)]
        case 1: bytes.insert(signs[below(signs.count)], at: place)
        default: bytes.removeSubrange(place..<min(place + 1 + below(5), bytes.count - 1))
        }
      }
      do {
        let table = try PredictionsTable(parsing: bytes, path: "p.csv").choosing(PredictionsChoice())
        let (one, two) = try table.paired(with: table)
        #expect(one == two && one.clips.count == table.records.count)
        guard round % 25 == 0 else { continue }
        scored += 1
        #expect(Score(one).json["n"] == .integer(table.records.count) && !Score(one).lines.isEmpty)
      } catch {
        #expect(!"\(error)".contains("\n") && "\(error)".hasPrefix("p.csv"))
      }
    }
    #expect(scored > 3)
  }
}
