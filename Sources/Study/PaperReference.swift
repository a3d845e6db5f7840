// What of the paper a study stands for: its tables, its figure, and which of the paper's two sets the target is.
//
// It changes what the report prints beside our figures and nothing that is computed, so it stands in no digest.

/// The two sets that the paper evaluates on.
public enum PaperSet: String, CaseIterable, Sendable {
  /// Micro-expressions of 36 participants: 226 clips of five classes.
  case mmew = "MMEW"
  /// Micro-expressions of 32 participants: 72 clips of five classes.
  case samm = "SAMM"
}

/// The keys `paper_table`, `paper_figure` and `paper_set`.
public struct PaperReference: Sendable, Equatable {
  /// Roman numbers of tables, "II" to "VII", in the order of the paper.
  public let tables: [String]
  /// Whether the study stands for Fig. 8, mean and variance of the flow.
  public let hasFlowFigure: Bool
  /// The set that the target stands for; nil where no table asks for one.
  public let set: PaperSet?

  /// Nothing of the paper.
  public static let nothing = PaperReference(tables: [])

  /// A reference to tables or to the figure.
  public init(tables: [String], hasFlowFigure: Bool = false, set: PaperSet? = nil) {
    self.tables = tables
    self.hasFlowFigure = hasFlowFigure
    self.set = set
  }

  private static let known = ["II", "III", "IV", "V", "VI", "VII"]

  /// Reads the keys, each of which may be absent.
  init(reading top: inout NodeReader) throws(StudyError) {
    let tables = try Self.tables(&top)
    hasFlowFigure = top.node("paper_figure") == nil ? false : try top.whole("paper_figure", in: 8...8) == 8
    var set = top.node("paper_set") == nil ? nil : try top.word("paper_set", or: PaperSet.mmew)
    for (table, own) in [("IV", PaperSet.mmew), ("V", PaperSet.samm)] where tables.contains(table) {
      guard set ?? own == own else {
        throw top.error("paper_set", "Table \(table) is of \(own.rawValue); leave this key out, or take another table")
      }
      set = own
    }
    if let table = tables.first, set == nil {
      let words = PaperSet.allCases.map(\.rawValue).joined(separator: " or ")
      throw top.missing("paper_set", "Table \(table) has two sets; say which one the target stands for: \(words)")
    }
    self.tables = tables
    self.set = set
  }

  private static func tables(_ top: inout NodeReader) throws(StudyError) -> [String] {
    var nodes: [StudyNode] = []
    switch top.node("paper_table") {
    case nil: return []
    case .sequence(let elements, _)?: nodes = elements
    case let node?: nodes = [node]
    }
    var tables: [String] = []
    for node in nodes {
      guard case .scalar(let table, _, _) = node, known.contains(table), !tables.contains(table) else {
        throw top.error(
          "paper_table", "a table with our figures in it, or a list of them: \(known.joined(separator: ", "))")
      }
      tables.append(table)
    }
    return known.filter(tables.contains)
  }
}
