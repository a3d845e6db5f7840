// A study as large as is asked for: a dual network pretrained in every fold, and a grid of focal losses over its
// features, as the paper's Table IV sweeps them; small images and few epochs.
//
// Every fold trains on as many clips as any other, however many folds there are, so that only their number grows.

import Canonical
import Clips
import Study

/// The size of a study.
struct StudySize {
  let folds: Int
  let settings: Int

  /// Settings that a grid of two axes has.
  static let settings = [1, 5, 10, 25]

  var cells: Int { folds * settings }
}

/// Builds the plan of a study over made-up sets.
struct StudyPlan {
  let plan: Plan
  let sets: [String: PreparedSet]

  init(_ size: StudySize, in folder: ScratchFolder, numericClass: String, tiny: Bool) throws {
    // Clips that every fold trains on; divisible by one less than any number of folds.
    let training = tiny ? 6 : 60
    let clips = training / (size.folds - 1) * size.folds
    let side = tiny ? 12 : 28
    let micro = MadeUpSet.micro(subjects: size.folds, clips: clips, side: side)
    let macro = MadeUpSet.macro(subjects: size.folds, clips: clips, side: side)
    sets = [
      "micro": try micro.write(path: folder.file("micro.set")),
      "macro": try macro.write(path: folder.file("macro.set")),
    ]
    let study = try Study(reading: Self.tree(settings: size.settings, tiny: tiny), file: "bench study")
    plan = try Plan(study: study, sets: sets.mapValues(\.index), numericClass: numericClass)
  }

  // MARK: - The study

  private static func tree(settings: Int, tiny: Bool) -> StudyNode {
    let alphas = ["1", "1.25", "1.5", "1.75", "2"].prefix(max(1, settings / 5))
    let gammas = ["0.1", "0.2", "0.5", "1", "2"].prefix(settings < 5 ? settings : 5)
    return map([
      "version": word("1"), "name": word("bench"), "data": map(["target": word("micro"), "source": word("macro")]),
      "protocol": map(["kind": word("loso"), "leakage": word("strict")]), "transfer": word("features"),
      "network": map([
        "layers": .sequence([layer(order: 5, filters: 16), layer(order: 4, filters: 32)], line: 1),
        "dense": word("64"),
      ]),
      "rows": map(["frames": word("3")]), "pretrain": training(epochs: tiny ? 1 : 4),
      "fit": training(epochs: tiny ? 2 : 20, ["loss": map(["name": word("focal")])]),
      "grid": map(["fit.loss.alpha": list(Array(alphas)), "fit.loss.gamma": list(Array(gammas))]),
      "seeds": list(["1"]),
    ])
  }

  private static func layer(order: Int, filters: Int) -> StudyNode {
    map(["order": word("\(order)"), "filters": word("\(filters)"), "coarsenings": word("2")])
  }

  private static func training(epochs: Int, _ more: [String: StudyNode] = [:]) -> StudyNode {
    map(["rate": word("1.0e-3"), "epochs": word("\(epochs)"), "patience": word("0")].merging(more) { _, new in new })
  }

  private static func map(_ members: [String: StudyNode]) -> StudyNode {
    .mapping(members.sorted { $0.key < $1.key }.map { StudyMember(key: $0.key, line: 1, value: $0.value) }, line: 1)
  }

  private static func word(_ text: String) -> StudyNode { .scalar(text, quoted: false, line: 1) }

  private static func list(_ texts: [String]) -> StudyNode { .sequence(texts.map(word), line: 1) }
}

extension PreparedSet {
  /// What a plan needs to know of the set.
  fileprivate var index: SetIndex {
    SetIndex(
      digest: digest, side: side, hasMagnitude: hasMagnitude,
      clips: clips.map {
        ClipEntry(
          subject: $0.subject, label: $0.label, name: $0.name, digest: $0.digest, frames: $0.frames.count,
          flows: $0.flows.count)
      })
  }
}
