// A study with the sets that `--data` names, expanded to its plan.

import Canonical
import Clips
import Kernels
import Study
import Training

/// A study, its open sets and its plan.
struct StudyFile {
  /// The checked study.
  let study: Study
  /// The open prepared sets by name.
  let sets: [String: PreparedSet]
  /// The pretrained file that stands for a source set; nil where none does.
  let pretrained: PretrainedNetwork?
  /// The plan.
  let plan: Plan

  /// Reads a study, opens and verifies its sets, and expands it for an OpenCV, this process's where none is named.
  init(
    path: String, data: [(name: String, path: String)], seeds: [Int]? = nil, openCV: String? = OpenCV.version
  ) throws {
    var study = try Study(reading: YAMLFile.read(path), file: path)
    if let seeds { study = study.with(seeds: seeds) }
    self.study = study
    sets = try Self.open(data.filter { $0.name != study.pretrained })
    pretrained = try data.first { $0.name == study.pretrained }.map { try PretrainedNetwork(path: $0.path) }
    plan = try Plan(
      study: study, sets: sets.mapValues(\.index), numericClass: study.kernelClass.name, openCV: openCV,
      pretrained: pretrained.map { PretrainedIndex(digest: $0.digest, subjects: $0.subjects) })
  }

  /// The target of a study: a set, or several as one.
  static func target(of study: Study, in sets: [String: PreparedSet]) throws -> PreparedSet {
    let parts = try study.targetParts.map { name in
      guard let set = sets[name] else { throw Failure("no file for the set \"\(name)\"; add --data \(name)=FILE") }
      return (name: name, set: set)
    }
    return parts.count == 1 ? parts[0].set : try PreparedSet(joining: parts)
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
      clips: clips.enumerated().map { place, clip in
        ClipEntry(
          subject: clip.subject, label: clip.label, name: clip.name, digest: clip.digest, frames: clip.frames.count,
          flows: clip.flows.count, images: imageDigests(clip: place))
      })
  }
}
