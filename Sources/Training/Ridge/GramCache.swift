// Gram matrices of a process: all folds of a study ask for products of the same images.
//
// A matrix is a pure function of the set's bytes and of what was asked, so keeping it cannot change a result.

import Canonical
import Clips
import Synchronization

/// The inner products of rows of a whole set.
struct SetGram: Sendable {
  let gram: Gram
  /// The entries of each clip of the set, by its place; none of a clip with other labels.
  let entriesOfClip: [Range<Int>]

  var bytes: Int { gram.products.count * MemoryLayout<Double>.stride }
}

/// The matrices made last, as far as a limit of memory goes.
final class GramCache: Sendable {
  static let shared = GramCache(limit_bytes: 256 << 20)

  private struct Entry {
    let key: String
    let gram: SetGram
  }

  private let limit_bytes: Int
  private let entries = Mutex<[Entry]>([])
  /// Held while a matrix is made, so that slots of one process wait for it and do not make it twice.
  private let making = Mutex<Int>(0)

  init(limit_bytes: Int) { self.limit_bytes = limit_bytes }

  /// How many matrices were made.
  var made: Int { making.withLock { $0 } }

  /// The matrix of a set for one question.
  /// - Parameter question: everything beside the set's bytes that the matrix depends on.
  func gram(
    of set: PreparedSet, question: String, make: () throws(StageError) -> SetGram
  ) throws(StageError) -> SetGram {
    let key = "\(set.digest.hex) \(question)"
    if let found = known(key) { return found }
    return try making.withLock { (count: inout Int) throws(StageError) -> SetGram in
      if let found = known(key) { return found }
      let gram = try make()
      count += 1
      keep(Entry(key: key, gram: gram))
      return gram
    }
  }

  private func known(_ key: String) -> SetGram? {
    entries.withLock { entries in entries.first { $0.key == key }?.gram }
  }

  private func keep(_ entry: Entry) {
    entries.withLock { entries in
      entries.append(entry)
      while entries.reduce(0, { $0 + $1.gram.bytes }) > limit_bytes { entries.removeFirst() }
    }
  }
}
