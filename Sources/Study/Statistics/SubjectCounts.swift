// A subject as what it adds to the confusion matrices, so that a resample is a sum of few small counts.

/// What each subject adds to the matrices of a method, one matrix per seed, laid out one behind the other.
struct SubjectCounts {
  /// One count that is not zero: its place among all cells of all matrices.
  struct Entry {
    let place: Int
    let count: Int
  }

  /// How many labels there are: a matrix has the square of it in cells, rows true, columns predicted.
  let classes: Int
  /// How many matrices stand one behind the other.
  let matrices: Int
  /// The counts of each subject, in the order of the subjects' names.
  let entries: [[Entry]]

  /// The counts of a method, repeated until there are `matrices` of them.
  init(_ method: PredictedClips, matrices: Int) {
    self.init(method, matrices: matrices) { _, _ in }
  }

  /// The counts of a method less those of another, clip by clip.
  /// - Precondition: both have the same clips in the same order, over the same labels.
  init(_ method: PredictedClips, minus other: PredictedClips, matrices: Int) {
    self.init(method, matrices: matrices) { place, add in
      let clip = other.clips[place]
      for matrix in 0..<matrices { add(matrix, clip.predicted[matrix % other.seeds], -1) }
    }
  }

  private init(
    _ method: PredictedClips, matrices: Int,
    less: (Int, (_ matrix: Int, _ predicted: Int, _ count: Int) -> Void) -> Void
  ) {
    let classes = method.labels.count
    let subjects = method.subjects
    let placeOfSubject = Dictionary(zip(subjects, subjects.indices)) { first, _ in first }
    var counts = Array(repeating: [Int: Int](), count: subjects.count)
    for (place, clip) in method.clips.enumerated() {
      guard let subject = placeOfSubject[clip.subject] else { continue }
      func add(_ matrix: Int, _ predicted: Int, _ count: Int) {
        counts[subject][(matrix * classes + clip.truth) * classes + predicted, default: 0] += count
      }
      for matrix in 0..<matrices { add(matrix, clip.predicted[matrix % method.seeds], 1) }
      less(place, add)
    }
    self.classes = classes
    self.matrices = matrices
    entries = counts.map { cells in
      cells.sorted { $0.key < $1.key }.filter { $0.value != 0 }.map { Entry(place: $0.key, count: $0.value) }
    }
  }

  /// How many cells all matrices have.
  var cells: Int { matrices * classes * classes }

  /// Adds a subject's counts, `times` over.
  func add(_ subject: Int, times: Int = 1, to sums: inout [Int]) {
    for entry in entries[subject] { sums[entry.place] += times * entry.count }
  }

  /// The matrices of all subjects together.
  var total: [Int] {
    var sums = Array(repeating: 0, count: cells)
    for subject in entries.indices { add(subject, to: &sums) }
    return sums
  }
}
