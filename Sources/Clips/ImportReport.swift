// What an import read, repaired and left out: the object that `prepare --json` prints.

import Canonical

/// The account of one `prepare`.
public struct ImportReport: Hashable, Sendable {
  /// A value that was missing and was found.
  public struct Repair: Hashable, Sendable {
    /// `SUBJECT/CLIP`.
    public let clip: String
    /// The column.
    public let field: String
    /// The value that was found: a frame number.
    public let value: Int
    /// How it was found.
    public let why: String
  }

  /// A file, folder or column that was passed over.
  public struct Skip: Hashable, Sendable {
    /// Below the root.
    public let path: String
    /// Why nothing was read from it.
    public let why: String
  }

  /// How many clips have a label.
  public struct ClassCount: Hashable, Sendable {
    /// The label.
    public let label: String
    /// Clips that have it.
    public let clips: Int
  }

  /// The layout that was read.
  public let layout: Layout
  /// The digest of the prepared set.
  public let digest: Digest
  /// How many clips the set holds.
  public let clips: Int
  /// The subjects, sorted.
  public let subjects: [String]
  /// Clips of each label, sorted by label.
  public let perClass: [ClassCount]
  /// Values found for missing ones, in the order of the clips.
  public let repaired: [Repair]
  /// What was passed over, in the order of the paths.
  public let skipped: [Skip]

  /// Clips that show the same as others, in the order of the clips.
  public var copies: [ClipCopy] = []

  /// One canonical object. `dropped` and `differences` stay empty: these layouts refuse a bad clip instead of dropping
  /// it, and publish no counts to compare with.
  public var json: JSON {
    [
      "layout": .string(layout.rawValue),
      "digest": .string(digest.hex),
      "clips": .integer(clips),
      "subjects": .array(subjects.map(JSON.string)),
      "per_class": .object(Dictionary(perClass.map { ($0.label, JSON.integer($0.clips)) }) { _, last in last }),
      "repaired": .array(
        repaired.map {
          [
            "clip": .string($0.clip), "field": .string($0.field), "from": .null, "to": .integer($0.value),
            "why": .string($0.why),
          ]
        }),
      "skipped": .array(skipped.map { ["path": .string($0.path), "why": .string($0.why)] }),
      "copies": .array(
        copies.map {
          [
            "clip": .string($0.clip), "other": .string($0.other), "same": .string($0.isExact ? "exactly" : "nearly"),
            "across_subjects": .bool($0.isAcross),
          ]
        }),
      "dropped": .array([]),
      "differences": .array([]),
    ]
  }
}
