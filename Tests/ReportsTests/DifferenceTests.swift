import Canonical
import Foundation
import Reports
import Testing

/// Goal: the report says in words what its tests say, and nothing more. Method: few clips with a known outcome.
@Suite("is the difference real?")
struct DifferenceTests {
  /// Subjects with three clips each; the configuration and the baseline are right in so many of a subject's clips.
  private func input(subjects: Int, network: [Int], simple: [Int], names: [String] = ["net"]) -> ReportInput {
    var input = Samples.tiny
    input.labels = ["sad"]
    input.labels.insert("happy", at: 0)
    let people = (0..<subjects).map { "S\($0 + 10)" }
    func rows(_ configuration: Int, _ seed: Int, right: (Int) -> Int) -> [PredictionRow] {
      people.indices.flatMap { fold in
        (0..<4).map { clip in
          let label = clip % 2
          let predicted = clip < right(fold) ? label : 1 - label
          return PredictionRow(
            configuration: configuration, seed: seed, fold: fold, subject: people[fold], clip: "c\(clip)",
            label: input.labels[label], predicted: input.labels[predicted], scores: [0, 0])
        }
      }
    }
    input.folds = people.map { FoldFacts(name: $0, subjects: [$0], clips: 4) }
    input.configurations = names.map { ConfigurationFacts(name: $0, parameters: [:], seeds: [1]) }
    input.rows = names.indices.flatMap { place in rows(place, 1) { network[$0 % network.count] } }
    input.failed = []
    input.baselines = [
      BaselineFacts(name: "weak", rows: rows(0, 0) { _ in 0 }),
      BaselineFacts(name: "ridge", rows: rows(0, 0) { simple[$0 % simple.count] }),
    ]
    return input
  }

  private func headline(_ input: ReportInput) throws -> String {
    try file("report.md", of: input).components(separatedBy: "\n\n")[2]
  }

  @Test("a network that is far above in every subject: both tests show it")
  func both() throws {
    let text = try headline(input(subjects: 8, network: [4], simple: [2]))
    // 16 clips right in the network alone: 2 / 2^16; of 2^8 swaps, only those of nobody and everybody are as far.
    #expect(
      text.hasSuffix(
        "net is 0.500 above it, and both paired tests show that difference (McNemar p below 0.0001, permutation over "
          + "subjects p 0.008)."), "\(text)")
    #expect(text.contains("The strongest baseline, ridge, has UF1 0.500;"))
  }

  @Test("a network that is above in one subject by two clips: the tests do not show it")
  func neither() throws {
    let text = try headline(input(subjects: 8, network: [4, 2, 2, 2, 2, 2, 2, 2], simple: [2]))
    #expect(
      text.hasSuffix(
        "above it, but the paired tests do not show that difference (McNemar p 0.50, permutation over subjects p 1.00)."
      ), "\(text)")
  }

  @Test("few subjects with many clips: McNemar's test alone shows it, and the words say so")
  func mcnemarAlone() throws {
    let text = try headline(input(subjects: 4, network: [4], simple: [2]))
    #expect(text.contains("which McNemar's test shows and the permutation test over subjects does not"), "\(text)")
  }

  @Test("a network that is not above has shown nothing", arguments: [[2], [1, 2]])
  func nothing(network: [Int]) throws {
    let text = try headline(input(subjects: 8, network: network, simple: [2]))
    #expect(text.contains("so the network has shown nothing that this simple method does not (McNemar p"), "\(text)")
    #expect(text.contains(network == [2] ? "net is not above it" : " below it"), "\(text)")
  }

  @Test("several configurations: each p is corrected for their number, and the words go by that")
  func corrected() throws {
    let names = ["one", "two", "three", "four", "five", "six", "seven"]
    let several = input(subjects: 8, network: [4], simple: [2], names: names)
    let report = try JSON(parsing: try file("report.json", of: several).utf8)
    let entries = try #require(report["comparisons"]?.array)
    #expect(entries.compactMap { $0["configuration"]?.string } == names)
    for entry in entries {
      #expect(entry["baseline"] == "ridge" && entry["n"] == 32 && entry["subjects"] == 8)
      #expect(entry["permutation_p"] == .number(2.0 / 256))
      #expect(entry["permutation_p_holm"] == .number(14.0 / 256))
      #expect(entry["only_configuration"] == 16 && entry["only_baseline"] == 0)
      #expect(entry["difference"]?["uf1"] == .number(0.5))
    }
    let text = try headline(several)
    #expect(text.contains("which McNemar's test shows and the permutation test over subjects does not"), "\(text)")
    #expect(text.contains("corrected for 7 configurations"))
    for name in ["report.md", "report.html"] {
      #expect(try file(name, of: several).contains("McNemar p, corrected"), "\(name)")
    }
  }

  @Test("the winner of seven beside two baselines: each p counts the seven among which it was picked, then the two")
  func picked() throws {
    let names = ["one", "two", "three", "four", "five", "six", "seven"]
    let several = input(subjects: 8, network: [4], simple: [2], names: names)
    let entries = try #require(JSON(parsing: file("report.json", of: several).utf8)["beside_baselines"]?.array)
    #expect(entries.compactMap { $0["baseline"]?.string } == ["weak", "ridge"])
    #expect(entries.allSatisfy { $0["configuration"] == "one" && $0["picked_among"] == 7 })
    // Of 2^8 swaps two are as far; 32 and 16 clips are right in the network alone.
    #expect(entries.allSatisfy { $0["permutation_p"] == .number(2.0 / 256) })
    #expect(entries.allSatisfy { $0["permutation_p_holm"] == .number(2.0 / 256 * 7 * 2) })
    #expect(entries[0]["mcnemar_p_holm"] == .number(0x1p-31 * 7 * 2))
    #expect(entries[1]["mcnemar_p_holm"] == .number(0x1p-15 * 7))
    for name in ["report.md", "report.html"] {
      let text = try file(name, of: several)
      #expect(text.contains("picked by these scores, p corrected for 7 configurations and 2 baselines"), "\(name)")
      #expect(text.contains("p corrected for 6, not for being picked among 7 by these scores"), "\(name)")
    }
  }

  @Test("the winner was picked among those that a race over the folds dropped too, but not among those that failed")
  func pickedByRace() throws {
    var raced = input(subjects: 8, network: [4], simple: [2], names: ["one", "two", "dropped", "failed"])
    raced.rows.removeAll { $0.configuration >= 2 }
    let drop = DroppedConfiguration(name: "dropped", leader: "one", folds: 5, subjects: 5, p: 0.01, difference: 0.5)
    func among(fold: String?) throws -> JSON? {
      let course = RaceCourse(fold: fold, rungs: [5, 8], folds: 8, dropped: [drop])
      raced.race = RaceFacts(level: 0.05, races: [course], plannedTrainings: 32, runTrainings: 29)
      let entries = try JSON(parsing: file("report.json", of: raced).utf8)["beside_baselines"]?.array
      return entries?.first?["picked_among"]
    }
    #expect(try among(fold: nil) == 3)
    #expect(try among(fold: "S10") == 2, "a race over inner folds sees none of these scores")
  }

  @Test("one configuration was not picked: its p are corrected for the baselines alone")
  func notPicked() throws {
    let single = input(subjects: 8, network: [4], simple: [2])
    let entries = try #require(JSON(parsing: file("report.json", of: single).utf8)["beside_baselines"]?.array)
    #expect(entries.allSatisfy { $0["permutation_p_holm"] == .number(4.0 / 256) && $0["picked_among"] == nil })
    #expect(try file("report.md", of: single).contains("net beside every baseline; p corrected for 2 of them:"))
    #expect(try !file("report.md", of: single).contains("picked"))
  }

  @Test("clips that several draws hold out are counted, and it is said which test counts them once")
  func repeats() throws {
    var drawn = input(subjects: 8, network: [4], simple: [2])
    func again(_ rows: [PredictionRow]) -> [PredictionRow] {
      rows
        + rows.map { row in
          var copy = row
          copy.fold += 8
          return copy
        }
    }
    drawn.folds += drawn.folds.map { FoldFacts(name: "again \($0.name)", subjects: $0.subjects, clips: $0.clips) }
    drawn.rows = again(drawn.rows)
    for place in drawn.baselines.indices { drawn.baselines[place].rows = again(drawn.baselines[place].rows) }
    let entry = try #require(JSON(parsing: file("report.json", of: drawn).utf8)["comparisons"]?.array?.first)
    #expect(entry["n"] == 64 && entry["different_clips"] == 32 && entry["only_configuration"] == 16)
    let words = "the 64 are 32 different ones"
    for name in ["report.md", "report.html"] { #expect(try file(name, of: drawn).contains(words), "\(name)") }
    let single = input(subjects: 8, network: [4], simple: [2])
    #expect(try !file("report.md", of: single).contains("different ones"))
    #expect(try !file("report.json", of: single).contains("different_clips"))
  }

  @Test("a baseline with other clips than the network is refused")
  func otherClips() {
    var other = input(subjects: 3, network: [4], simple: [2])
    other.baselines[1].rows[0].clip = "elsewhere"
    #expect(throws: ReportError.inconsistent("net does not have the clips of ridge")) { try reportFiles(other) }
  }

  @Test("the section stands in both texts, with a line for every complete configuration")
  func section() throws {
    let markdown = try file("report.md", of: Samples.large)
    #expect(markdown.contains("## Is the difference real?"))
    #expect(markdown.contains("| compact-cross-entropy | "))
    #expect(markdown.contains("1 incomplete configuration is not compared."))
    let page = try file("report.html", of: Samples.large)
    #expect(page.contains("<h2>Is the difference real?</h2>"))
    #expect(page.contains("class=\"interval\""))
  }
}
