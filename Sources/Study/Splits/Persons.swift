// Who is the same person under which names: ids across source and target, and across the parts of a joined target.

extension Expansion {
  /// The names that a person may have in any set: the same id is the same person.
  func persons(_ subjects: [String]) -> [String] {
    let names = subjects.flatMap { subject in
      ["\(study.target)/\(subject)"] + (study.source.map { ["\($0)/\(person(subject))"] } ?? [])
    }
    return Set(names + importedNames(of: subjects)).sorted()
  }

  /// A subject's own id, without the name of the set that it has in a target of several sets.
  func person(_ subject: String) -> String {
    guard study.targetParts.count > 1, let slash = subject.firstIndex(of: "/") else { return subject }
    return String(subject[subject.index(after: slash)...])
  }

  /// Ids that two sets of one target share: another person in each, unless somebody says otherwise.
  mutating func noteSameIds() {
    guard study.targetParts.count > 1 else { return }
    let people = Dictionary(grouping: subjects, by: person).filter { $0.value.count > 1 }.keys.sorted()
    guard !people.isEmpty else { return }
    notes.append(
      "\(people.count) ids stand in several sets of the target and are taken for different people: "
        + people.prefix(8).joined(separator: " ") + (people.count > 8 ? " …" : ""))
  }

  /// Who is taken for the same person in both sets, and ids that look alike but are not taken so.
  static func identityNotes(target: [String], source: [String]) -> [String] {
    let shared = target.filter(source.contains)
    var notes = [
      "\(shared.count) of \(target.count) target subjects have the same id in the source set and are taken for the same"
        + " persons"
    ]
    let alike = target.filter { subject in
      !source.contains(subject) && source.contains { plain($0) == plain(subject) }
    }
    if !alike.isEmpty {
      notes.append(
        "ids that differ from one in the source set in writing only are taken for other persons: "
          + alike.joined(separator: " "))
    }
    return notes
  }

  /// An id without case and leading zeros.
  private static func plain(_ id: String) -> String {
    var text = ""
    for character in id.lowercased() where !(character == "0" && !(text.last?.isNumber ?? false)) {
      text.append(character)
    }
    return text
  }
}
