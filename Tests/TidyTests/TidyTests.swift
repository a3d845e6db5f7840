import Testing

/// Goal: the rules of the house hold without anyone reading for them. Each check is also run on a bad example, below.
@Suite("the tree is tidy", .enabled(if: Tree.root != nil && !Tree.files.isEmpty, "not a checkout, or no git"))
struct TidyTests {
  private func expectNone(_ findings: [Finding]) {
    for finding in findings { Issue.record("\(finding)") }
  }

  private var manifest: Manifest { Manifest(Tree.files.first { $0.path == "Package.swift" }?.text ?? "") }

  @Test("only known folders and files lie at the top")
  func topLevel() { expectNone(TreeChecks.topLevel(Tree.files)) }

  @Test("every import is listed in the manifest, and the planes meet only where they may")
  func floors() {
    #expect(manifest.dependencies["Cluster"]?.contains("Coordination") == true, "the manifest was not understood")
    expectNone(TreeChecks.floors(Tree.files, manifest: manifest))
  }

  @Test("every folder is a target and every target a folder")
  func targets() { expectNone(TreeChecks.targets(Tree.files, manifest: manifest)) }

  @Test("every study is named by a test or a script")
  func configs() { expectNone(TreeChecks.configs(Tree.files)) }

  @Test("lines and files are short, and no line ends in a space")
  func lengths() { expectNone(Tree.files.flatMap(TextChecks.lengths)) }

  @Test("functions are short")
  func functions() { expectNone(Tree.files.flatMap(TextChecks.functions)) }

  @Test("no marker of unfinished work is left")
  func markers() { expectNone(Tree.files.flatMap(TextChecks.markers)) }

  @Test("nothing in Sources gives up where it should answer")
  func traps() { expectNone(Tree.files.flatMap(TextChecks.traps)) }

  @Test("the code speaks of what it does, not of how it came to be")
  func words() { expectNone(Tree.files.flatMap(TextChecks.words)) }

  @Test("scripts can be executed")
  func rights() { expectNone(Tree.files.flatMap(TextChecks.rights)) }
}

/// Goal: no check is deaf. Method: the smallest bad example of each, beside a good one.
@Suite("the checks of the tree can fail")
struct TidyCheckTests {
  private func swift(_ text: String, _ path: String = "Sources/Study/A.swift") -> TreeFile {
    TreeFile(path: path, text: text)
  }

  private let manifest = Manifest(
    """
    .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
    .target(name: "Canonical", dependencies: ["CSodium"], swiftSettings: numeric),
    .target(
      name: "Study",
      dependencies: ["Canonical"], swiftSettings: strict),
    .target(name: "Kernels", cSettings: [.unsafeFlags(["-O2"])]),
    .testTarget(name: "StudyTests", dependencies: ["Canonical", "Study"]),
    """)

  @Test("a strange folder at the top is found")
  func topLevel() {
    #expect(TreeChecks.topLevel([swift(""), TreeFile(path: ".ci/run", text: "")]) == [])
    #expect(TreeChecks.topLevel([TreeFile(path: "notes/a.md", text: "")]).map(\.path) == ["notes"])
  }

  @Test("the manifest is understood")
  func manifestRead() {
    #expect(manifest.dependencies["Study"] == ["Canonical"])
    #expect(manifest.dependencies["Canonical"] == ["CSodium"])
    #expect(manifest.dependencies["Kernels"] == [])
    #expect(manifest.dependencies["StudyTests"] == ["Canonical", "Study"])
    #expect(manifest.dependencies["CSodium"] == [])
    #expect(manifest.dependencies.count == 5)
  }

  @Test(
    "an import that is not listed, or that crosses the planes, is found",
    arguments: ["import CSodium", "internal import CSodium", "@_exported import CSodium", "import func CSodium.f"])
  func floors(line: String) {
    #expect(TreeChecks.floors([swift("import Canonical\nimport Foundation\n")], manifest: manifest) == [])
    #expect(TreeChecks.floors([swift("// a\n\(line)\n")], manifest: manifest).map(\.line) == [2])
    #expect(TreeChecks.floors([swift("import Kernels\n")], manifest: manifest).first?.what.contains("planes") == true)
    #expect(TreeChecks.floors([swift("import Study\n", "Sources/Kernels/A.swift")], manifest: manifest).count == 1)
    #expect(TreeChecks.floors([swift("import Kernels\n", "Tests/StudyTests/A.swift")], manifest: manifest).count == 1)
  }

  @Test("a folder without a target is found, and a target without a folder")
  func targets() {
    let findings = TreeChecks.targets([swift(""), swift("", "Sources/Extra/A.swift")], manifest: manifest)
    #expect(findings.map(\.path) == ["Extra", "CSodium", "Canonical", "Kernels", "StudyTests"])
  }

  @Test("a study that nobody runs is found")
  func configs() {
    let study = TreeFile(path: "configs/smoke.yaml", text: "")
    #expect(TreeChecks.configs([study]).count == 1)
    #expect(TreeChecks.configs([study, TreeFile(path: "scripts/run", text: "run configs/smoke.yaml")]) == [])
  }

  @Test("long lines, long files and spaces at ends are found")
  func lengths() {
    #expect(TextChecks.lengths(swift(String(repeating: "é", count: 120) + "\n")) == [])
    #expect(TextChecks.lengths(swift("a\n" + String(repeating: "a", count: 121))).map(\.line) == [2])
    #expect(TextChecks.lengths(swift("a \n")).count == 1)
    #expect(TextChecks.lengths(swift("a\t\n")).count == 1)
    let long = String(repeating: "a\n", count: 401)
    #expect(TextChecks.lengths(swift(long)).count == 1)
    #expect(TextChecks.lengths(swift(long, "Tests/StudyTests/A.swift")) == [])
    #expect(TextChecks.lengths(TreeFile(path: "scripts/run", text: String(repeating: "a\n", count: 501))).count == 1)
    #expect(TextChecks.lengths(TreeFile(path: "Tests/GoldenTests/Cases/a.json", text: long + long)) == [])
  }

  @Test("a function of 71 lines is found, whatever stands in its strings and comments")
  func functions() {
    func body(_ lines: Int) -> String {
      let filler = ##"  let a = "}" + #"}"# + "\(b ? "{" : "}")" // } /* "## + "\n"
      let start = "protocol P { func none() }\npublic static func long(_ a: () -> Void = { }) {\n"
      return start + String(repeating: filler, count: lines - 2) + "}\nfunc short() {}\n"
    }
    #expect(TextChecks.functions(swift(body(70))) == [])
    #expect(TextChecks.functions(swift(body(71))).map(\.line) == [2])
  }

  @Test("strings and comments are blanked, code and line ends are kept")
  func blanked() {
    let source = "a{\"x{\\\"{\"} /* { /* { */ { */ b // {\n\"\"\"\n{ \\(c(d)) {\n\"\"\" #\"{\"# #if e\n"
    #expect(
      SwiftText.blanked(source).split(whereSeparator: \.isWhitespace) == ["a{", "}", "b", "c(d)", "#if", "e"])
    #expect(SwiftText.blanked(source).count { $0 == "\n" } == source.count { $0 == "\n" })
  }

  @Test("each marker is found", arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
  func markers(marker: String) {
    #expect(TextChecks.markers(swift("// \(marker): later\n")).count == 1)
    #expect(TextChecks.markers(swift("let a\(marker)b = 1\n")) == [])
    #expect(TextChecks.markers(TreeFile(path: "README.md", text: "(\(marker))")).count == 1)
  }

  @Test("each way to give up is found", arguments: ["try" + "! f()", "fatalError(\"unimple" + "mented\")"])
  func traps(line: String) {
    #expect(TextChecks.traps(swift(line)).count == 1)
    #expect(TextChecks.traps(swift(line, "Tests/StudyTests/A.swift")) == [])
    #expect(TextChecks.traps(swift("try f()")) == [])
  }

  @Test(
    "words about the work are found",
    arguments: [
      "iss" + "ue 12", "Iss" + "ues #3", "until a later iss" + "ue", "a coding ses" + "sion", "an AI ag" + "ent",
    ])
  func words(text: String) {
    #expect(TextChecks.words(swift("// \(text)\n")).count == 1)
    #expect(TextChecks.words(swift("Issue.record(1)\nlet session = worker.session\n// ssh-agent\n")) == [])
    #expect(TextChecks.words(TreeFile(path: "scripts/run", text: "# \(text)")).count == 1)
  }

  @Test("a script that cannot be executed, or has no first line, is found")
  func rights() {
    #expect(TextChecks.rights(TreeFile(path: "scripts/run", text: "#!/bin/sh\n")).count == 1)
    #expect(TextChecks.rights(TreeFile(path: "scripts/run", text: "#!/bin/sh\n", isExecutable: true)) == [])
    #expect(TextChecks.rights(TreeFile(path: "scripts/run", text: "echo\n", isExecutable: true)).count == 1)
    #expect(TextChecks.rights(TreeFile(path: "scripts/lib.sh", text: "echo\n")) == [])
  }
}
