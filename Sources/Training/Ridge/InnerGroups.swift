// Inner folds of a fold: groups of its training subjects, and what counts as better among their predictions.

/// Splitting and scoring of training clips.
package enum InnerGroups {
  /// How many groups are wanted; fewer where there are fewer subjects.
  package static let count = 4

  /// The group of each clip: subjects in the order of their clips (most first, then by name), each to the smallest
  /// group so far (the first on ties).
  package static func groups(subjects: [String]) -> (ofClip: [Int], count: Int) {
    var clips: [String: Int] = [:]
    for subject in subjects { clips[subject, default: 0] += 1 }
    let order = clips.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    var sizes = [Int](repeating: 0, count: min(count, order.count))
    var groups: [String: Int] = [:]
    for (subject, size) in order {
      var smallest = 0
      for group in sizes.indices where sizes[group] < sizes[smallest] { smallest = group }
      groups[subject] = smallest
      sizes[smallest] += size
    }
    return (subjects.map { groups[$0] ?? 0 }, sizes.count)
  }

  /// UF1 + UAR over the labels that occur as truth; 0 without clips.
  package static func figure(predicted: [Int], classes: [Int], labels: Int) -> Double {
    var (sum, occurring) = (0.0, 0)
    for label in 0..<labels {
      let truth = classes.count { $0 == label }
      guard truth > 0 else { continue }
      let said = predicted.count { $0 == label }
      let right = zip(predicted, classes).count { $0 == label && $1 == label }
      sum += Double(2 * right) / Double(truth + said) + Double(right) / Double(truth)
      occurring += 1
    }
    return occurring == 0 ? 0 : sum / Double(occurring)
  }
}
