import Canonical
import Reports
import Testing

/// The text of one file of a report without its picture.
func file(_ name: String, of input: ReportInput, gnuplot: String = "/nonexistent/gnuplot") throws -> String {
  let files = try reportFiles(input, gnuplot: gnuplot)
  let bytes = try #require(files.first { $0.name == name }?.bytes)
  return String(decoding: bytes, as: UTF8.self)
}

@Suite("the files for programs and for mail")
struct ResultFileTests {
  @Test("report.json of a tiny study is these bytes")
  func json() throws {
    let expected = try JSON(parsing: Snapshots.json.utf8)
    #expect(try file("report.json", of: Samples.tiny) == expected.text + "\n")
  }

  @Test("report.md of a tiny study is this text")
  func markdown() throws {
    let text = try file("report.md", of: Samples.tiny)
    let end = try #require(text.firstRange(of: "## How to read these numbers"))
    #expect(text[..<end.lowerBound] == Snapshots.markdown)
  }

  @Test("folds.csv and predictions.csv of a tiny study are these lines")
  func csv() throws {
    #expect(try file("folds.csv", of: Samples.tiny) == Snapshots.folds)
    #expect(try file("predictions.csv", of: Samples.tiny) == Snapshots.predictions)
  }

  @Test("what a study allowed on purpose stands on every row, object, heading and caption that it feeds")
  func stamps() throws {
    var input = Samples.tiny
    input.protocol.leakage = "paper"
    input.protocol.selection = "test"
    let stamp = "leakage: paper; selected on test"
    for name in ["predictions.csv", "folds.csv"] {
      let lines = try file(name, of: input).split(separator: "\n")
      #expect(lines.first?.hasSuffix(",stamp") == true)
      #expect(lines.dropFirst().allSatisfy { $0.hasSuffix("," + stamp) })
    }
    let json = try JSON(parsing: file("report.json", of: input).utf8)
    for method in (json["configurations"]?.array ?? []) + (json["baselines"]?.array ?? []) {
      #expect(method["stamps"] == ["leakage: paper", "selected on test"])
    }
    let markdown = try file("report.md", of: input)
    for heading in ["Results", "Confusion matrices", "Classes", "Folds"] {
      #expect(markdown.contains("## \(heading) (\(stamp))"))
    }
    let page = try file("report.html", of: input)
    #expect(page.split(separator: "<caption>").dropFirst().count { $0.contains("selected on test") } >= 4)
  }

  /// Goal: equal results are equal bytes. Method: rows, failed cells and the run's facts in any order and of any value.
  @Test("the result files do not depend on the order of rows or on how the run went", arguments: 1...2)
  func permuted(seed: Int) throws {
    var other = Samples.large
    var draw = Samples.Draw(state: UInt64(seed))
    for place in other.rows.indices.dropFirst().reversed() { other.rows.swapAt(place, draw.next() % (place + 1)) }
    for place in other.baselines.indices { other.baselines[place].rows.reverse() }
    other.failed.reverse()
    other.run = RunFacts(
      version: "x", numericClass: "y", processor: "z", startedUnixSeconds: seed, finishedUnixSeconds: 0, attempts: 0)
    for name in ["report.json", "report.md", "folds.csv", "predictions.csv"] {
      #expect(try file(name, of: other) == file(name, of: Samples.large), "\(name)")
    }
  }

  @Test("run.json alone of the files for programs holds hosts and times")
  func runFacts() throws {
    let run = try JSON(parsing: try file("run.json", of: Samples.tiny).utf8)
    #expect(run["attempts"] == 53)
    #expect(run["finished_unix_s"] == 1_700_000_754)
    #expect(run["hosts"]?.array?.count == 2)
    for name in ["report.json", "report.md", "folds.csv", "predictions.csv"] {
      #expect(try !file(name, of: Samples.tiny).contains("lab-01"), "\(name)")
    }
  }

  @Test("a complete report says nowhere that it is incomplete, except where it explains the word")
  func complete() throws {
    var input = Samples.tiny
    input.configurations[0].seeds = [1]
    input.rows.removeAll { $0.seed == 2 }
    input.failed = []
    #expect(try !file("report.json", of: input).contains("incomplete"))
    #expect(try !file("folds.csv", of: input).contains("incomplete"))
    let markdown = try file("report.md", of: input)
    let end = try #require(markdown.firstRange(of: "## How to read these numbers"))
    #expect(!markdown[..<end.lowerBound].lowercased().contains("incomplete"))
    #expect(markdown.contains("UF1 0.800, UAR 0.833 and accuracy 0.800; the 95 % interval of UF1 is 0.667 to 1.000."))
    #expect(markdown.contains("majority, has UF1 0.375; only is 0.425 above it, but the paired tests do not show that"))
  }

  @Test("fields with commas, quotation marks or line ends are quoted as RFC 4180 says")
  func quoting() throws {
    var input = Samples.tiny
    input.configurations[0].name = "say \"hi\", or\nnot"
    let lines = try file("predictions.csv", of: input)
    #expect(lines.contains("\n\"say \"\"hi\"\", or\nnot\",1,S01,S01,a,"))
  }

  @Test("a baseline that failed in a fold is incomplete, and says why")
  func failedBaseline() throws {
    var input = Samples.tiny
    input.baselines[0].rows.removeAll { $0.fold == 0 }
    input.failed.append(
      FailedCell(configuration: nil, seed: nil, fold: 0, stage: Samples.digest("b"), reason: "no memory"))
    let json = try JSON(parsing: try file("report.json", of: input).utf8)
    let baseline = try #require(json["baselines"]?.array?.first)
    #expect(baseline["incomplete"] == true)
    #expect(baseline["failed"]?.array?.first?["reason"] == "no memory")
    #expect(try file("report.md", of: input).contains("| majority | – | S01 |"))
  }

  @Test("what the study allowed on purpose stands on every table")
  func stamped() throws {
    var input = Samples.tiny
    input.protocol = ProtocolFacts(kind: "loso", leakage: "paper", selection: "test")
    let markdown = try file("report.md", of: input)
    for section in ["Results", "Confusion matrices", "Classes", "Folds"] {
      #expect(markdown.contains("## \(section) (leakage: paper; selected on test)"), "\(section)")
    }
    let page = try file("report.html", of: input)
    for caption in page.split(separator: "<caption>").dropFirst() where !caption.hasPrefix("Configurations") {
      guard !caption.hasPrefix("Folds without"), !caption.hasPrefix("Computing"), !caption.hasPrefix("Machines") else {
        continue
      }
      #expect(caption.prefix(300).contains("selected on test"), "\(caption.prefix(40))")
    }
  }
}

@Suite("rows that do not fit the study")
struct InconsistentRowTests {
  /// Goal: a wrong row is an error with its place, never a wrong figure.
  @Test("each kind of misfit is refused in one line", arguments: 0..<9)
  func refused(kind: Int) {
    var input = Samples.tiny
    switch kind {
    case 0: input.rows[0].predicted = "angry"
    case 1: input.rows[0].label = "angry"
    case 2: input.rows.append(input.rows[0])
    case 3: input.rows[0].seed = 9
    case 4: input.rows[0].fold = 9
    case 5: input.rows[0].configuration = 1
    case 6: input.rows[0].scores = [0]
    case 7: input.rows[0].scores = [.nan, 0]
    default: input.rows.removeLast()
    }
    do {
      _ = try reportFiles(input, gnuplot: "/nonexistent/gnuplot")
      Issue.record("misfit \(kind) was taken")
    } catch {
      guard case .inconsistent = error else {
        Issue.record("misfit \(kind): \(error)")
        return
      }
      #expect(!error.description.contains("\n"))
    }
  }
}
