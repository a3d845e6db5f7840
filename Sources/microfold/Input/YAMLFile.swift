// Study files: libyaml's events to a tree of nodes with line numbers. YAML ends here.
//
// Limits: one document, 1 MiB, 32 levels; no anchors, aliases, tags or merge keys, so a file means what it shows.

import CYAML
import Foundation
import Study

/// Reads a YAML file into a `StudyNode`.
enum YAMLFile {
  private static let byteLimit = 1 << 20
  private static let depthLimit = 32

  /// The tree of a file.
  /// - Throws: `StudyError` with the file and the line.
  static func read(_ path: String) throws -> StudyNode {
    guard let contents = FileManager.default.contents(atPath: path) else {
      throw StudyError(file: path, what: "cannot be read; give the path of a study file")
    }
    guard contents.count <= byteLimit else {
      throw StudyError(file: path, what: "\(contents.count) bytes; a study has at most \(byteLimit)")
    }
    return try parse(Array(contents), file: path)
  }

  /// The tree of a text.
  static func parse(_ text: [UInt8], file: String) throws -> StudyNode {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw StudyError(file: file, what: "no memory for a YAML parser")
    }
    defer { yaml_parser_delete(&parser) }
    return try text.withUnsafeBufferPointer { bytes in
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      return try document(&parser, file: file)
    }
  }

  private static func document(_ parser: inout yaml_parser_t, file: String) throws -> StudyNode {
    _ = try next(&parser, file: file)
    guard case .documentStart = try next(&parser, file: file).kind else {
      throw StudyError(file: file, line: 1, what: "the file is empty; a mapping of keys was expected")
    }
    let root = try node(try next(&parser, file: file), &parser, file: file, depth: 0)
    _ = try next(&parser, file: file)
    guard case .streamEnd = try next(&parser, file: file).kind else {
      throw StudyError(file: file, what: "more than one document; a study is one")
    }
    return root
  }

  private static func node(_ event: Event, _ parser: inout yaml_parser_t, file: String, depth: Int) throws -> StudyNode
  {
    guard depth < depthLimit else {
      throw StudyError(file: file, line: event.line, what: "nested deeper than \(depthLimit)")
    }
    switch event.kind {
    case .scalar(let text, let quoted): return .scalar(text, quoted: quoted, line: event.line)
    case .sequenceStart:
      var elements: [StudyNode] = []
      while true {
        let inner = try next(&parser, file: file)
        if case .sequenceEnd = inner.kind { return .sequence(elements, line: event.line) }
        elements.append(try node(inner, &parser, file: file, depth: depth + 1))
      }
    case .mappingStart: return try mapping(event, &parser, file: file, depth: depth)
    default: throw StudyError(file: file, line: event.line, what: "a value was expected; aliases are not allowed")
    }
  }

  private static func mapping(
    _ event: Event, _ parser: inout yaml_parser_t, file: String, depth: Int
  ) throws -> StudyNode {
    var members: [StudyMember] = []
    while true {
      let key = try next(&parser, file: file)
      if case .mappingEnd = key.kind { return .mapping(members, line: event.line) }
      guard case .scalar(let name, _) = key.kind else {
        throw StudyError(file: file, line: key.line, what: "a key must be a plain word")
      }
      let value = try node(try next(&parser, file: file), &parser, file: file, depth: depth + 1)
      members.append(StudyMember(key: name, line: key.line, value: value))
    }
  }
}

// MARK: - Events

extension YAMLFile {
  private enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd, other
    case scalar(String, quoted: Bool)
  }

  private struct Event {
    let kind: Kind
    let line: Int
  }

  private static func next(_ parser: inout yaml_parser_t, file: String) throws -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else {
      let what = parser.problem.map { String(cString: $0) } ?? "not YAML"
      throw StudyError(file: file, line: Int(parser.problem_mark.line) + 1, what: "broken YAML: \(what)")
    }
    defer { yaml_event_delete(&event) }
    let line = Int(event.start_mark.line) + 1
    return Event(kind: try kind(of: event, file: file, line: line), line: line)
  }

  private static func kind(of event: yaml_event_t, file: String, line: Int) throws -> Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT: return .mappingStart
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw StudyError(file: file, line: line, what: "text that is not UTF-8")
      }
      return .scalar(text, quoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
    default: return .other
    }
  }
}
