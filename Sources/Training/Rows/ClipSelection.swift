// The clips that a description names, found in a prepared set and checked against their digest.

import Canonical
import Clips

/// Clips of one set with their class numbers, in the set's order.
struct ClipSelection {
  let set: PreparedSet
  /// Places in `set.clips`, ascending.
  let clips: [Int]
  /// The class of each of `clips`: a place in the recipe's labels.
  let classes: [Int32]
  /// The names of the classes.
  let labels: [String]

  /// How many clips each class has.
  var clipsOfLabel: [Int] { clipsOfLabel(without: []) }

  /// How many clips each class has beside those at some positions.
  func clipsOfLabel(without positions: Set<Int>) -> [Int] {
    labels.indices.map { label in
      classes.indices.count { Int(classes[$0]) == label && !positions.contains($0) }
    }
  }

  /// Clips of a set that nobody has promised a class for.
  init(set: PreparedSet, clips: [Int], labels: [String]) {
    self.set = set
    self.clips = clips
    self.labels = labels
    classes = [Int32](repeating: 0, count: clips.count)
  }

  /// A set, or the sets of a name such as `one+two` as one.
  private static func set(
    named name: String, in sets: [String: PreparedSet]
  ) throws(StageError) -> PreparedSet {
    if let set = sets[name] { return set }
    var parts: [(name: String, set: PreparedSet)] = []
    for part in name.split(separator: "+").map(String.init) {
      guard let set = sets[part] else {
        throw .data("there is no prepared set \"\(part)\" here; pass --data \(part)=FILE")
      }
      parts.append((part, set))
    }
    guard parts.count > 1 else { throw .description("\"\(name)\" is not the name of a set") }
    do { return try PreparedSet(joining: parts) } catch { throw .data(error.description) }
  }

  /// Finds every clip whose subject and label are both listed.
  init(_ recipe: ClipsRecipe, in sets: [String: PreparedSet]) throws(StageError) {
    let set = try Self.set(named: recipe.set, in: sets)
    self.set = set
    labels = recipe.labels
    let subjects = Set(recipe.subjects)
    var clips: [Int] = []
    var classes: [Int32] = []
    for (place, clip) in set.clips.enumerated() where subjects.contains(clip.subject) {
      guard let label = recipe.labels.firstIndex(of: clip.label) else { continue }
      if let only = recipe.only, !only.contains("\(clip.subject)/\(clip.name)") { continue }
      clips.append(place)
      classes.append(Int32(label))
    }
    self.clips = clips
    self.classes = classes
    let found = JSON.array(clips.map { .string(set.clips[$0].digest.hex) }).digest
    guard found == recipe.digest else {
      throw .data(
        "the \(clips.count) clips of set \"\(recipe.set)\" are not those of the plan "
          + "(digest \(found.short), expected \(recipe.digest.short)); use the prepared set of the plan")
    }
    guard !clips.isEmpty else { throw .data("no clip of set \"\(recipe.set)\" has the listed subjects and labels") }
  }

  /// The name of a clip of this selection, for error lines.
  func name(_ position: Int) -> String {
    let clip = set.clips[clips[position]]
    return "clip \(clip.subject)/\(clip.name)"
  }
}
