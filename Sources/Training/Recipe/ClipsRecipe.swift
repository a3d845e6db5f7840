// The part of a description that names clips: a set, subjects, labels, and the digest of exactly the clips meant.

import Canonical

/// Which clips a stage reads.
struct ClipsRecipe: Equatable {
  let set: String
  let subjects: [String]
  /// The classes, in the order of the network's outputs.
  let labels: [String]
  /// The only clips of the subjects that are meant, as `subject/clip`; nil: all of them.
  let only: Set<String>?
  let digest: Digest

  init(_ value: JSON?, path: String) throws(StageError) {
    let isListed = value?["only"] != nil
    let fields = try Fields(
      value, path: path, keys: ["set", "subjects", "labels", "digest"] + (isListed ? ["only"] : []))
    set = try fields.text("set")
    subjects = try fields.texts("subjects")
    labels = try fields.texts("labels")
    only = isListed ? Set(try fields.texts("only")) : nil
    digest = try fields.digest("digest")
    guard labels.count >= 2 else { throw .description("\(path).labels must hold two labels or more") }
  }

  /// Whose data they are, as provenance names them, sorted: "set/subject", or "set/subject/clip" where clips are
  /// listed.
  var provenance: [String] {
    (only.map { Array($0) } ?? subjects).map { "\(set)/\($0)" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
