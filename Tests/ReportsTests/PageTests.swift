import Canonical
import Foundation
import FoundationXML
import Reports
import Study
import Testing

@Suite("the page")
struct PageTests {
  /// Goal: what a browser gets has no open element and no stray sign. Method: a strict XML reader.
  @Test("the page is well formed, with and without its picture", arguments: ["gnuplot", "/nonexistent/gnuplot"])
  func wellFormed(gnuplot: String) throws {
    for input in [Samples.tiny, Samples.large, hostile] {
      let page = try file("report.html", of: input, gnuplot: gnuplot)
      let parser = XMLParser(data: Data(page.utf8))
      #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    }
  }

  @Test("the page needs no network and no script")
  func selfContained() throws {
    let page = try file("report.html", of: Samples.large, gnuplot: "gnuplot")
      .replacing("http://www.w3.org/2000/svg", with: "").replacing("http://www.w3.org/1999/xlink", with: "")
    for word in ["http:", "https:", "<script", "<link", "@import", "url(", "<img", "src="] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  @Test("names cannot become markup")
  func escaped() throws {
    for gnuplot in ["gnuplot", "/nonexistent/gnuplot"] {
      let page = try file("report.html", of: hostile, gnuplot: gnuplot)
      #expect(!page.contains("<script"))
      #expect(!page.contains("\u{1}"))
      #expect(page.contains("&lt;script&gt;"))
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/microfold-hostile"))
  }

  @Test("without gnuplot the page says so, and the figures are all there")
  func withoutGnuplot() throws {
    let page = try file("report.html", of: Samples.large)
    #expect(page.contains("No picture of the folds: gnuplot is not installed."))
    #expect(!page.contains("<svg"))
    #expect(page.contains("compact-cross-entropy"))
  }

  @Test(
    "with gnuplot the folds are a picture in the page's own colours, with the subjects' names",
    .enabled(if: Gnuplot().draw("set terminal svg\nplot 1\n") != .absent("gnuplot is not installed")))
  func picture() throws {
    let page = try file("report.html", of: Samples.large, gnuplot: "gnuplot")
    let picture = try #require(page.firstRange(of: "<svg")).lowerBound
    #expect(page[picture...].contains("var(--c1)") && page[picture...].contains("var(--c2)"))
    #expect(!page[picture...].contains("rgb(  1,"))
    #expect(page[picture...].contains(">sub17 · 27<"))
  }

  @Test("the page holds what a reader asks for: figures, failures, attempts, hosts, times, definitions")
  func contents() throws {
    let page = try file("report.html", of: Samples.large)
    for text in [
      "CASME II flow, compact", "ridge_<wbr/>image", "numeric: the loss is not finite in epoch 12", "lab-02 · 988",
      "2023-11-14 22:13 UTC", "12 min 34 s", "53, of which 3 failed or were lost", "312", "2 TP / (2 TP + FP + FN)",
      "apex found by largest flow in 12 clips", "prefers-color-scheme: dark", "@media print",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test("a gnuplot that hangs is ended, and one that fails is no picture")
  func boundedTime() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hanging-\(UUID().uuidString)")
    try Data("#!/bin/sh\nexec sleep 60\n".utf8).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    let hanging = Gnuplot(program: folder.path, limitMilliseconds: 50).draw("")
    #expect(hanging == .absent("gnuplot took too long and was ended"))
    #expect(Gnuplot(program: "/bin/false").draw("") == .absent("gnuplot failed on this script"))
  }

  @Test("a study that stands for a table of the paper shows both figures with intervals, and what they can mean")
  func paperTable() throws {
    var input = Samples.tiny
    input.paper = PaperReference(tables: ["III", "VII"], set: .mmew)
    input.configurations[0].paperCells = [
      PaperCell("VII", "Spatial + Temporal + FL, 8+2 and 4+0", "MMEW"),
      PaperCell("III", "MMEW (macro) → MMEW (micro)", "fine-tuning", .fitting),
    ]
    input.configurations[0].rates = TrainingRates(fitting: 0.5)
    for name in ["report.html", "report.md"] {
      let text = try file(name, of: input).replacing("\\", with: "")
      // Wilson's interval of 32 of 44 is 58.2 to 83.7 %.
      #expect(text.contains("72.7 [58–84] / ours 90.0 ± 14.1 (incomplete)"), "\(name)")
      #expect(text.contains("99.3 / ours 50.0 (incomplete)"), "\(name)")
      #expect(text.contains("MMEW: of the 15 pairs of the paper") && text.contains("inside its own noise"), "\(name)")
      #expect(!text.contains("68.8"), "\(name): a column of the other set")
      #expect(text.contains("split differs from ours"), "\(name)")
      #expect(try !file(name, of: Samples.tiny).contains("split differs from ours"))
    }
    let json = try file("report.json", of: input)
    #expect(json.contains("\"rates\":{\"fitting\":0.5,\"pretraining\":null}"))
    #expect(json.contains("\"table\":\"VII\""))
    #expect(try !file("report.json", of: Samples.tiny).contains("paper"))
  }

  @Test("the flow of a study that asks for it stands in every file, its picture on the page")
  func flow() throws {
    var input = Samples.tiny
    input.flow = [FlowFacts(label: nil, clips: 5, mean: 0.5, variance: 0.25, deviation: 0.125)]
    input.flowPicture = [1, 2, 3, 4]
    #expect(try file("report.html", of: input).contains("data:image/png;base64,AQIDBA=="))
    #expect(try file("report.md", of: input).contains("| all | 5 | 0.500 | 0.250 | 0.125 | 0.25 |"))
    #expect(try file("report.json", of: input).contains("\"flow\":[{\"clips\":5,\"deviation\":0.125,\"label\":null"))
  }

  /// Every text that comes from outside, at its worst.
  private var hostile: ReportInput {
    let worst = "<script>alert('\"`touch /tmp/microfold-hostile`\"')</script>&\u{1}\n]]>'\\"
    var input = Samples.tiny
    input.studyName = worst
    input.labels[1] = worst
    for place in input.rows.indices {
      if input.rows[place].label == "sad" { input.rows[place].label = worst }
      if input.rows[place].predicted == "sad" { input.rows[place].predicted = worst }
      if input.rows[place].subject == "S01" { input.rows[place].subject = worst }
    }
    input.folds[0].subjects = [worst]
    input.folds[0].name = worst
    input.baselines = []
    input.configurations[0].name = worst
    input.configurations[0].parameters = ["text": .string(worst)]
    input.failed[0].reason = worst
    input.notes = [worst]
    input.run.alarms = [worst]
    input.run.hosts[0].name = worst
    return input
  }
}
