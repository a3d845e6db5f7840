// One clip of a prepared set, without its pixels.

import Canonical

/// The part that a frame plays in its clip. Where one frame has two parts, the apex wins, then the onset.
public enum FrameRole: String, Sendable {
  case onset, apex, offset, between
}

/// A stored frame.
public struct FrameInfo: Hashable, Sendable {
  /// The frame's number in the clip's files.
  public let number: Int
  /// Its part.
  public let role: FrameRole

  /// A frame.
  public init(number: Int, role: FrameRole) {
    self.number = number
    self.role = role
  }
}

/// A stored flow field.
public struct FlowInfo: Hashable, Sendable {
  /// Frame number that the flow starts at. (`flow-images` knows no numbers: onset, apex, offset are 0, 1, 2.)
  public let from: Int
  /// Frame number that it ends at.
  public let to: Int
  /// Whether this is the return row: apex → offset, already stored as −u, −v.
  public let isReturn: Bool

  /// A flow field.
  public init(from: Int, to: Int, isReturn: Bool) {
    self.from = from
    self.to = to
    self.isReturn = isReturn
  }
}

/// A labelled clip of a subject.
public struct PreparedClip: Hashable, Sendable {
  /// The participant.
  public let subject: String
  /// The expression.
  public let label: String
  /// The clip's name; unique within the subject.
  public let name: String
  /// The digest of this description and of the clip's pixels and flow.
  public let digest: Digest
  /// Stored frames, ascending; none in `flow-images`.
  public let frames: [FrameInfo]
  /// Stored flow: of the set's pairs in order (`FlowPairs`; onset → each later frame unless it was prepared otherwise),
  /// then the return row (none where the apex is the last frame).
  public let flows: [FlowInfo]
  /// Whether the apex was not given and was found as the frame of largest flow.
  public let apexFound: Bool
  /// Whether the clip is one image, an expression at its height; its only frame has the role apex, and it has no flow.
  public let still: Bool
}

// MARK: - Canonical form

extension PreparedClip {
  /// What the digest covers beside the pixels.
  static func description(
    of clip: ClipContent, layout: Layout, side: Int
  ) -> JSON {
    [
      "layout": .string(layout.rawValue), "side": .integer(side), "subject": .string(clip.subject),
      "label": .string(clip.label), "name": .string(clip.name), "apex_found": .bool(clip.apexFound),
      "still": .bool(clip.still), "frames": .array(clip.frames.map(\.json)), "flows": .array(clip.flows.map(\.json)),
    ]
  }

  /// A clip and the digest of its content.
  init(_ content: ClipContent, digest: Digest) {
    self.init(
      subject: content.subject, label: content.label, name: content.name, digest: digest, frames: content.frames,
      flows: content.flows, apexFound: content.apexFound, still: content.still)
  }

  /// The same clip under a longer name of its subject.
  func of(subject prefix: String) -> PreparedClip {
    PreparedClip(
      subject: prefix + subject, label: label, name: name, digest: digest, frames: frames, flows: flows,
      apexFound: apexFound, still: still)
  }

  /// The description without the digest.
  var content: ClipContent {
    ClipContent(
      subject: subject, label: label, name: name, frames: frames, flows: flows, apexFound: apexFound, still: still)
  }
}

/// A clip's description before it has a digest.
package struct ClipContent: Hashable, Sendable {
  package let subject, label, name: String
  package let frames: [FrameInfo]
  package let flows: [FlowInfo]
  package let apexFound, still: Bool

  package init(
    subject: String, label: String, name: String, frames: [FrameInfo], flows: [FlowInfo], apexFound: Bool, still: Bool
  ) {
    self.subject = subject
    self.label = label
    self.name = name
    self.frames = frames
    self.flows = flows
    self.apexFound = apexFound
    self.still = still
  }

  /// The order of a set: by subject, then by name, as UTF-8 bytes.
  package func precedes(_ other: ClipContent) -> Bool {
    if subject != other.subject { return subject.utf8.lexicographicallyPrecedes(other.subject.utf8) }
    return name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}

extension FrameInfo {
  var json: JSON { [.integer(number), .string(role.rawValue)] }

  init?(json: JSON) {
    guard let parts = json.array, parts.count == 2, let number = parts[0].integer,
      let role = parts[1].string.flatMap(FrameRole.init(rawValue:))
    else { return nil }
    self.init(number: number, role: role)
  }
}

extension FlowInfo {
  var json: JSON { [.integer(from), .integer(to), .bool(isReturn)] }

  init?(json: JSON) {
    guard let parts = json.array, parts.count == 3, let from = parts[0].integer, let to = parts[1].integer,
      let isReturn = parts[2].bool
    else { return nil }
    self.init(from: from, to: to, isReturn: isReturn)
  }
}
