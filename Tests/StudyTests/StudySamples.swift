// Small studies and sets for the tests of this folder.

import Canonical
import Study

/// Builders of study trees and set indices.
enum Sample {
  /// A mapping node whose members stand on lines 1, 2, 3 ….
  static func map(_ members: (String, StudyNode)...) -> StudyNode {
    .mapping(
      members.enumerated().map { StudyMember(key: $1.0, line: $0 + 1, value: $1.1) }, line: 1)
  }

  /// A plain scalar.
  static func word(_ text: String, line: Int = 1) -> StudyNode { .scalar(text, quoted: false, line: line) }

  /// A sequence.
  static func list(_ elements: StudyNode...) -> StudyNode { .sequence(elements, line: 1) }

  /// A study with a source set, two graphs, frozen transfer and a grid of two; `extra` members come last.
  static func study(
    leakage: String = "strict", transfer: String = "frozen", extra: [(String, StudyNode)] = []
  ) throws -> Study {
    try Study(reading: tree(leakage: leakage, transfer: transfer, extra: extra), file: "s.yaml")
  }

  /// The tree of `study`.
  static func tree(
    leakage: String = "strict", transfer: String = "frozen", extra: [(String, StudyNode)] = []
  ) -> StudyNode {
    var members: [(String, StudyNode)] = [
      ("version", word("1")), ("name", word("sample")),
      ("data", map(("target", word("micro")), ("source", word("macro")))),
      ("protocol", map(("kind", word("loso")), ("leakage", word(leakage)))),
      ("transfer", word(transfer)), ("seeds", list(word("1"), word("2"))),
    ]
    members += extra
    return .mapping(
      members.enumerated().map { StudyMember(key: $1.0, line: $0 + 1, value: $1.1) }, line: 1)
  }

  /// A set in which each subject has one clip of each label.
  static func set(
    subjects: [String], labels: [String] = ["anger", "happiness"], frames: Int = 3, flows: Int = 2, side: Int = 32,
    hasMagnitude: Bool = true, salt: String = ""
  ) -> SetIndex {
    let clips = subjects.flatMap { subject in
      labels.map { label in
        ClipEntry(
          subject: subject, label: label, name: label + "1", digest: Digest(of: "\(salt)\(subject)\(label)".utf8),
          frames: frames, flows: flows)
      }
    }
    return SetIndex(digest: Digest(of: "set\(salt)".utf8), side: side, hasMagnitude: hasMagnitude, clips: clips)
  }

  /// Micro and macro sets over the same participants.
  static func sets(_ subjects: [String] = ["S01", "S02", "S03"]) -> [String: SetIndex] {
    [
      "micro": set(subjects: subjects, salt: "micro"),
      "macro": set(subjects: subjects, frames: 1, flows: 0, salt: "macro"),
    ]
  }
}
