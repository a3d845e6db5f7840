// Groups of subjects of about equal size, by a rule that anybody can repeat.

import Canonical

/// Dividing subjects.
enum SubjectGroups {
  /// Subjects in groups of about as many clips: the largest subject first, each into the group with the fewest clips.
  ///
  /// - Parameters:
  ///   - clips: how many clips each subject has.
  ///   - count: how many groups.
  ///   - seed: which of two equal subjects comes first; another seed gives other groups.
  /// - Returns: the groups, each sorted; fewer than `count` where there are fewer subjects.
  static func balanced(_ clips: [String: Int], into count: Int, seed: Int) -> [[String]] {
    let order = drawn(Array(clips.keys), seed: seed, stream: "groups").sorted {
      (clips[$0] ?? 0) > (clips[$1] ?? 0)
    }
    var groups = [[String]](repeating: [], count: min(count, order.count))
    var sizes = [Int](repeating: 0, count: groups.count)
    for subject in order {
      let smallest = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
      groups[smallest].append(subject)
      sizes[smallest] += clips[subject] ?? 0
    }
    return groups.map { $0.sorted() }
  }

  /// Names in an order that the seed and the stream draw: by the digest of each with them.
  static func drawn(_ names: [String], seed: Int, stream: String) -> [String] {
    names.map { (Digest(of: "\(stream) \(seed) \($0)".utf8).hex, $0) }.sorted { $0 < $1 }.map(\.1)
  }
}
