// A word that names clips: a folder of frames, a video, a prepared set, or one clip of a set.

import Clips
import Foundation
import Training

/// The clips that a word of the command line names.
struct ClipWord {
  /// The set that holds them.
  let set: PreparedSet
  /// Their places in the set.
  let clips: [Int]
  /// What people call them: the folder or video, or FILE:SUBJECT/CLIP.
  let names: [String]

  /// Opens what a word names, for a checkpoint.
  /// - Parameter numbers: onset, apex and offset, for a folder or a video.
  init(_ word: String, numbers: FrameNumbers, for predictor: Predictor) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: word, isDirectory: &isFolder) else {
      try Self.refuse(numbers, word)
      self = try Self.oneClip(word)
      return
    }
    if isFolder.boolValue {
      set = try PreparedSet(
        clipFolder: word, side: predictor.side, frames: Self.frames(predictor), numbers: numbers, flow: predictor.flow)
      (clips, names) = ([0], [word])
    } else if PreparedSet.isVideo(word) {
      set = try PreparedSet(
        video: word, side: predictor.side, frames: Self.frames(predictor), numbers: numbers, flow: predictor.flow)
      (clips, names) = ([0], [word])
    } else {
      try Self.refuse(numbers, word)
      set = try PreparedSet(path: word)
      clips = Array(set.clips.indices)
      names = set.clips.map { "\(word):\($0.subject)/\($0.name)" }
    }
  }

  private init(set: PreparedSet, clips: [Int], names: [String]) {
    self.set = set
    self.clips = clips
    self.names = names
  }

  private static func oneClip(_ word: String) throws -> ClipWord {
    guard let (file, clip) = split(word) else {
      throw Failure(
        "\(word): there is no such file; give a folder of frames, a video, a prepared set, or FILE:SUBJECT/CLIP")
    }
    let set = try PreparedSet(path: file, verify: false)
    guard let place = set.clips.firstIndex(where: { "\($0.subject)/\($0.name)" == clip }) else {
      let first = set.clips.first.map { "\($0.subject)/\($0.name)" } ?? ""
      throw Failure("\(file) has no clip \"\(clip)\"; its first is \(first)")
    }
    try set.verify(clip: place, path: file)
    return ClipWord(set: set, clips: [place], names: [word])
  }

  /// The frames of a prepared clip were chosen when it was prepared.
  private static func refuse(_ numbers: FrameNumbers, _ word: String) throws {
    guard !numbers.isEmpty else { return }
    throw Failure("\(word): --onset, --apex and --offset are for a folder of frames or a video; leave them out")
  }

  /// As many frames of a clip as the set stored that trained the checkpoint; where it stored none, `prepare`'s own.
  private static func frames(_ predictor: Predictor) -> Int {
    predictor.frames == 0 ? PrepareOptions().frames : min(max(predictor.frames, 3), 1_000)
  }

  /// The file and the clip of FILE:SUBJECT/CLIP, cut at the first colon that ends the name of a file.
  private static func split(_ word: String) -> (file: String, clip: String)? {
    for place in word.indices where word[place] == ":" {
      let file = String(word[..<place])
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      return (file, String(word[word.index(after: place)...]))
    }
    return nil
  }
}
