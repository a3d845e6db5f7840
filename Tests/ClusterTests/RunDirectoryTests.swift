import Canonical
import Cluster
import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct RunDirectoryTests {
  private func identity(study: UInt8 = 1, plan: UInt8 = 2, data: UInt8 = 3) -> RunIdentity {
    RunIdentity(
      studyText: Array("name: x\n".utf8), study: Digest(of: [study]), plan: Digest(of: [plan]),
      sets: [RunSet(name: "target", path: "/nowhere/c.set", digest: Digest(of: [data]))], numericClass: "avx2.1",
      stages: [
        StageRow(index: 0, digest: Digest(of: [9]), kind: "fit", description: "{}", heldOut: ["target/S01"])
      ], options: ["seeds": "1,2"])
  }

  @Test func aNewRunHoldsStudyPlanAndSettings() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory(path: folder.file("a/run"), identity: identity())
    #expect(!run.isResumed)
    for name in ["study.yaml", "ledger.db", "artifacts", "logs", "report"] {
      #expect(access(folder.file("a/run/" + name), F_OK) == 0)
    }
    let contents = try LedgerReader(path: run.paths.ledger).contents()
    #expect(contents.stages.map(\.heldOut) == [["target/S01"]])
    #expect(contents.meta["seeds"] == "1,2")
    #expect(contents.meta[RunMeta.holder] == "\(getpid())")
    #expect(contents.meta[RunMeta.path(ofSet: "target")] == "/nowhere/c.set")
  }

  @Test func theSameThingIsResumedAndAnotherIsRefusedWithBothDigests() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("run")
    do { _ = try RunDirectory(path: path, identity: identity()) }
    do { #expect(try RunDirectory(path: path, identity: identity()).isResumed) }
    let study = #expect(throws: RunDirectoryError.self) { try RunDirectory(path: path, identity: identity(study: 5)) }
    let data = #expect(throws: RunDirectoryError.self) { try RunDirectory(path: path, identity: identity(data: 5)) }
    let plan = #expect(throws: RunDirectoryError.self) { try RunDirectory(path: path, identity: identity(plan: 5)) }
    #expect(study == .otherStudy(path: path, found: Digest(of: [1]).hex, wanted: Digest(of: [5])))
    #expect(data == .otherData(path: path, set: "target", found: Digest(of: [3]).hex, wanted: Digest(of: [5])))
    #expect(plan == .otherPlan(path: path, found: Digest(of: [2]).hex, wanted: Digest(of: [5])))
    for (error, old) in [(study, 1), (data, 3), (plan, 2)] as [(RunDirectoryError?, UInt8)] {
      #expect(error?.exitStatus == 2)
      #expect(error?.description.contains(Digest(of: [old]).short) == true)
      #expect(error?.description.contains(Digest(of: [5]).short) == true)
    }
  }

  @Test func aFolderOfSomethingElseIsRefusedAndNotTouched() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "run/holiday.jpg")
    let error = #expect(throws: RunDirectoryError.self) {
      try RunDirectory(path: folder.file("run"), identity: identity())
    }
    #expect(error == .notARunDirectory(path: folder.file("run"), holds: "holiday.jpg"))
    #expect(access(folder.file("run/ledger.db"), F_OK) != 0)
  }

  @Test func aHeldRunIsRefusedWithTheProcess() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory(path: folder.file("run"), identity: identity())
    let error = #expect(throws: RunDirectoryError.self) {
      try RunDirectory(path: folder.file("run"), identity: identity(), wait_s: 0)
    }
    #expect(error == .ledger(.held(path: run.paths.root, process: Int(getpid()))))
    #expect(error?.exitStatus == 75)
  }

  @Test func aKillBetweenTheFirstFilesLeavesSomethingThatCanBeBegun() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("name".utf8), to: "run/study.yaml.tmp")
    try folder.write([], to: "run/ledger.db")
    let run = try RunDirectory(path: folder.file("run"), identity: identity())
    #expect(!run.isResumed)
    #expect(try run.ledger.reader.contents().stages.count == 1)
  }

  @Test func aStageThatWasGivenUpMayBeTriedAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("run")
    do {
      let run = try RunDirectory(path: path, identity: identity())
      try run.ledger.append([.failure(FailureRow(stage: 0, failure: "task", text: "x", attempts: 3, time_s: 1))])
    }
    #expect(try RunRetry.retry(at: path) == [0])
    #expect(try RunRetry.retry(at: path) == [])
    #expect(throws: LedgerError.missing(path: folder.file("none/ledger.db"))) {
      try RunRetry.retry(at: folder.file("none"))
    }
  }

  @Test func anotherVersionDoesNotGoOnWithAnOpenRunButMayLookAtAFinishedOne() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("run")
    do {
      let run = try RunDirectory(path: path, identity: identity())
      try run.ledger.append([.meta(key: RunMeta.version, value: "0.0.1")])
    }
    let error = #expect(throws: RunDirectoryError.self) { try RunDirectory(path: path, identity: identity()) }
    #expect(error?.exitStatus == 2)
    #expect(error?.description.contains("0.0.1") == true)
    do {
      let ledger = try LedgerWriter(path: path + "/ledger.db", lock: DirectoryLock(path: path))
      let row = ResultRow(
        stage: 0, bytes: [1], artifact: nil, artifact_bytes: 0, host: "h", process: 1, token: 1, attempt: 1,
        seconds: 1, time_s: 1)
      try ledger.append([.result(row)])
    }
    #expect(try RunDirectory(path: path, identity: identity()).isResumed)
  }
}
