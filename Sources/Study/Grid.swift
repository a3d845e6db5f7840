// The grid of a study: dotted keys with lists of values, multiplied out over the study's own tree.
//
// A value replaces the node behind its key before anything is read, so any parameter can be swept and is checked
// exactly as if it had been written in the file.

import Canonical

/// The axes of a study's grid, in the order of the file; a list of grids is the points of one after the other.
struct Grid {
  /// One axis: a dotted key and its values.
  private struct Axis {
    let key: String
    let values: [StudyNode]
  }

  /// The axes of one grid of a list, and the name that its points share; nil where it has none.
  private struct Axes {
    var name: String?
    var axes: [Axis] = []
  }

  /// The sections that hold parameters.
  static let swept = [
    "preset", "graphs", "network", "rows", "fusion", "transfer", "pretrain", "fit", "head", "average",
  ]
  private static let configurationLimit = 10_000
  /// The axes of each grid.
  private var grids: [Axes] = []

  /// Reads the section `grid`.
  init(reading top: inout NodeReader) throws(StudyError) {
    guard let node = top.node("grid") else {
      grids = [Axes()]
      return
    }
    if case .sequence(let nodes, _) = node {
      for (place, one) in nodes.enumerated() {
        grids.append(try Self.axes(one, path: "grid[\(place)]", top, isNamed: true))
      }
    } else {
      grids = [try Self.axes(node, path: "grid", top)]
    }
    let count = grids.reduce(0) {
      $0 + $1.axes.reduce(1) { product, axis in min(product * axis.values.count, 1_000_000) }
    }
    guard count <= Self.configurationLimit else {
      throw top.error("grid", "more than \(Self.configurationLimit) configurations")
    }
  }

  private static func axes(
    _ node: StudyNode, path: String, _ top: NodeReader, isNamed: Bool = false
  ) throws(StudyError) -> Axes {
    guard case .mapping(let members, _) = node else {
      throw top.error("grid", "a mapping of keys to lists was expected, or a list of such mappings")
    }
    var name: String?
    var axes: [Axis] = []
    for member in members {
      if isNamed, member.key == "name", case .scalar(let text, _, _) = member.value, !text.isEmpty {
        name = text
        continue
      }
      let key = "\(path).\(member.key)"
      guard case .sequence(let values, _) = member.value, !values.isEmpty else {
        throw StudyError(file: top.file, line: member.line, key: key, what: "a list of values was expected")
      }
      guard let first = member.key.split(separator: ".").first, swept.contains(String(first)) else {
        throw StudyError(
          file: top.file, line: member.line, key: key,
          what: "not a parameter; its first word must be one of: \(swept.joined(separator: ", "))")
      }
      guard !axes.contains(where: { $0.key == member.key }) else {
        throw StudyError(file: top.file, line: member.line, key: key, what: "the key stands here twice")
      }
      axes.append(Axis(key: member.key, values: values))
    }
    return Axes(name: name, axes: axes)
  }

  /// Every configuration, grid after grid, the last axis of each running fastest.
  func configurations(of root: StudyNode, file: String) throws(StudyError) -> [Configuration] {
    var configurations: [Configuration] = []
    for grid in grids {
      var points: [[StudyNode]] = [[]]
      for axis in grid.axes { points = points.flatMap { point in axis.values.map { point + [$0] } } }
      for point in points {
        var tree = root
        var names = grid.name.map { [$0] } ?? []
        for (axis, value) in zip(grid.axes, point) {
          tree = tree.replacing(axis.key.split(separator: ".").map(String.init), with: value)
          // What has one value tells no point of a named grid from another.
          if grid.name == nil || axis.values.count > 1 { names.append("\(axis.key)=\(value.label)") }
        }
        var reader = try NodeReader(tree, file: file, path: "")
        let values = try Parameters(reading: &reader)
        let name = names.isEmpty ? "default" : names.joined(separator: ", ")
        if let twin = configurations.first(where: { $0.name == name || $0.values.json == values.json }) {
          throw StudyError(
            file: file, line: root.line, key: "grid",
            what: "\(name) is the same configuration as another (\(twin.name))")
        }
        configurations.append(Configuration(name: name, values: values))
      }
    }
    return configurations
  }
}

extension StudyNode {
  /// This tree with another node behind a path; mappings that are missing on the way are made.
  fileprivate func replacing(_ path: [String], with node: StudyNode) -> StudyNode {
    guard let key = path.first else { return node }
    guard case .mapping(var members, let line) = self else {
      return StudyNode.mapping([], line: self.line).replacing(path, with: node)
    }
    let rest = Array(path.dropFirst())
    if let place = members.firstIndex(where: { $0.key == key }) {
      members[place].value = members[place].value.replacing(rest, with: node)
    } else {
      let empty = StudyNode.mapping([], line: node.line)
      members.append(StudyMember(key: key, line: node.line, value: empty.replacing(rest, with: node)))
    }
    return .mapping(members, line: line)
  }

  /// The node as a JSON value: whole numbers, numbers, truth values and texts as YAML's core schema sees them.
  var json: JSON {
    switch self {
    case .scalar(let text, let quoted, _):
      if quoted { return .string(text) }
      if let whole = Int(text) { return .integer(whole) }
      if let number = Double(text), number.isFinite { return .number(number) }
      return text == "true" ? true : text == "false" ? false : .string(text)
    case .sequence(let elements, _): return .array(elements.map(\.json))
    case .mapping(let members, _):
      return .object(Dictionary(members.map { ($0.key, $0.value.json) }) { first, _ in first })
    }
  }

  /// The node as a short text: `8+2` for a graph (with whatever else it sets, as `8+2 seed=2`), else its scalar or
  /// JSON.
  fileprivate var label: String {
    switch self {
    case .scalar(let text, _, _): return text
    case .sequence(let elements, _): return elements.map(\.label).joined(separator: " and ")
    case .mapping(let members, _):
      let value = json
      guard let nearest = value["nearest"]?.integer, let stochastic = value["stochastic"]?.integer else {
        return value.text
      }
      let rest = members.filter { $0.key != "nearest" && $0.key != "stochastic" }
      return (["\(nearest)+\(stochastic)"] + rest.map { "\($0.key)=\($0.value.label)" }).joined(separator: " ")
    }
  }
}
