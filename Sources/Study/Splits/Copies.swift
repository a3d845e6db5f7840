// The same picture under two persons' names: a leak that no comparison of names can find.

import Canonical

/// Two clips with a picture in common, of persons who are told apart.
struct CopiedClip: Equatable {
  /// `set/subject/clip` of a clip of the target.
  let clip: String
  /// `set/subject/clip` of the other one.
  let other: String
}

extension Expansion {
  /// The first picture that a clip of the target shares with a clip of somebody else, in target or source.
  ///
  /// Copies within one person's clips are no leak where they are held out together, which a split by clip does not do.
  func firstCopy() -> CopiedClip? {
    var owners: [Digest: (person: String, clip: String)] = [:]
    for clip in target.clips where labels.contains(clip.label) {
      let path = "\(study.target)/\(clip.path)"
      for image in clip.images {
        if let owner = owners[image], owner.person != clip.subject || study.split.unit == .clip && owner.clip != path {
          return CopiedClip(clip: owner.clip, other: path)
        }
        owners[image] = (clip.subject, path)
      }
    }
    guard let source, let name = study.source else { return nil }
    let tested = Set(target.subjects.map(person))
    var sources: [Digest: (person: String, clip: String)] = [:]
    for clip in source.clips {
      for image in clip.images {
        // Under another name in the source set, a tested person's pictures would not be left out of pretraining.
        if let twin = sources[image], twin.person != clip.subject,
          tested.contains(twin.person) || tested.contains(clip.subject)
        {
          return CopiedClip(clip: twin.clip, other: "\(name)/\(clip.path)")
        }
        sources[image] = (clip.subject, "\(name)/\(clip.path)")
        if let owner = owners[image], person(owner.person) != clip.subject {
          return CopiedClip(clip: owner.clip, other: "\(name)/\(clip.path)")
        }
      }
    }
    return nil
  }

  /// Refuses copies, or says them where leaks are allowed.
  mutating func checkCopies() throws(StudyError) {
    guard let copy = firstCopy() else { return }
    let what = "\(copy.clip) and \(copy.other) hold the same picture: one recording under two names"
    guard study.split.leakage == .paper else {
      throw StudyError(
        file: study.file, key: "data",
        what: "\(what); drop one of them or give both the same subject, and prepare again")
    }
    notes.append("leakage: paper: \(what)")
  }
}
