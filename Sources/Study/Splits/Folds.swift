// From a protocol and a set to folds. Pure: the same study and set give the same folds everywhere.

import Canonical

/// One split: what is held out; everything else trains.
public struct Fold: Sendable, Equatable {
  /// Its name: the subject, the group, the draw or the set that is held out.
  public let name: String
  /// The subjects with held-out clips.
  public let subjects: [String]
  /// The held-out clips as `subject/clip`, where a subject is on both sides; nil: all clips of the subjects.
  public let clips: [String]?
}

extension SplitProtocol {
  /// The folds over some clips of the target.
  ///
  /// - Parameters:
  ///   - clips: the clips that the study uses.
  ///   - parts: the names of the prepared sets that the target is made of.
  func split(_ clips: [ClipEntry], parts: [String]) -> [Fold] {
    let counts = Dictionary(grouping: clips, by: \.subject).mapValues(\.count)
    switch kind {
    case .loso:
      return counts.keys.sorted().map { Fold(name: $0, subjects: [$0], clips: nil) }
    case .kFold:
      let groups = self.groups.isEmpty ? SubjectGroups.balanced(counts, into: folds, seed: seed) : self.groups
      return groups.enumerated().map { Fold(name: Self.name("group", $0, of: groups.count), subjects: $1, clips: nil) }
    case .leaveOneSetOut:
      let known = counts.keys.sorted()
      return parts.compactMap { part in
        let subjects = known.filter { $0.hasPrefix("\(part)/") }
        return subjects.isEmpty ? nil : Fold(name: part, subjects: subjects, clips: nil)
      }
    case .holdOut:
      return (0..<repeats).map { draw in
        unit == .subject ? bySubject(counts, draw: draw) : byClip(clips, draw: draw)
      }
    }
  }

  private static func name(_ word: String, _ place: Int, of count: Int) -> String {
    let digits = String(count).count
    let number = String(place + 1)
    return "\(word)-" + String(repeating: "0", count: max(0, digits - number.count)) + number
  }

  /// Subjects in a drawn order, each taken where it still fits; at least one, and never all.
  private func bySubject(_ counts: [String: Int], draw: Int) -> Fold {
    let order = SubjectGroups.drawn(Array(counts.keys), seed: seed, stream: "hold out \(draw)")
    var held: [String] = []
    var size = 0
    for subject in order where size + (counts[subject] ?? 0) <= heldOutClips && held.count + 1 < order.count {
      held.append(subject)
      size += counts[subject] ?? 0
    }
    if held.isEmpty, let smallest = order.min(by: { (counts[$0] ?? 0) < (counts[$1] ?? 0) }) { held = [smallest] }
    return Fold(name: Self.name("draw", draw, of: repeats), subjects: held.sorted(), clips: nil)
  }

  /// Clips of each label in proportion, in a drawn order; the remainders go to the labels with the largest.
  private func byClip(_ clips: [ClipEntry], draw: Int) -> Fold {
    let names = Dictionary(grouping: clips, by: \.label).mapValues { $0.map(\.path) }
    let wanted = min(heldOutClips, clips.count - 1)
    let shares = names.keys.sorted().map { label -> (label: String, whole: Int, rest: Int) in
      let product = wanted * (names[label]?.count ?? 0)
      return (label, product / clips.count, product % clips.count)
    }
    let missing = wanted - shares.reduce(0) { $0 + $1.whole }
    let lucky = Set(shares.sorted { ($1.rest, $0.label) < ($0.rest, $1.label) }.prefix(missing).map(\.label))
    let held = shares.flatMap { share in
      SubjectGroups.drawn(names[share.label] ?? [], seed: seed, stream: "hold out \(draw)")
        .prefix(share.whole + (lucky.contains(share.label) ? 1 : 0))
    }
    let subjects = Set(clips.filter { held.contains($0.path) }.map(\.subject))
    return Fold(name: Self.name("draw", draw, of: repeats), subjects: subjects.sorted(), clips: held.sorted())
  }
}

extension ClipEntry {
  /// The clip's name with its subject's, unique in a set.
  var path: String { "\(subject)/\(name)" }
}
