// The part of a description that names clips: a set, subjects, labels, and the digest of exactly the clips meant.

import Canonical

/// Which clips a stage reads.
struct ClipsRecipe: Equatable {
  let set: String
  let subjects: [String]
  /// The classes, in the order of the network's outputs.
  let labels: [String]
  let digest: Digest

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["set", "subjects", "labels", "digest"])
    set = try fields.text("set")
    subjects = try fields.texts("subjects")
    labels = try fields.texts("labels")
    digest = try fields.digest("digest")
    guard labels.count >= 2 else { throw .description("\(path).labels must hold two labels or more") }
  }

  /// The subjects as provenance names them, sorted: "set/subject".
  var provenance: [String] { subjects.map { "\(set)/\($0)" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
