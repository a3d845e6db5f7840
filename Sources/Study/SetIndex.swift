// What the plan must know of a prepared set: who is in it, with which clips, under which digests. No pixel.

import Canonical

/// One clip of a prepared set.
public struct ClipEntry: Sendable, Equatable {
  /// The participant.
  public let subject: String
  /// The class.
  public let label: String
  /// The clip's name, unique within its subject.
  public let name: String
  /// The digest of the clip's content.
  public let digest: Digest
  /// How many frames are stored.
  public let frames: Int
  /// How many flow fields are stored, the return flow among them.
  public let flows: Int

  /// A clip's entry.
  public init(subject: String, label: String, name: String, digest: Digest, frames: Int, flows: Int) {
    self.subject = subject
    self.label = label
    self.name = name
    self.digest = digest
    self.frames = frames
    self.flows = flows
  }
}

/// The index of a prepared set.
public struct SetIndex: Sendable, Equatable {
  /// The digest of the whole set.
  public let digest: Digest
  /// The side of its square images in pixels.
  public let side: Int
  /// Whether its flow is in pixels, rather than scaled image by image.
  public let hasMagnitude: Bool
  /// The clips in the order of the file.
  public let clips: [ClipEntry]

  /// An index.
  public init(digest: Digest, side: Int, hasMagnitude: Bool, clips: [ClipEntry]) {
    self.digest = digest
    self.side = side
    self.hasMagnitude = hasMagnitude
    self.clips = clips
  }

  /// The participants, sorted.
  public var subjects: [String] { Set(clips.map(\.subject)).sorted() }
  /// The classes, sorted.
  public var labels: [String] { Set(clips.map(\.label)).sorted() }

  /// The clips of some subjects and labels, in the order of the file.
  func clips(of subjects: [String], labels: [String]) -> [ClipEntry] {
    let subjects = Set(subjects)
    let labels = Set(labels)
    return clips.filter { subjects.contains($0.subject) && labels.contains($0.label) }
  }
}
