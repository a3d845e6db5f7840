// The paper's Tables II to VII as printed, in percent, so that a study that stands for one shows both side by side.
//
// Source: H. Tang, L. Chai, W. Lu, "Transferring Dual Stochastic Graph Convolutional Network for Facial
// Micro-expression Recognition". Numbers in brackets are the paper's own references. Misprints are kept and named in
// the notes.

/// One table of the paper, in percent.
public struct PaperTable: Sendable {
  /// Its Roman number, "II" to "VII".
  public let number: String
  /// What it shows.
  public let caption: String
  /// The names of its columns of figures.
  public let columns: [String]
  /// How many decimals the paper prints.
  public let decimals: Int
  /// The rows as printed: a name and one figure per column.
  public let rows: [(name: String, values: [Double])]
  /// What a reader must know about these figures.
  public let notes: [String]
}

/// The tables of the paper.
public enum PaperTables {
  /// All of them, in order.
  public static let all = [tableII, tableIII, tableIV, tableV, tableVI, tableVII]

  /// The table with a Roman number, or nil.
  public static func table(_ number: String) -> PaperTable? { all.first { $0.number == number } }

  /// What holds for every table: the paper's figures come from another split than ours.
  public static let splitNote =
    "The paper's split differs from ours and is not stated. Its own figures fit fractions of 44 clips (MMEW) and 16 "
    + "clips (SAMM), or of ten times as many, so they look like one hold-out part, not like leaving one subject out. "
    + "In brackets stand 95 % intervals: of the paper's figures as shares of so many clips (Wilson 1927), of ours by "
    + "drawing subjects again."
}

extension PaperTables {
  /// Table II: recognition rates of published methods on MMEW and SAMM.
  static let tableII = PaperTable(
    number: "II", caption: "recognition rates of published methods on MMEW and SAMM",
    columns: ["MMEW", "SAMM"], decimals: 1,
    rows: [
      ("FDM [50]", [34.6, 34.1]),
      ("ResNet10 [17]", [36.6, 39.3]),
      ("Handcrafted features + deep learning [19]", [36.6, 47.1]),
      ("LBP+TOP [53]", [38.9, 37.0]),
      ("Selective deep features [38]", [39.0, 42.9]),
      ("ELRCN [23]", [41.5, 46.2]),
      ("DCP-TOP [2]", [42.5, 36.8]),
      ("ESCSTF [24]", [42.7, 46.9]),
      ("LHWP-TOP [2]", [43.2, 41.7]),
      ("LBP-MOP [45]", [43.9, 35.3]),
      ("LBP-SIP [46]", [43.9, 37.4]),
      ("DiSTLBP-RIP [20]", [44.0, 46.2]),
      ("RHWP-TOP [2]", [45.9, 38.1]),
      ("STLBP-IP [21]", [46.6, 42.9]),
      ("ApexME [29]", [48.8, 50.0]),
      ("Transfer Learning [40]", [52.4, 55.9]),
      ("Multi-task mid-level feature learning [16]", [54.2, 55.0]),
      ("KGSL [54]", [56.9, 48.6]),
      ("Sparse MDMO [31]", [60.0, 52.9]),
      ("MDMO [32]", [65.7, 50.0]),
      ("DTSCNN [39]", [65.9, 69.2]),
      ("TLCNN [42]", [69.4, 73.5]),
      ("Ours", [72.7, 75.0]),
    ],
    notes: [
      "The figures of other methods come from one survey and have no common number of clips."
    ])

  /// The row of Table III that is the paper's own, of one of its sets.
  static func sources(of set: String) -> String { set == "SAMM" ? "CK+ → SAMM" : "MMEW (macro) → MMEW (micro)" }

  /// Table III: data sources and recognition rates of pretraining, fine-tuning and testing.
  static let tableIII = PaperTable(
    number: "III", caption: "data sources and recognition rates of pretraining, fine-tuning and testing",
    columns: ["pretraining", "fine-tuning", "testing"], decimals: 1,
    rows: [
      ("MMEW (macro) → MMEW (micro), [3]", [92.0, 96.6, 69.4]),
      (sources(of: "MMEW"), [98.7, 99.3, 72.7]),
      ("CK+ → SAMM, [3]", [99.0, 99.7, 73.5]),
      (sources(of: "SAMM"), [99.7, 97.5, 75.0]),
    ],
    notes: [
      "Rates of pretraining and fine-tuning are those on the clips trained on."
    ])
}
