// SynthesisOptions: what a synthetic study is asked for, what came of it, and why it could not be drawn.
//
// The options are the whole recipe: equal options give equal files, byte for byte, on any processor and
// with any number of threads.

/// What `synthesize` draws: how many people, from which seed, how large.
public struct SynthesisOptions: Sendable, Equatable {
  /// Participants, `S01`…; each is in the macro and in the micro set. 2…99.
  public var subjects: Int
  /// Everything random derives from this number.
  public var seed: UInt64
  /// Side of the square grey frames in pixels. 64…256.
  public var side: Int
  /// Macro stills of each expression and participant. 1…20.
  public var stillsPerLabel: Int
  /// Micro clips of a participant, on average over participants. 6…100.
  public var clipsPerSubject: Int
  /// What participants' ids begin with, 1…8 ASCII letters: two studies of other people have other prefixes. The faces
  /// are the seed's, not the prefix's.
  public var prefix = "S"
  /// Participants drawn at the same time; changes the time, never a byte. 1…64.
  public var threads: Int

  /// Options; `synthesize` checks them.
  public init(
    subjects: Int = 10, seed: UInt64 = 1, side: Int = 128, stillsPerLabel: Int = 2, clipsPerSubject: Int = 8,
    threads: Int = 2
  ) {
    self.subjects = subjects
    self.seed = seed
    self.side = side
    self.stillsPerLabel = stillsPerLabel
    self.clipsPerSubject = clipsPerSubject
    self.threads = threads
  }

  /// Refuses a value outside its range, naming the first one.
  func check() throws(SynthesisError) {
    func require(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(SynthesisError) {
      guard allowed.contains(value) else {
        throw .option(name: name, value: value, allowed: allowed)
      }
    }
    try require("subjects", subjects, 2...99)
    try require("side", side, 64...256)
    try require("stills per label", stillsPerLabel, 1...20)
    try require("clips per subject", clipsPerSubject, 6...100)
    try require("threads", threads, 1...64)
    guard (1...8).contains(prefix.utf8.count), prefix.utf8.allSatisfy({ ($0 | 32) >= 97 && ($0 | 32) <= 122 }) else {
      throw .prefix(prefix)
    }
  }
}

/// What was drawn.
public struct SynthesisReport: Sendable, Equatable {
  /// Macro stills written, each a clip of one frame.
  public var stills: Int
  /// Micro clips written.
  public var clips: Int
  /// Frames of all micro clips.
  public var frames: Int
}

/// Why no study could be drawn. Each description is one line: what, where, what to do.
public enum SynthesisError: Error, Equatable, CustomStringConvertible {
  /// An option is outside its range.
  case option(name: String, value: Int, allowed: ClosedRange<Int>)
  /// The prefix of ids is none.
  case prefix(String)
  /// The folder holds something already; nothing of it was touched.
  case occupied(path: String)
  /// No space is left.
  case diskFull(path: String)
  /// The file system takes no files.
  case readOnly(path: String)
  /// The system refused a file or a folder; `reason` is the system's word.
  case file(path: String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .option(let name, let value, let allowed):
      "\(name) is \(value), choose a value from \(allowed.lowerBound) to \(allowed.upperBound)"
    case .prefix(let prefix):
      oneLine("the prefix is \"\(prefix)\", choose 1 to 8 letters from a to z")
    case .occupied(let path):
      "\(path): is there already, choose a new folder or remove it first"
    case .diskFull(let path):
      "\(path): the disk is full, free some space or choose a folder on another disk"
    case .readOnly(let path):
      "\(path): the file system is read-only, choose another folder"
    case .file(let path, let reason):
      "\(path): cannot be written (\(reason)), check the path, its permissions and the free space"
    }
  }
}
