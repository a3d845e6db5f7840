// The worker's table: greeting, stages, inputs, delivery, silence, and the ways to leave.

import Canonical
import Coordination
import Messages
import Testing

/// A worker on a table: tests speak to it as its coordinator, its cache and its computations.
struct WorkerRig {
  var machine: WorkerMachine
  var now_ms = 0
  var session: UInt64 = 0
  var actions: [WorkerAction] = []

  init(slots: Int = 1, change: (inout WorkerConfiguration) -> Void = { _ in }) {
    var configuration = WorkerConfiguration(
      buildVersion: "1.0", numericClass: "avx2.1", probe: Digest(of: [1]), sets: [], host: "here", process: 7,
      instance: 1, slots: slots)
    configuration.beat_ms = 1_000
    change(&configuration)
    machine = WorkerMachine(configuration: configuration)
    does(.start)
  }

  mutating func does(_ event: WorkerEvent) { actions += machine.handle(event, now_ms: now_ms) }

  mutating func hears(_ message: Message, epoch: UInt32 = 1, session: UInt64? = nil) {
    does(.received(Envelope(epoch: epoch, session: session ?? self.session, sequence: 1, message: message)))
  }

  mutating func welcome(_ session: UInt64 = 8, epoch: UInt32 = 1) {
    let greeting = sent.last { if case .hello = $0.message { true } else { false } }?.sequence ?? 0
    self.session = session
    hears(.welcome(Welcome(greeting: greeting, beat_ms: 1_000, lease_ms: 4_000, credit: 2)), epoch: epoch)
  }

  mutating func wait(_ time_ms: Int, answered: Bool = false) {
    let end_ms = now_ms + time_ms
    while now_ms < end_ms {
      now_ms += 250
      does(.tick)
      if answered { hears(.beat(Beat(leases: [], freeSlots: 0))) }
    }
  }

  var sent: [Envelope] { actions.compactMap { if case .send(let envelope) = $0 { envelope } else { nil } } }
  var messages: [Message] { sent.map(\.message) }
  var exits: [Int32] { actions.compactMap { if case .exit(let status, _) = $0 { status } else { nil } } }
  var hellos: [Hello] { messages.compactMap { if case .hello(let hello) = $0 { hello } else { nil } } }

  static func grant(
    _ stage: UInt8, _ token: UInt64, parents: [ParentArtifact] = [], checkpoint: ArtifactName? = nil
  ) -> Message {
    .grant(
      Grant(
        stage: Digest(of: [stage]), index: Int(stage), token: token, attempt: 1, description: [stage],
        parents: parents, checkpoint: checkpoint))
  }

  var computed: [Digest] {
    actions.compactMap { if case .compute(let stage, _, _, _, _) = $0 { stage } else { nil } }
  }
}

@Suite("worker")
struct WorkerTests {
  private let artifact = ArtifactName(digest: Digest(of: [50]), size: Limits.chunkBytes + 5)

  @Test("greetings are repeated with growing gaps until one is answered")
  func greeting() {
    var rig = WorkerRig()
    rig.wait(7_000)
    #expect(rig.hellos.count == 4, "at 0, 0.5, 1.5 and 3.5 s; the next comes at 7.5 s with a new socket")
    rig.wait(5_000)
    #expect(rig.actions.contains(.reconnect))
    rig.welcome()
    #expect(rig.machine.isAttached)
  }

  @Test("the answer to an old greeting is not taken")
  func oldWelcome() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(.rehello)
    #expect(!rig.machine.isAttached)
    rig.hears(.welcome(Welcome(greeting: 1, beat_ms: 1_000, lease_ms: 4_000, credit: 2)), session: 9)
    #expect(!rig.machine.isAttached)
  }

  @Test("a slot computes one stage, the next one waits, and both are named in the beats")
  func slots() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.hears(WorkerRig.grant(2, 11))
    #expect(rig.computed == [Digest(of: [1])])
    rig.does(.progress(stage: Digest(of: [1]), epoch: 4, epochs: 9, loss: 0.25))
    rig.wait(1_000)
    let beat = Beat(
      leases: [
        LeaseProgress(token: 10, epoch: 4, epochs: 9, loss: 0.25, isFinished: false),
        LeaseProgress(token: 11, epoch: 0, epochs: 0, loss: 0, isFinished: false),
      ], freeSlots: 0)
    #expect(rig.messages.contains(.beat(beat)))
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    #expect(rig.computed == [Digest(of: [1]), Digest(of: [2])])
  }

  @Test("a result is sent again after 1, 2, 4 … seconds until it is acknowledged")
  func resending() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    rig.wait(16_000, answered: true)
    let results = rig.messages.filter { if case .result = $0 { true } else { false } }
    #expect(results.count == 5, "at 0, 1, 3, 7 and 15 s")
    rig.hears(.acknowledge(Acknowledgement(token: 10, stage: Digest(of: [1]), verdict: .committed)))
    #expect(rig.actions.contains(.delivered(stage: Digest(of: [1]), .committed)))
    rig.actions = []
    rig.wait(40_000, answered: true)
    #expect(!rig.messages.contains { if case .result = $0 { true } else { false } })
  }

  @Test("an input is looked for, fetched piece by piece, verified, and then the stage begins")
  func inputs() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10, parents: [ParentArtifact(stage: Digest(of: [2]), artifact: artifact)]))
    #expect(rig.actions.contains(.findArtifact(artifact)))
    rig.does(.artifactAbsent(artifact.digest))
    #expect(rig.messages.contains(.artifactRequest(digest: artifact.digest, offset: Limits.chunkBytes)))
    let first = ArtifactChunk(artifact: artifact, offset: 0, bytes: Array(repeating: 0, count: Limits.chunkBytes))
    let last = ArtifactChunk(artifact: artifact, offset: Limits.chunkBytes, bytes: [1, 2, 3, 4, 5])
    rig.hears(.artifactChunk(first))
    rig.actions = []
    // A new coordinator: only what is missing is asked for.
    rig.hears(.rehello)
    rig.welcome(9, epoch: 2)
    let requests = rig.messages.filter { if case .artifactRequest = $0 { true } else { false } }
    #expect(requests == [.artifactRequest(digest: artifact.digest, offset: Limits.chunkBytes)])
    rig.hears(.artifactChunk(last), epoch: 2)
    #expect(rig.actions.contains(.verifyArtifact(artifact)))
    #expect(rig.computed.isEmpty)
    rig.does(.artifactStored(artifact.digest))
    #expect(rig.computed == [Digest(of: [1])])
  }

  @Test("an input whose pieces cannot be stored is not fetched to its end, and fails the stage with the reason")
  func fullCache() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10, parents: [ParentArtifact(stage: Digest(of: [2]), artifact: artifact)]))
    rig.does(.artifactAbsent(artifact.digest))
    let first = ArtifactChunk(artifact: artifact, offset: 0, bytes: Array(repeating: 0, count: Limits.chunkBytes))
    for _ in 0..<3 {
      rig.hears(.artifactChunk(first))
      rig.does(.artifactRefused(artifact.digest, why: "no space left"))
    }
    let failures = rig.messages.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    #expect(failures.map(\.kind) == [.artifact])
    #expect(failures.first?.text.contains("no space left") == true)
    #expect(rig.actions.contains { if case .log(let line) = $0 { line.contains("no space left") } else { false } })
  }

  @Test("an input that comes damaged three times, or is gone, fails the stage without blame for it")
  func lostInputs() {
    for isGone in [false, true] {
      var rig = WorkerRig()
      rig.welcome()
      let small = ArtifactName(digest: Digest(of: [51]), size: 2)
      rig.hears(WorkerRig.grant(1, 10, parents: [ParentArtifact(stage: Digest(of: [2]), artifact: small)]))
      rig.does(.artifactAbsent(small.digest))
      if isGone { rig.hears(.artifactMissing(small.digest)) }
      for _ in 0..<(isGone ? 0 : 3) {
        rig.hears(.artifactChunk(ArtifactChunk(artifact: small, offset: 0, bytes: [1, 2])))
        rig.does(.artifactRefused(small.digest, why: "another digest"))
      }
      let kinds = rig.messages.compactMap { if case .failure(let failure) = $0 { failure.kind } else { nil } }
      #expect(kinds == [.artifact])
    }
  }

  @Test("a silent coordinator is left: a new socket, a greeting with all in hand, and the work goes on")
  func silence() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.actions = []
    rig.wait(4_500)
    #expect(rig.actions.contains(.reconnect))
    #expect(rig.hellos.first?.held == [HeldLease(stage: Digest(of: [1]), token: 10, isFinished: false)])
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    #expect(!rig.messages.contains { if case .result = $0 { true } else { false } })
    rig.welcome(9, epoch: 2)
    #expect(rig.messages.contains { if case .result = $0 { true } else { false } }, "delivered at once")
  }

  @Test("a second grant of a stage in hand replaces its lease")
  func renewedGrant() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.hears(WorkerRig.grant(1, 12))
    rig.hears(WorkerRig.grant(1, 11))
    #expect(rig.computed.count == 1)
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    guard case .result(let result) = rig.messages.last else { Issue.record("no result"); return }
    #expect(result.token == 12)
  }

  @Test("a cancelled stage is stopped and forgotten; a finished one is delivered")
  func cancellation() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.hears(.cancel(token: 10))
    #expect(rig.actions.contains(.cancel(stage: Digest(of: [1]))))
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    #expect(!rig.messages.contains { if case .result = $0 { true } else { false } })
  }

  @Test("refused: 78 with the lines, or 75 where it is full; without an answer 75 after its patience")
  func refusal() {
    var rig = WorkerRig()
    rig.hears(.refuse(Refusal(code: .incompatible, lines: ["numeric class: …"])), session: 0)
    #expect(rig.actions.last == .exit(status: 78, lines: ["the coordinator refused this worker: numeric class: …"]))
    rig = WorkerRig()
    rig.hears(.refuse(Refusal(code: .full, lines: [])), session: 0)
    #expect(rig.exits == [75])
    rig = WorkerRig { $0.patience_ms = 3_000 }
    rig.wait(4_000)
    #expect(rig.exits == [75])
    rig = WorkerRig()
    rig.does(.undecodable(.version(2)))
    #expect(rig.exits == [78])
  }

  @Test("told to go: computations stop, what is finished is delivered first, then goodbye and 0")
  func draining() {
    var rig = WorkerRig(slots: 2)
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.hears(WorkerRig.grant(2, 11))
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    rig.hears(.drain(.stop, reason: "the plan is finished"))
    #expect(rig.actions.contains(.cancel(stage: Digest(of: [2]))))
    #expect(rig.exits.isEmpty)
    rig.hears(.acknowledge(Acknowledgement(token: 10, stage: Digest(of: [1]), verdict: .committed)))
    #expect(rig.messages.last == .goodbye(reason: "the plan is finished"))
    #expect(rig.exits == [0])
    rig.actions = []
    rig.wait(1_000)
    #expect(rig.actions.isEmpty, "nothing after the exit")
  }

  @Test("told to finish, it finishes what it computes and takes nothing new")
  func finishing() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.hears(.drain(.finish, reason: "maintenance"))
    rig.hears(WorkerRig.grant(2, 11))
    rig.does(.computed(stage: Digest(of: [1]), result: [1], artifact: nil, seconds: 2))
    #expect(rig.exits.isEmpty)
    rig.hears(.acknowledge(Acknowledgement(token: 10, stage: Digest(of: [1]), verdict: .committed)))
    #expect(rig.exits == [0])
    #expect(rig.computed.count == 1)
  }

  @Test("a signal ends it with a goodbye, at once where nothing is to be delivered")
  func terminate() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.does(.terminate)
    #expect(rig.messages.last == .goodbye(reason: "the worker was told to stop"))
    #expect(rig.exits == [0])
    rig = WorkerRig()
    rig.does(.terminate)
    #expect(rig.exits == [0])
  }

  @Test("answers above the limits of the wire become failures")
  func limits() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    let huge = [UInt8](repeating: 0, count: Limits.resultBytes + 1)
    rig.does(.computed(stage: Digest(of: [1]), result: huge, artifact: nil, seconds: 2))
    guard case .failure(let failure) = rig.messages.last else { Issue.record("no failure"); return }
    #expect(failure.kind == .task)
    rig.hears(.acknowledge(Acknowledgement(token: 10, stage: Digest(of: [1]), verdict: .recorded)))
    rig.hears(WorkerRig.grant(2, 11))
    rig.does(.failed(stage: Digest(of: [2]), .task, text: String(repeating: "é", count: 5_000)))
    guard case .failure(let long) = rig.messages.last else { Issue.record("no failure"); return }
    #expect(long.text.utf8.count == Limits.failureBytes)
  }
}
