// A pretrained network from a file in place of a source set: whose data it has seen is what the file says of itself.

import Canonical

/// What the plan must know of a pretrained network's file.
public struct PretrainedIndex: Sendable, Equatable {
  /// The digest of the file's bytes.
  public let digest: Digest
  /// `set/subject` of everyone whose data changed a number in it; nil where the file does not say.
  public let subjects: [String]?

  /// An index.
  public init(digest: Digest, subjects: [String]?) {
    self.digest = digest
    self.subjects = subjects
  }
}

extension Expansion {
  /// The stage that stands for one network of the file; it is never computed, its artifact is made from the file.
  mutating func imported(_ values: Parameters, graph: Int) -> Int {
    guard let pretrained, let name = study.pretrained else { preconditionFailure("an import without a file") }
    let description = builder.imported(
      file: pretrained.digest, part: graph + 1, graph: values.graphs[graph], network: values.network,
      rows: pretrainRows(values))
    return add(
      .pretrain, description, parents: [], provenance: pretrained.subjects ?? ["\(name)/unknown"])
  }

  /// The file must say whose data it has seen, or the report must say that it does not.
  mutating func checkPretrained() throws(StudyError) {
    guard let name = study.pretrained else { return }
    guard let pretrained else {
      throw StudyError(file: study.file, key: "data", what: "no file for \"\(name)\"; add --data \(name)=FILE")
    }
    if let subjects = pretrained.subjects {
      let sets = Set(subjects.compactMap { $0.split(separator: "/").first }).sorted().joined(separator: ", ")
      return notes.append(
        "the source network is the file \(name), digest \(pretrained.digest.short); it says that it has seen "
          + "\(subjects.count) subjects of \(sets)")
    }
    let what = "the pretrained file does not say whose data it has seen (no \"subjects\" in its metadata)"
    guard study.split.leakage == .paper else {
      throw StudyError(
        file: study.file, key: "data.pretrained", what: "\(what); use one that does, or leakage: paper, which says so")
    }
    notes.append("leakage: paper: \(what)")
  }

  /// The names that a person may have in the sets that a pretrained file names.
  func importedNames(of subjects: [String]) -> [String] {
    let sets = Set((pretrained?.subjects ?? []).compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
    return sets.flatMap { set in subjects.map { "\(set)/\(person($0))" } }
  }
}
