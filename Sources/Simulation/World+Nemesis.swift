// What breaks that is not a message: processes, links, clocks, disks, caches. Twice a second, until all is well.

import Coordination

extension World {
  /// Twice a second something may break.
  func strike() {
    if isCalm { return }
    schedule(500, .nemesis)
    strikeCoordinator()
    for worker in workers.indices where workers[worker].machine != nil { strike(worker) }
    if strikes(.control) { askSomething() }
  }

  private func strikeCoordinator() {
    if strikes(.coordinatorCrash) { crashCoordinator() }
    if strikes(.diskFull) { diskFullUntil_ms = min(now_ms + random.length(200, doublings: 6), Self.faults_ms) }
    guard coordinator != nil else { return }
    if coordinatorPausedUntil_ms <= now_ms, strikes(.coordinatorPause) {
      coordinatorPausedSince_ms = now_ms
      coordinatorPausedUntil_ms = pauseEnd_ms()
    }
    if strikes(.clockRate) { coordinatorClock.go(rate(), from: now_ms) }
    if strikes(.clockLeap) { coordinatorClock.leap(random.below(3_600_000)) }
  }

  private func strike(_ worker: Int) {
    if strikes(.workerCrash) { return crashWorker(worker) }
    if strikes(.workerStop), workers[worker].foreignness == nil {
      excuse(worker, until_ms: now_ms)
      schedule(0, .worker(worker, life: workers[worker].life, .terminate))
    }
    if strikes(.workerPause) {
      workers[worker].pausedUntil_ms = pauseEnd_ms()
      excuse(worker, until_ms: workers[worker].pausedUntil_ms)
    }
    if strikes(.partition) { cut(worker, .partition) }
    if strikes(.oneWay) { cut(worker, .oneWay) }
    if strikes(.reset) { reset(worker) }
    if strikes(.clockRate) { workers[worker].clock.go(rate(), from: now_ms) }
    if strikes(.clockLeap) { workers[worker].clock.leap(random.below(3_600_000)) }
    if strikes(.cacheLost) { workers[worker].cache = [] }
  }

  /// A tenth of a lease to twenty leases, every length as likely as one half as long.
  private func pauseEnd_ms() -> Int {
    min(now_ms + min(random.length(Self.lease_ms / 10, doublings: 8), 20 * Self.lease_ms), Self.faults_ms)
  }

  private func rate() -> Int { 8 + random.below(25) }

  /// Opens the connection of a person where there is none, and asks; a coordinator that stands still hears it later.
  private func askSomething() {
    if !owners.contains(-1) { owners.append(-1) }
    let stage = random.below(plan.graph.count)
    let host = random.below(hostCount)
    switch random.below(6) {
    case 0: say("{\"verb\":\"status\"}")
    case 1: say("{\"stage\":\(stage),\"verb\":\"why\"}")
    case 2: say("{\"verb\":\"retry\"}")
    case 3: say("not JSON")
    case 4:
      isDrained.insert(host)
      say("{\"host\":\"host\(host)\",\"verb\":\"drain\"}")
      for worker in workers.indices where workers[worker].host == host { excuse(worker, until_ms: now_ms) }
      say(after_ms: random.below(10_000), "{\"host\":\"host\(host)\",\"verb\":\"resume\"}")
    default:
      say("{\"verb\":\"pause\"}")
      say(after_ms: random.below(3_000), "{\"verb\":\"resume\"}")
    }
  }

  /// Says something to the coordinator that is there now; what it did not hear before its end, nobody hears.
  private func say(after_ms: Int = 0, _ request: String) {
    schedule(1 + after_ms, .ask(life: coordinatorLife, request))
  }

  /// From now on nothing breaks, and what is broken is whole again.
  func becomeCalm() {
    diskFullUntil_ms = 0
    coordinatorPausedUntil_ms = min(coordinatorPausedUntil_ms, now_ms)
    coordinatorClock.go(16, from: now_ms)
    ask("{\"verb\":\"resume\"}")
    for host in isDrained.sorted() { ask("{\"host\":\"host\(host)\",\"verb\":\"resume\"}") }
    for worker in workers.indices {
      workers[worker].clock.go(16, from: now_ms)
      workers[worker].pausedUntil_ms = min(workers[worker].pausedUntil_ms, now_ms)
      workers[worker].cutUpUntil_ms = 0
      workers[worker].cutDownUntil_ms = 0
    }
  }
}
