// A study with the sets that `--data` names, expanded to its plan.

import Canonical
import Clips
import Kernels
import Study

/// A study, its open sets and its plan.
struct StudyFile {
  /// The checked study.
  let study: Study
  /// The open prepared sets by name.
  let sets: [String: PreparedSet]
  /// The plan.
  let plan: Plan

  /// Reads a study, opens and verifies its sets, and expands it.
  init(path: String, data: [(name: String, path: String)], seeds: [Int]? = nil) throws {
    var study = try Study(reading: YAMLFile.read(path), file: path)
    if let seeds { study = study.with(seeds: seeds) }
    self.study = study
    sets = try Self.open(data)
    plan = try Plan(study: study, sets: sets.mapValues(\.index), numericClass: study.kernelClass.name)
  }

  /// Opens and verifies the sets of `--data`.
  static func open(_ data: [(name: String, path: String)]) throws -> [String: PreparedSet] {
    var sets: [String: PreparedSet] = [:]
    for file in data { sets[file.name] = try PreparedSet(path: file.path) }
    return sets
  }
}

extension Study {
  /// The numeric class of the study's bits.
  var kernelClass: NumericClass {
    switch numericClass {
    case .generic: .generic
    case .avx2: .avx2
    case .avx512: .avx512
    }
  }
}

extension PreparedSet {
  /// What the plan needs to know of the set.
  var index: SetIndex {
    SetIndex(
      digest: digest, side: side, hasMagnitude: hasMagnitude,
      clips: clips.map {
        ClipEntry(
          subject: $0.subject, label: $0.label, name: $0.name, digest: $0.digest, frames: $0.frames.count,
          flows: $0.flows.count)
      })
  }
}
