// What a report is made from: plain facts, gathered by whoever holds the ledger and the plan.
//
// Nothing in here is computed. Everything but `run` enters files that must be the same bytes for the same results, so
// it holds no time, host or path; `run` enters run.json and the page only.

import Canonical
import Study

/// All facts of one report.
public struct ReportInput: Sendable {
  /// The study's name, as the user wrote it.
  public var studyName: String
  /// The digest of the parsed study.
  public var studyDigest: Digest
  /// How the clips were split and what was allowed.
  public var `protocol`: ProtocolFacts
  /// The labels, in the order of every score vector, matrix and table.
  public var labels: [String]
  /// The prepared sets: target first, then the sources.
  public var sets: [SetFacts]
  /// The points of the grid, in the study's order; rows name them by their place here.
  public var configurations: [ConfigurationFacts]
  /// The folds in the plan's order; rows name them by their place here.
  public var folds: [FoldFacts]
  /// Predictions of held-out clips, in any order.
  public var rows: [PredictionRow]
  /// What could not be computed.
  public var failed: [FailedCell]
  /// Simple methods on the same folds, in the order to be printed.
  public var baselines: [BaselineFacts]
  /// Under nested selection, what every fold chose from; else none.
  public var candidates: [ConfigurationFacts] = []
  /// Under nested selection, what each fold chose with each seed; else none.
  public var choices: [FoldChoice]
  /// What was dropped before all folds were computed; nil where nothing races.
  public var race: RaceFacts?
  /// How much work the plan shares.
  public var stages: StageCounts
  /// Sentences that a reader must know, such as "apex found by largest flow in 12 clips".
  public var notes: [String]
  /// What of the paper the study stands for.
  public var paper = PaperReference.nothing
  /// Statistics of the target's flow, all labels first; none where the study does not ask for them.
  public var flow: [FlowFacts] = []
  /// Their picture as a PNG, for the page alone.
  public var flowPicture: [UInt8] = []
  /// How it was computed; never in report.json, report.md or the CSV files.
  public var run: RunFacts

  /// Gathers the facts.
  public init(
    studyName: String, studyDigest: Digest, protocol: ProtocolFacts, labels: [String], sets: [SetFacts],
    configurations: [ConfigurationFacts], folds: [FoldFacts], rows: [PredictionRow], failed: [FailedCell] = [],
    baselines: [BaselineFacts] = [], choices: [FoldChoice] = [], stages: StageCounts, notes: [String] = [],
    run: RunFacts
  ) {
    self.studyName = studyName
    self.studyDigest = studyDigest
    self.protocol = `protocol`
    self.labels = labels
    self.sets = sets
    self.configurations = configurations
    self.folds = folds
    self.rows = rows
    self.failed = failed
    self.baselines = baselines
    self.choices = choices
    self.stages = stages
    self.notes = notes
    self.run = run
  }
}

/// How clips were split, and what a reader must know to judge the figures.
public struct ProtocolFacts: Sendable {
  /// The split, as the study names it: "loso", "k-fold", ….
  public var kind: String
  /// "strict", or "paper" where pretraining saw held-out subjects.
  public var leakage: String
  /// How a configuration was chosen: "none", "nested", "test" or "race".
  public var selection: String
  /// Whether clips are held out whose subjects' other clips train.
  public var isByClip = false

  /// A protocol by its three words.
  public init(kind: String, leakage: String, selection: String) {
    self.kind = kind
    self.leakage = leakage
    self.selection = selection
  }
}

/// One prepared set, as the report describes it.
public struct SetFacts: Sendable {
  /// "target" or "source".
  public var role: String
  /// The study's name for the set.
  public var name: String
  /// The digest of the prepared set.
  public var digest: Digest
  /// The layout it was prepared from.
  public var layout: String
  /// The side of its square images, in pixels.
  public var side: Int
  /// How many subjects it holds.
  public var subjects: Int
  /// How many clips of each label it holds, in the order to be printed.
  public var clipsPerLabel: [(label: String, clips: Int)]

  /// One set's facts.
  public init(
    role: String, name: String, digest: Digest, layout: String, side: Int, subjects: Int,
    clipsPerLabel: [(label: String, clips: Int)]
  ) {
    self.role = role
    self.name = name
    self.digest = digest
    self.layout = layout
    self.side = side
    self.subjects = subjects
    self.clipsPerLabel = clipsPerLabel
  }
}

/// One point of the grid.
public struct ConfigurationFacts: Sendable {
  /// Its name, unique in the study.
  public var name: String
  /// The parameters in which it may differ from others, as a JSON object.
  public var parameters: JSON
  /// The seeds it was computed with, in the study's order.
  public var seeds: [Int]
  /// Where it stands in the paper's tables, beside which it is printed; none where it stands nowhere.
  public var paperCells: [PaperCell] = []
  /// How well its networks know the clips that they were trained on.
  public var rates = TrainingRates()

  /// A configuration by its name, parameters and seeds.
  public init(name: String, parameters: JSON, seeds: [Int]) {
    self.name = name
    self.parameters = parameters
    self.seeds = seeds
  }
}

/// Shares of right answers on the clips trained on, means over seeds, folds and networks: memory, not skill.
public struct TrainingRates: Sendable {
  /// Of the source networks on the source clips; nil where there is none, or no result of one.
  public var pretraining: Double?
  /// Of the fits on the target clips that they trained on; nil where there is no result of one.
  public var fitting: Double?

  /// The two rates.
  public init(pretraining: Double? = nil, fitting: Double? = nil) {
    self.pretraining = pretraining
    self.fitting = fitting
  }
}

/// Which figure of a configuration a cell of the paper holds.
public enum PaperRate: Sendable {
  /// The accuracy on held-out clips.
  case testing
  /// `TrainingRates.pretraining`.
  case pretraining
  /// `TrainingRates.fitting`.
  case fitting
}

/// A place in one of the paper's tables, by the names of `PaperTable.rows` and `PaperTable.columns`.
public struct PaperCell: Hashable, Sendable {
  /// The table's Roman number.
  public var table: String
  /// The row's name, such as "8+2 and 4+0" or "α 1.5".
  public var row: String
  /// The column's name, such as "MMEW" or "γ 0.2".
  public var column: String
  /// Which figure stands there.
  public var rate: PaperRate

  /// A place by its names.
  public init(_ table: String, _ row: String, _ column: String, _ rate: PaperRate = .testing) {
    self.table = table
    self.row = row
    self.column = column
    self.rate = rate
  }
}

/// One fold: the subjects held out, and how many of their clips are scored.
public struct FoldFacts: Sendable {
  /// Its name, unique in the plan.
  public var name: String
  /// The held-out subjects.
  public var subjects: [String]
  /// How many clips are held out; a cell with fewer rows is incomplete.
  public var clips: Int

  /// A fold by its name, held-out subjects and number of held-out clips.
  public init(name: String, subjects: [String], clips: Int) {
    self.name = name
    self.subjects = subjects
    self.clips = clips
  }
}

/// One predicted clip.
public struct PredictionRow: Sendable {
  /// The place in `ReportInput.configurations`; 0 in a baseline's rows.
  public var configuration: Int
  /// The seed; 0 in a baseline's rows.
  public var seed: Int
  /// The place in `ReportInput.folds`.
  public var fold: Int
  /// The subject of the clip.
  public var subject: String
  /// The clip's name, unique within its subject.
  public var clip: String
  /// The true label.
  public var label: String
  /// The predicted label.
  public var predicted: String
  /// One score per label (log-probabilities, or a baseline's own), in the order of `ReportInput.labels`.
  public var scores: [Double]

  /// One predicted clip.
  public init(
    configuration: Int = 0, seed: Int = 0, fold: Int, subject: String, clip: String, label: String, predicted: String,
    scores: [Double]
  ) {
    self.configuration = configuration
    self.seed = seed
    self.fold = fold
    self.subject = subject
    self.clip = clip
    self.label = label
    self.predicted = predicted
    self.scores = scores
  }
}

/// One cell of the grid without a result.
public struct FailedCell: Sendable {
  /// The place in `ReportInput.configurations`; nil where the fold's baselines failed.
  public var configuration: Int?
  /// The seed; nil where the fold's baselines failed.
  public var seed: Int?
  /// The place in `ReportInput.folds`.
  public var fold: Int
  /// The stage that failed (the cell's own, or one that it needs).
  public var stage: Digest
  /// Why, in one line without time, host or path.
  public var reason: String

  /// A cell and why it has no result.
  public init(configuration: Int?, seed: Int?, fold: Int, stage: Digest, reason: String) {
    self.configuration = configuration
    self.seed = seed
    self.fold = fold
    self.stage = stage
    self.reason = reason
  }
}

/// What one fold chose on inner folds of its own training subjects.
public struct FoldChoice: Sendable {
  /// The seed.
  public var seed: Int
  /// The place in `ReportInput.folds`.
  public var fold: Int
  /// The name of the chosen configuration.
  public var configuration: String
  /// Its UF1 on the inner folds.
  public var uf1: Double
  /// Its UAR on the inner folds.
  public var uar: Double

  /// A choice.
  public init(seed: Int, fold: Int, configuration: String, uf1: Double, uar: Double) {
    self.seed = seed
    self.fold = fold
    self.configuration = configuration
    self.uf1 = uf1
    self.uar = uar
  }
}

/// One simple method on the same folds.
public struct BaselineFacts: Sendable {
  /// The method's name, such as "ridge_image".
  public var name: String
  /// Its predictions; `configuration` and `seed` are 0.
  public var rows: [PredictionRow]

  /// A method and its predictions.
  public init(name: String, rows: [PredictionRow]) {
    self.name = name
    self.rows = rows
  }
}

/// How many distinct stages the plan has, and how many a script without sharing would run.
public struct StageCounts: Sendable {
  /// Distinct stages of the plan.
  public var plan: Int
  /// Stages if every cell did all of its own work.
  public var naive: Int
  /// Distinct stages of each kind, in the order to be printed; empty where not known.
  public var kinds: [(kind: String, plan: Int, naive: Int)]

  /// The counts, with those of each kind where they are known.
  public init(plan: Int, naive: Int, kinds: [(kind: String, plan: Int, naive: Int)] = []) {
    self.plan = plan
    self.naive = naive
    self.kinds = kinds
  }
}
