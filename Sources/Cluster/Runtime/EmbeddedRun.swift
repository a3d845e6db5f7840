// The parent of `run`: one coordinator and some workers as child processes over a private socket.
//
// The parent holds nothing that could be lost: it starts, watches and ends. A worker that dies is started again a few
// times; a coordinator that dies ends the run, which the same command continues. Children end with their parent.

import Glibc

/// What `run` starts.
public struct EmbeddedOptions: Sendable {
  /// The program; this one.
  public var executable = "/proc/self/exe"
  /// The coordinator's words: `coordinate STUDY --data … --run-dir DIR`; `--listen` is added.
  public var coordinate: [String]
  /// A worker's words: `work --data …`; `--connect` and `--cache` are added.
  public var work: [String]
  /// How many workers.
  public var workers: Int
  /// The run directory, for the logs of the children.
  public var paths: RunPaths
  /// Is told how far the run is.
  public var progress: @Sendable (RunProgress) -> Void = { _ in }
  /// Takes what the coordinator prints on standard output besides its progress.
  public var output: @Sendable (String) -> Void = Lines.toStandardOutput
  /// Takes lines of the log; they stand in `logs/coordinator.log` too.
  public var log: @Sendable (String) -> Void = { _ in }
  /// Takes lines that a user must see.
  public var error: @Sendable (String) -> Void = Lines.toStandardError
  /// Whether SIGINT and SIGTERM end the run in good order.
  public var handlesSignals = true

  /// Options with the defaults above.
  public init(coordinate: [String], work: [String], workers: Int, paths: RunPaths) {
    self.coordinate = coordinate
    self.work = work
    self.workers = workers
    self.paths = paths
  }
}

/// A run over child processes. `run` is called once, on a thread that lives until it returns.
public final class EmbeddedRun {
  /// How long children have to end in good order, in seconds.
  private static let farewell_s = 6.0
  /// After an orderly end: how long workers that were told to go have before they are asked by a signal, in seconds.
  private static let ownEnd_s = 0.5

  let options: EmbeddedOptions
  let place: TemporaryPlace
  var slots: [WorkerSlot]
  var isReady = false
  /// Whether the coordinator said that nothing is left to compute.
  var isDecided = false
  private let wakeUp = WakeUp()
  private let output: LinePipe
  private let errors: LinePipe
  private var coordinator: SpawnedProcess?
  private var lastErrors: [String] = []
  private var logFile: File?
  private var interrupted_s: Double?

  /// Makes the private folder that holds socket and caches.
  /// - Throws: `FileError`.
  public init(options: EmbeddedOptions) throws {
    precondition(options.workers >= 1, "a run has at least one worker")
    self.options = options
    place = try TemporaryPlace()
    slots = (0..<options.workers).map { WorkerSlot(number: $0) }
    output = try LinePipe()
    errors = try LinePipe()
  }

  /// The private endpoint of this run.
  public var endpoint: String { "ipc://\(place.path)/c.sock" }

  /// Runs to the end.
  /// - Returns: the exit status.
  /// - Throws: `FileError` where a program cannot be started.
  public func run() throws -> Int32 {
    // Who started us may ignore it, and then nobody could be waited for.
    signal(SIGCHLD, SIG_DFL)
    if options.handlesSignals { Interrupts.handle(by: wakeUp, ignoresKeyboard: false) }
    defer {
      Interrupts.release(wakeUp)
      endChildren()
    }
    let coordinator = try SpawnedProcess(
      options.executable, options.coordinate + ["--listen", endpoint], output: .descriptor(output.writer),
      errors: .descriptor(errors.writer))
    self.coordinator = coordinator
    output.closeWriter()
    errors.closeWriter()
    while true {
      Poller.wait([], [wakeUp.descriptor, output.descriptor, errors.descriptor].filter { isOpen($0) }, timeout_ms: 50)
      wakeUp.clear()
      let hasEnded = coordinator.hasEnded()
      readLines(isLast: hasEnded)
      if let ending = coordinator.ending { return status(of: ending) }
      if let status = handleInterrupts() { return status }
      if isReady && interrupted_s == nil, let status = try tendWorkers() { return status }
    }
  }

  /// A pipe whose writer is gone is always readable; it is not waited for any more.
  private func isOpen(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&item, 1, 0)
    return item.revents & Int16(POLLHUP) == 0 || item.revents & Int16(POLLIN) != 0
  }

  private func readLines(isLast: Bool) {
    for line in output.lines(isLast: isLast) {
      if let progress = StatusLine.progress(line) {
        if !isReady {
          let path = options.paths.logs + "/coordinator.log"
          logFile = try? File(path: path, O_WRONLY | O_CREAT | O_APPEND, "write")
        }
        isDecided = progress.committed + progress.failed >= progress.total
        // Nothing to do for workers, most likely: a coordinator that has only the report to write ends soon.
        if !isReady && isDecided { for slot in slots { slot.fate = .startsAt(Clock.now_s + WorkerSlot.farewell_s) } }
        isReady = true
        options.progress(progress)
      } else {
        options.output(line)
      }
    }
    for line in errors.lines(isLast: isLast) {
      lastErrors = (lastErrors + [line]).suffix(20)
      options.log(line)
      if let logFile {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(logFile.descriptor, $0.baseAddress, $0.count) }
      }
    }
  }

  // MARK: - Ends

  private func handleInterrupts() -> Int32? {
    guard options.handlesSignals, Interrupts.seen > 0 else { return nil }
    let now_s = Clock.now_s
    if interrupted_s == nil {
      interrupted_s = now_s
      coordinator?.send(SIGTERM)
      for slot in slots { slot.process?.send(SIGTERM) }
    }
    let isOver = now_s - (interrupted_s ?? now_s) > Self.farewell_s
    return Interrupts.seen > 1 || isOver ? ExitStatus.interrupted : nil
  }

  /// What the coordinator's end means for the run.
  private func status(of ending: SpawnedProcess.Ending) -> Int32 {
    if interrupted_s != nil || options.handlesSignals && Interrupts.seen > 0 { return ExitStatus.interrupted }
    switch ending {
    case .exit(let status) where [0, 1, 3, 130].contains(status) && isReady: return status
    case .exit(let status) where [0, 1, 2, 75, 78, 130].contains(status):
      // A coordinator that did not get ready or gave up says why in its last lines.
      for line in isReady ? lastErrors.suffix(1) : lastErrors[...] { options.error(line) }
      return status
    case .exit(let status): return coordinatorDied("exit status \(status)")
    case .signal(let number): return coordinatorDied("signal \(number)")
    }
  }

  private func coordinatorDied(_ how: String) -> Int32 {
    for line in isReady ? [] : lastErrors { options.error(line) }
    options.error("the coordinator ended (\(how)); nothing committed is lost: run the same command again")
    return ExitStatus.later
  }

  /// Lets workers go that were told so, then ends who is left.
  private func endChildren() {
    let children = slots.compactMap(\.process) + (coordinator.map { [$0] } ?? [])
    let isOrderly = coordinator.map { $0.ending == .exit(0) || $0.ending == .exit(1) || $0.ending == .exit(3) } ?? false
    if isOrderly { wait(for: children, Self.ownEnd_s) }
    for child in children { child.send(SIGTERM) }
    wait(for: children, Interrupts.seen > 1 ? 0 : isOrderly ? Self.farewell_s : 2)
    for child in children { child.destroy() }
  }

  private func wait(for children: [SpawnedProcess], _ limit_s: Double) {
    let end_s = Clock.now_s + limit_s
    while Clock.now_s < end_s, children.contains(where: { !$0.hasEnded() }) { usleep(20_000) }
  }
}
