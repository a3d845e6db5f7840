// A run directory, locked and open: made for one study, one plan and one set of data, and refused for any other.

import Canonical
import Glibc
import Ledger

/// A prepared set that a run reads.
public struct RunSet: Sendable, Equatable {
  /// The study's name for it.
  public let name: String
  /// Where it lies; made absolute.
  public let path: String
  /// Its digest.
  public let digest: Digest

  /// A set.
  public init(name: String, path: String, digest: Digest) {
    self.name = name
    self.path = Files.absolute(path)
    self.digest = digest
  }
}

/// What a run directory is made for.
public struct RunIdentity: Sendable {
  /// The study file as it was read.
  public var studyText: [UInt8]
  /// The digest of the study.
  public var study: Digest
  /// The digest of the plan.
  public var plan: Digest
  /// The prepared sets by name.
  public var sets: [RunSet]
  /// The numeric class with its revision.
  public var numericClass: String
  /// The plan's stages.
  public var stages: [StageRow]
  /// Whatever else the command wants to find again (`seeds`…); names must not be those of `RunMeta`.
  public var options: [String: String]

  /// An identity.
  public init(
    studyText: [UInt8], study: Digest, plan: Digest, sets: [RunSet], numericClass: String, stages: [StageRow],
    options: [String: String] = [:]
  ) {
    self.studyText = studyText
    self.study = study
    self.plan = plan
    self.sets = sets
    self.numericClass = numericClass
    self.stages = stages
    self.options = options
  }
}

/// The names of the settings that a run's ledger holds.
public enum RunMeta {
  /// The study's digest.
  public static let study = "study"
  /// The plan's digest.
  public static let plan = "plan"
  /// The numeric class.
  public static let numericClass = "numeric_class"
  /// The version that made the run directory.
  public static let version = "version"
  /// Where the coordinator listens, or listened last.
  public static let endpoint = "endpoint"
  /// The process that holds the run directory; empty when it ended well.
  public static let holder = "holder"
  /// How many stages a referee has dropped; absent where there is none.
  public static let dropped = "dropped"
  /// The digest of a set.
  public static func digest(ofSet name: String) -> String { "set.\(name).digest" }
  /// The absolute path of a set.
  public static func path(ofSet name: String) -> String { "set.\(name).path" }
  /// What became of a contested stage, and the fence of its children's leases.
  public static func decision(of stage: Int) -> String { "\(decisionKey)\(stage)" }
  /// The epoch checkpoint of a stage: epoch, digest, size; empty where it has none any more.
  public static func checkpoint(of stage: Int) -> String { "\(checkpointKey)\(stage)" }
  static func stage(ofDecision key: String) -> Int? { stage(of: key, decisionKey) }
  static func stage(ofCheckpoint key: String) -> Int? { stage(of: key, checkpointKey) }
  private static let decisionKey = "decision."
  private static let checkpointKey = "checkpoint."

  /// The stage that a key of this beginning names; nil for others.
  private static func stage(of key: String, _ beginning: String) -> Int? {
    key.hasPrefix(beginning) ? Int(key.dropFirst(beginning.count)) : nil
  }
}

/// A run directory that cannot be used. One line.
public enum RunDirectoryError: ExitError, Equatable, Sendable {
  /// It was made for another study.
  case otherStudy(path: String, found: String, wanted: Digest)
  /// It was made for other data under the same name.
  case otherData(path: String, set: String, found: String, wanted: Digest)
  /// Study and data are the same, but the stages differ: another numeric class, program or seeds.
  case otherPlan(path: String, found: String, wanted: Digest)
  /// Another version of the program began it, and it is not finished: its results must not be mixed.
  case otherVersion(path: String, found: String)
  /// The folder holds something else.
  case notARunDirectory(path: String, holds: String)
  /// The ledger.
  case ledger(LedgerError)
  /// The disk.
  case file(FileError)

  /// 2 for another run, else what the cause says.
  public var exitStatus: Int32 {
    switch self {
    case .otherStudy, .otherData, .otherPlan, .otherVersion, .notARunDirectory: ExitStatus.usage
    case .ledger(let error): error.exitStatus
    case .file(let error): error.exitStatus
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .otherStudy(let path, let found, let wanted):
      "\(path): made for study \(found.prefix(12)), this one is \(wanted.short); choose another run directory"
    case .otherData(let path, let set, let found, let wanted):
      "\(path): made with data '\(set)' \(found.prefix(12)), the given file is \(wanted.short); "
        + "give that file or choose another run directory"
    case .otherPlan(let path, let found, let wanted):
      "\(path): made for plan \(found.prefix(12)), this one is \(wanted.short) "
        + "(other seeds, numeric class, OpenCV or program); choose another run directory"
    case .otherVersion(let path, let found):
      "\(path): begun by version \(found) and not finished, this is \(BuildVersion.current); "
        + "go on with that version or choose another run directory"
    case .notARunDirectory(let path, let holds):
      "\(path): not a run directory, it holds '\(holds)'; choose an empty or a new folder"
    case .ledger(let error): error.description
    case .file(let error): error.description
    }
  }
}

/// An open run directory: locked, its ledger writable. Belongs to one thread.
public final class RunDirectory {
  /// Its paths.
  public let paths: RunPaths
  /// Its ledger.
  public let ledger: LedgerWriter
  /// Its artifacts.
  public let artifacts: ArtifactStore
  /// Whether a run was begun here before.
  public let isResumed: Bool

  /// Makes a run directory or opens the one that was made for the same thing.
  /// - Parameter wait_s: how long a holder that is about to vanish is waited for.
  /// - Throws: `RunDirectoryError`.
  public init(path: String, identity: RunIdentity, wait_s: Double = 3) throws(RunDirectoryError) {
    let paths = RunPaths(root: path)
    self.paths = paths
    do {
      try Self.checkNames(paths)
      try Files.makeFolder(paths.root)
      let lock = try DirectoryLock(path: paths.root, wait_s: wait_s)
      isResumed = try Self.check(identity, paths)
      if !isResumed { try Files.write(identity.studyText, to: paths.study) }
      for folder in [paths.logs, paths.report] { try Files.makeFolder(folder) }
      artifacts = try ArtifactStore(root: paths.artifacts)
      ledger = try LedgerWriter(path: paths.ledger, lock: lock)
      if !isResumed { try ledger.begin(stages: identity.stages, meta: Self.meta(of: identity)) }
      // The same sets may lie elsewhere by now: their digests were compared.
      try ledger.append(
        [.meta(key: RunMeta.holder, value: String(getpid())), .meta(key: RunMeta.version, value: BuildVersion.current)]
          + identity.sets.map { .meta(key: RunMeta.path(ofSet: $0.name), value: $0.path) })
    } catch let error as LedgerError {
      throw Self.named(error, paths)
    } catch let error as FileError {
      throw .file(error)
    } catch let error as RunDirectoryError {
      throw error
    } catch { preconditionFailure("an error of an unknown kind: \(error)") }
  }

  private static func checkNames(_ paths: RunPaths) throws(RunDirectoryError) {
    let strangers = Files.names(in: paths.root).filter { !RunPaths.names.contains($0) }
    guard Files.size(paths.ledger) == nil, let first = strangers.first else { return }
    throw .notARunDirectory(path: paths.root, holds: first)
  }

  /// Whether a run stands here already; throws where it is another one.
  private static func check(_ identity: RunIdentity, _ paths: RunPaths) throws -> Bool {
    guard let reader = try reader(paths) else { return false }
    let meta = try reader.settings()
    guard let plan = meta[RunMeta.plan], let study = meta[RunMeta.study] else {
      // A plan and its settings are written in one transaction: one without the other was changed afterwards.
      guard try reader.counts().stages == 0 else {
        throw LedgerError.damaged(path: paths.ledger, what: "it does not say which study it is for")
      }
      return false
    }
    guard study == identity.study.hex else {
      throw RunDirectoryError.otherStudy(path: paths.root, found: study, wanted: identity.study)
    }
    for set in identity.sets {
      let found = meta[RunMeta.digest(ofSet: set.name)] ?? "no file"
      guard found == set.digest.hex else {
        throw RunDirectoryError.otherData(path: paths.root, set: set.name, found: found, wanted: set.digest)
      }
    }
    guard plan == identity.plan.hex else {
      throw RunDirectoryError.otherPlan(path: paths.root, found: plan, wanted: identity.plan)
    }
    if let version = meta[RunMeta.version], version != BuildVersion.current {
      let contents = try reader.contents(events: 0)
      guard contents.results.count >= contents.stages.count else {
        throw RunDirectoryError.otherVersion(path: paths.root, found: version)
      }
    }
    return true
  }

  /// The ledger; nil where there is none, or whoever made it came no further than the file.
  private static func reader(_ paths: RunPaths) throws -> LedgerReader? {
    do {
      return try LedgerReader(path: paths.ledger)
    } catch LedgerError.missing {
      return nil
    }
  }

  private static func meta(of identity: RunIdentity) -> [String: String] {
    var meta = identity.options
    meta[RunMeta.study] = identity.study.hex
    meta[RunMeta.plan] = identity.plan.hex
    meta[RunMeta.numericClass] = identity.numericClass
    for set in identity.sets {
      meta[RunMeta.digest(ofSet: set.name)] = set.digest.hex
      meta[RunMeta.path(ofSet: set.name)] = set.path
    }
    return meta
  }

  /// Adds the holder's process where the kernel's list of locks did not name it.
  private static func named(_ error: LedgerError, _ paths: RunPaths) -> RunDirectoryError {
    guard case .held(let path, nil) = error else { return .ledger(error) }
    let holder = try? LedgerReader(path: paths.ledger).meta(RunMeta.holder)
    return .ledger(.held(path: path, process: holder.flatMap { Int($0) }))
  }
}
