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
  /// The digests of the stored images themselves, whatever the clip is called; none where they were not asked for.
  public let images: [Digest]

  /// A clip's entry.
  public init(
    subject: String, label: String, name: String, digest: Digest, frames: Int, flows: Int, images: [Digest] = []
  ) {
    self.subject = subject
    self.label = label
    self.name = name
    self.digest = digest
    self.frames = frames
    self.flows = flows
    self.images = images
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

  /// Several sets as one, each subject prefixed by its set's name and `/`, as `Clips` joins them.
  init(joining parts: [(name: String, index: SetIndex)]) {
    let names = parts.map { JSON.array([.string($0.name), .string($0.index.digest.hex)]) }
    let clips = parts.flatMap { part in
      part.index.clips.map {
        ClipEntry(
          subject: "\(part.name)/\($0.subject)", label: $0.label, name: $0.name, digest: $0.digest, frames: $0.frames,
          flows: $0.flows, images: $0.images)
      }
    }
    self.init(
      digest: JSON.array(names).digest, side: parts.first?.index.side ?? 0,
      hasMagnitude: parts.allSatisfy(\.index.hasMagnitude),
      clips: clips.sorted { left, right in
        if left.subject != right.subject { return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8) }
        return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
      })
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
