// What a report says of a race.

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
