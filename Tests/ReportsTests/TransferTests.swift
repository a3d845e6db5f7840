// Whether transfer helps is said in words, by the paired tests, and as plainly where it does not.

import Canonical
import Reports
import Study
import Testing

@Suite("transfer against scratch")
struct TransferTests {
  /// Twelve subjects with four clips each; `right` says how many of the four a configuration has right.
  private func input(_ right: [(transfer: String, right: Int)]) -> ReportInput {
    var input = Samples.tiny
    let (happy, sad) = (input.labels[0], input.labels[1])
    input.folds = (0..<12).map { FoldFacts(name: "P\($0 + 10)", subjects: ["P\($0 + 10)"], clips: 4) }
    input.failed = []
    input.baselines = []
    input.rows = []
    input.configurations = right.map { transfer, _ in
      var parameters: [String: JSON] = ["transfer": .string(transfer), "rate": 0.1]
      if transfer != "scratch" { parameters["pretrain"] = ["epochs": 5] }
      return ConfigurationFacts(name: "transfer=\(transfer)", parameters: .object(parameters), seeds: [1])
    }
    for (place, configuration) in right.enumerated() {
      for fold in 0..<12 {
        for clip in 0..<4 {
          let label = clip % 2 == 0 ? happy : sad
          let isRight = clip < configuration.right
          input.rows.append(
            PredictionRow(
              configuration: place, seed: 1, fold: fold, subject: "P\(fold + 10)", clip: "c\(clip)", label: label,
              predicted: isRight ? label : (label == happy ? sad : happy), scores: [0, 0]))
        }
      }
    }
    return input
  }

  private func text(_ name: String, _ input: ReportInput) throws -> String {
    let files = try reportFiles(input, gnuplot: "/nonexistent/gnuplot")
    return String(decoding: files.first { $0.name == name }?.bytes ?? [], as: UTF8.self)
  }

  @Test("a gain that both tests see is said to help")
  func helps() throws {
    let input = input([("scratch", 2), ("finetune", 4)])
    for name in ["report.md", "report.html"] {
      let text = try text(name, input)
      #expect(text.contains("transfer=finetune stands beside transfer=scratch"), "\(name)")
      #expect(text.contains("both paired tests show that transfer helps here"), "\(name)")
    }
    let json = try JSON(parsing: Array(text("report.json", input).utf8))
    #expect(json["transfers"]?.array?[0]["scratch"]?.string == "transfer=scratch")
    #expect(json["transfers"]?.array?[0]["difference"]?["accuracy"]?.number == 0.5)
    #expect(json["transfers"]?.array?[0]["only_scratch"]?.integer == 0)
  }

  @Test("no gain, and a loss, are said as plainly")
  func doesNotHelp() throws {
    #expect(try text("report.md", input([("scratch", 3), ("frozen", 3)])).contains("transfer does not help here"))
    let harm = try text("report.md", input([("frozen", 1), ("scratch", 4)]))
    #expect(harm.contains("the permutation test shows that transfer harms here"))
  }

  @Test("configurations that differ in more than transfer are no twins")
  func noTwin() throws {
    var input = input([("scratch", 2), ("finetune", 4)])
    input.configurations[0].parameters = ["transfer": "scratch", "rate": 0.2]
    #expect(try !text("report.md", input).contains("Transfer against scratch"))
    #expect(try !text("report.json", input).contains("transfers"))
  }
}
