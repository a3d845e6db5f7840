// A pretrained network from a file in place of a source set: whose data it has seen is what the file says of itself.

import Canonical

/// What the plan must know of a pretrained network's file.
public struct PretrainedIndex: Sendable, Equatable {
  /// The digest of the file's bytes.
  public let digest: Digest
  /// `set/subject` of everyone whose data changed a number in it, by the names of single sets; nil where the file does
  /// not say, or says it in another form.
  public let subjects: [String]?

  /// An index of a file that names people as provenance does: `set/subject`, with the clip behind it where a split took
  /// clips, and with the part before the subject where the set was several as one (`one+two/one/S01`).
  public init(digest: Digest, subjects: [String]?) {
    self.digest = digest
    let people = subjects?.map(Self.person)
    self.subjects = people?.contains(nil) == false && people?.isEmpty == false ? people?.compactMap { $0 } : nil
  }

  private static func person(_ entry: String) -> String? {
    let words = entry.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let set = words.first, words.allSatisfy({ !$0.isEmpty }) else { return nil }
    let isJoined = set.contains("+")
    guard (isJoined ? 3...4 : 2...3).contains(words.count) else { return nil }
    return isJoined ? "\(words[1])/\(words[2])" : "\(set)/\(words[1])"
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
    for configuration in study.configurations where configuration.values.transfer != .scratch {
      guard configuration.values.average.networks <= 1, study.graphSeeds == nil else {
        throw StudyError(
          file: study.file, key: "data.pretrained",
          what: "the file holds one network for each graph as it is written; use average.networks: 1 and no graph_seeds"
        )
      }
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
