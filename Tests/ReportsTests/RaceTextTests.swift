// What a report says of a race: stamps, what was saved and what was lost, and the words on the level.

import Canonical
import Foundation
import Reports
import Testing

@Suite("the race in a report")
struct RaceTextTests {
  private func raced(fold: String? = nil, withdrawn: [String] = [], lost: Int = 0) -> ReportInput {
    var input = Samples.tiny
    input.protocol = ProtocolFacts(kind: "loso", leakage: "paper", selection: fold == nil ? "race" : "nested")
    let drop = DroppedConfiguration(name: "slow", leader: "only", folds: 5, subjects: 6, p: 0.03, difference: 0.25)
    let course = RaceCourse(fold: fold, rungs: [5, 8], folds: 8, dropped: [drop], withdrawn: withdrawn)
    input.race = RaceFacts(
      level: 0.001, races: [course], plannedTrainings: 40, runTrainings: 30 - lost, lostTrainings: lost)
    return input
  }

  @Test("its table, its object and its heading bear the stamps of the other tables")
  func stamps() throws {
    let race = try JSON(parsing: file("report.json", of: raced()).utf8)["race"]
    #expect(race?["stamps"] == ["leakage: paper", "selected on test"])
    let inner = try JSON(parsing: file("report.json", of: raced(fold: "S01")).utf8)["race"]
    #expect(inner?["stamps"] == ["leakage: paper"] && inner?["dropped"]?.array?.first?["fold"] == "S01")
    let page = try file("report.html", of: raced())
    let caption = try #require(page.components(separatedBy: "Dropped configurations").last)
    let end = try #require(caption.range(of: "</caption>"))
    #expect(caption[..<end.lowerBound].contains("leakage: paper") && caption[..<end.lowerBound].contains("selected"))
    #expect(try file("report.md", of: raced()).contains("## The race (leakage: paper; selected on test)"))
    var strict = raced(fold: "S01")
    strict.protocol.leakage = "strict"
    #expect(try JSON(parsing: file("report.json", of: strict).utf8)["race"]?["stamps"] == nil)
  }

  @Test("its numbers are aligned, and its level is that of one test")
  func table() throws {
    let text = try file("report.md", of: raced())
    #expect(text.contains("| dropped | leader | folds seen | subjects | UAR beside the leader | p |"))
    #expect(text.contains("| --- | --- | ---: | ---: | ---: | ---: |"))
    #expect(text.contains("| slow | only | 5 of 8 | 6 | −0.250 | 0.030 |"))
    #expect(text.contains("with a probability of at most 0.001 ") && text.contains("That is the level of one test;"))
    #expect(try file("report.md", of: raced(fold: "S01")).contains("| --- | --- | --- | ---: | ---: | ---: | ---: |"))
  }

  @Test("what failures took is told apart from what the race saved")
  func lost() throws {
    let plain = try file("report.md", of: raced())
    #expect(plain.contains("10 of 40 trainings (25 %) were saved") && !plain.contains("lost to failures"))
    let text = try file("report.md", of: raced(fold: "S01", withdrawn: ["wild"], lost: 7))
    #expect(text.contains("10 of 40 trainings (25 %) were saved"))
    #expect(text.contains("not by a verdict, these left the race: wild (fold S01). 7 trainings were lost"))
    let failing = raced(fold: "S01", withdrawn: ["wild"], lost: 7)
    let race = try JSON(parsing: file("report.json", of: failing).utf8)["race"]
    #expect(race?["trainings"] == ["planned": 40, "run": 23, "saved": 10, "lost": 7])
    #expect(race?["withdrawn"] == [["configuration": "wild", "fold": "S01"]])
    let one = try file("report.html", of: raced(lost: 1))
    #expect(one.contains("1 training was lost to failures, and is not counted as saved."))
  }
}
