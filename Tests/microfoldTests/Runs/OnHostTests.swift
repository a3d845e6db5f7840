// cluster/on-host where the user's own systemd is there: the commands that it gives to it. Stand-ins on PATH write down
// their words and start a process of our own; nothing of this machine's systemd is touched.

import Foundation
import TestSupport
import Testing

@Suite("cluster/on-host") struct OnHostTests {
  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    host = try ChildProcess.run("/bin/sh", ["-c", "hostname"]).output.trimmingCharacters(in: .newlines)
    folder = try TemporaryFolder()
    // A program that does nothing, under the digest that the command names.
    try folder.write(FileManager.default.contents(atPath: "/bin/sleep") ?? Data(), to: "base/store/feed")
    try folder.write([1], to: "base/store/beef")
    chmod(folder.file("base/store/feed"), 0o700)
    try tool("loginctl", "echo yes")
    try tool(
      "systemctl",
      """
      echo "$@" >>"$HERE/systemctl"
      case $2 in
        show) cat "$HERE/main.pid" 2>/dev/null || echo 0 ;;
        # The mask of the threads that start us blocks SIGTERM, and is inherited.
        stop) kill -KILL "$(cat "$HERE/main.pid")"; rm "$HERE/main.pid" ;;
      esac
      """)
    try tool(
      "systemd-run",
      """
      printf '%s\\n' "$@" >"$HERE/words"
      # Foundation waits for the end of all who have its descriptors, which may have any number.
      (
        for place in /proc/self/fd/*; do
          number=${place##*/}
          [ "$number" -le 2 ] || eval "exec $number>&-"
        done
        exec "$MICROFOLD_HOME/store/feed" 600
      ) </dev/null >/dev/null 2>&1 &
      echo $! >"$HERE/main.pid"
      echo "attached" >>"$MICROFOLD_HOME/hosts/$(hostname)/worker.log"
      """)
  }

  private func tool(_ name: String, _ text: String) throws {
    try folder.write("#!/bin/bash\n\(text)\n".utf8, to: "bin/\(name)")
    chmod(folder.file("bin/\(name)"), 0o700)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  /// Ends the stand-in's process where the stop did not.
  private func end(_ process: Substring) {
    guard let process = Int32(process), FileManager.default.fileExists(atPath: folder.file("main.pid")) else { return }
    kill(process, SIGKILL)
  }

  private func onHost(_ words: String...) throws -> ChildResult {
    try ChildProcess.run(
      "/bin/bash", [Self.checkout.appendingPathComponent("cluster/on-host").path] + words,
      environment: [
        "PATH": folder.file("bin") + ":/usr/bin:/bin", "HERE": folder.path, "MICROFOLD_HOME": folder.file("base"),
        "WORKER_ENVIRONMENT": "LIMIT=4 PLACE=/scratch",
      ])
  }

  @Test("systemd is told the program, its words and its variables, and is who stops it")
  func systemd() throws {
    let started = try onHost("start", "feed", "3", "tcp://10.1.0.1:7719", "lab01", "micro=beef")
    let process = try text("main.pid").dropLast()
    defer { end(process) }
    #expect(started.status == 0 && started.output == "up, pid \(process): attached\n", "\(started)")
    let words = try text("words").split(separator: "\n").map(String.init)
    let base = folder.file("base")
    let program = try #require(words.firstIndex(of: "\(base)/store/feed"), "\(words)")
    let place = URL(fileURLWithPath: base).appendingPathComponent("hosts/\(host)").path
    #expect(
      words[program...].prefix(8) == [
        "\(base)/store/feed", "work", "--connect", "tcp://10.1.0.1:7719", "--keys", "\(base)/keys/lab01", "--slots",
        "3",
      ])
    #expect(words.suffix(4) == ["--cache", "\(place)/cache", "--data", "micro=\(base)/store/beef"])
    #expect(words[..<program].allSatisfy { $0.hasPrefix("--") }, "an option of systemd-run's before the program")
    #expect(words[..<program].contains("--setenv=LIMIT=4") && words[..<program].contains("--setenv=PLACE=/scratch"))

    // A number that a reboot left is no process of ours.
    try folder.write("999999999\n".utf8, to: "base/hosts/\(host)/worker.pid")
    let stopped = try onHost("stop", "6")
    #expect(stopped.status == 0 && stopped.output == "stopped\n", "\(stopped)")
    #expect(try text("systemctl").contains("--user stop microfold-worker"))
    #expect(!FileManager.default.fileExists(atPath: place + "/worker.pid"))
  }

  @Test("the page's line names keys by the machine, also where the hosts file names a user")
  func names() throws {
    let page = try String(contentsOf: Self.checkout.appendingPathComponent("cluster/README.md"), encoding: .utf8)
    let line = try #require(page.split(separator: "\n").first { $0.contains("for host in $(") })
    try folder.write("# ours\nlab01 1\nann@lab02 2 A=b@c # hers\n".utf8, to: "hosts")
    let command = "cd \(folder.path); \(line) echo $host; done"
    #expect(try ChildProcess.run("/bin/bash", ["-c", command]).output == "lab01\nlab02\n")
  }
}
