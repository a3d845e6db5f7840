// The workers of a run: started when the coordinator listens, started again when they die, but not for ever.

import Glibc

/// One worker of a run, and how often it died.
final class WorkerSlot {
  /// Deaths after which a worker is not started again.
  static let deathsLimit = 5
  /// A worker that lived so long had a fair start; its earlier deaths count no more, in seconds.
  static let fairLife_s = 60.0
  /// Time between the farewell of a worker and the end of its coordinator, in seconds.
  static let farewell_s = 1.0

  /// What becomes of a worker that is not there.
  enum Fate: Equatable {
    case startsAt(Double)
    case isOver(Int32)
  }

  let number: Int
  var process: SpawnedProcess?
  var started_s = 0.0
  var deaths = 0
  var fate = Fate.startsAt(0)
  /// Whether it ended with 0 before the run was done, and nobody was told yet.
  var endedWell = false

  init(number: Int) { self.number = number }

  /// Notes how the process ended. Only who refuses is not tried again: a worker that was asked to go ends with 0 too,
  /// and the run must not wait for ever for nobody.
  /// - Parameter isDecided: whether nothing is left to compute, so that workers are told to go; that is no death.
  func end(_ ending: SpawnedProcess.Ending, now_s: Double, isDecided: Bool) {
    process = nil
    if case .exit(let status) = ending, [ExitStatus.usage, ExitStatus.refused].contains(status) {
      fate = .isOver(status)
      return
    }
    if ending == .exit(0) && isDecided {
      fate = .startsAt(now_s + Self.farewell_s)
      return
    }
    deaths = now_s - started_s > Self.fairLife_s ? 1 : deaths + 1
    // Who ended well may have been told to by a coordinator that is about to end: it gets the time for that.
    let pause_s = max(0.0625 * Double(1 << min(deaths, 6)), ending == .exit(0) ? Self.farewell_s : 0)
    fate = deaths > Self.deathsLimit ? .isOver(ExitStatus.later) : .startsAt(now_s + pause_s)
  }
}

extension EmbeddedRun {
  /// Starts who is due and notes who ended.
  /// - Returns: the exit status where no worker is left that could go on.
  func tendWorkers() throws -> Int32? {
    let now_s = Clock.now_s
    for slot in slots {
      if let process = slot.process, process.hasEnded(), let ending = process.ending {
        slot.end(ending, now_s: now_s, isDecided: isDecided)
        tell(slot, ending)
      }
      if slot.process == nil, case .startsAt(let start_s) = slot.fate, start_s <= now_s { try start(slot, now_s) }
    }
    let statuses = slots.compactMap { slot -> Int32? in if case .isOver(let status) = slot.fate { status } else { nil }
    }
    guard statuses.count == slots.count, let worst = statuses.max() else { return nil }
    options.error("no worker is left; see \(options.paths.logs), then run the same command again")
    return worst
  }

  private func start(_ slot: WorkerSlot, _ now_s: Double) throws {
    let log = logPath(slot)
    if slot.endedWell { options.error("worker \(slot.number + 1) ended before the run was done; it is started again") }
    slot.endedWell = false
    slot.started_s = now_s
    slot.process = try SpawnedProcess(
      options.executable,
      options.work + ["--connect", endpoint, "--cache", "\(place.path)/cache-\(slot.number)"], output: .file(log),
      errors: .file(log))
  }

  private func logPath(_ slot: WorkerSlot) -> String { "\(options.paths.logs)/worker-\(slot.number + 1).log" }

  private func tell(_ slot: WorkerSlot, _ ending: SpawnedProcess.Ending) {
    let name = "worker \(slot.number + 1)"
    switch ending {
    case .exit(0): slot.endedWell = !isDecided  // told when it is started again: the run may be about to end
    case .exit(let status):
      options.error("\(name) ended with status \(status): \(lastLine(of: logPath(slot)) ?? "see its log")")
    case .signal(let number):
      let isOver = if case .isOver = slot.fate { true } else { false }
      options.error("\(name) was ended by signal \(number); it is \(isOver ? "given up" : "started again")")
    }
  }

  private func lastLine(of path: String) -> String? {
    guard let size = Files.size(path), let file = try? File(path: path, O_RDONLY, "read"),
      let bytes = try? file.read(4096, at: max(0, size - 4096))
    else { return nil }
    return bytes.split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
  }
}
