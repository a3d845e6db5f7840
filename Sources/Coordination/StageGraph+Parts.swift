// What a stage graph is made of: links in two flat arrays, a table from digest to number, lists of subjects kept once.

import Canonical

/// The numbers that one stage is linked to, ascending as they were given.
public struct Links: RandomAccessCollection, Sendable {
  fileprivate let all: [Int32]
  /// Where the first one stands.
  public let startIndex: Int
  /// Behind the last one.
  public let endIndex: Int

  /// One of them.
  public subscript(position: Int) -> Int { Int(all[position]) }
}

/// Links of all stages: the numbers of one follow those of the one before.
public struct Adjacency: Sendable {
  private var starts: [Int32] = [0]
  private var all: [Int32] = []

  /// No stages.
  init() {}

  /// How many stages.
  public var count: Int { starts.count - 1 }

  /// The links of a stage.
  public subscript(stage: Int) -> Links {
    Links(all: all, startIndex: Int(starts[stage]), endIndex: Int(starts[stage + 1]))
  }

  mutating func append(_ links: [Int]) {
    for link in links { all.append(Int32(link)) }
    starts.append(Int32(all.count))
  }

  /// The same links seen from their other end.
  var reversed: Adjacency {
    var other = Adjacency()
    var places = [Int32](repeating: 0, count: count + 1)
    for link in all { places[Int(link) + 1] += 1 }
    for stage in 0..<count { places[stage + 1] += places[stage] }
    other.starts = places
    other.all = Array(repeating: 0, count: all.count)
    for stage in 0..<count {
      for link in self[stage] {
        other.all[Int(places[link])] = Int32(stage)
        places[link] += 1
      }
    }
    return other
  }
}

/// From a digest to its place in an array: a table of places by the digest's first word, half empty, so that a stage
/// costs eight bytes and no box.
struct DigestIndex: Sendable {
  private var table: [Int32]
  private let mask: Int
  /// The second of two equal digests, where there are such.
  private(set) var repeated: Int?

  init(_ digests: [Digest]) {
    var size = 16
    while size < 2 * digests.count { size *= 2 }
    mask = size - 1
    table = Array(repeating: -1, count: size)
    for place in digests.indices {
      var slot = slot(of: digests[place])
      while table[slot] >= 0 {
        if digests[Int(table[slot])] == digests[place], repeated == nil { repeated = place }
        slot = (slot + 1) & mask
      }
      table[slot] = Int32(place)
    }
  }

  private func slot(of digest: Digest) -> Int { Int(truncatingIfNeeded: digest.seed) & mask }

  /// Where a digest stands in the array that the table was made of.
  func number(of digest: Digest, in digests: [Digest]) -> Int? {
    var slot = slot(of: digest)
    while table[slot] >= 0 {
      if digests[Int(table[slot])] == digest { return Int(table[slot]) }
      slot = (slot + 1) & mask
    }
    return nil
  }
}

/// Two lists of subjects a stage; equal lists are kept once. Stages that were never added have empty ones.
struct SubjectLists: Sendable {
  private var lists: [[String]] = []
  private var known: [[String]: Int32] = [:]
  private var provenances: [Int32] = []
  private var heldOuts: [Int32] = []

  mutating func add(_ provenance: [String], _ heldOut: [String]) {
    provenances.append(place(of: provenance))
    heldOuts.append(place(of: heldOut))
  }

  private mutating func place(of list: [String]) -> Int32 {
    if let place = known[list] { return place }
    let place = Int32(lists.count)
    lists.append(list)
    known[list] = place
    return place
  }

  func provenance(of stage: Int) -> [String] { provenances.isEmpty ? [] : lists[Int(provenances[stage])] }
  func heldOut(of stage: Int) -> [String] { heldOuts.isEmpty ? [] : lists[Int(heldOuts[stage])] }
}
