// A whole description, read once into values. What the parts mean stands with them.

import Canonical
import Kernels
import SpectralGraph

/// A stage as values.
enum StageRecipe {
  case pretrain(PretrainRecipe)
  case extract(ExtractRecipe)
  case fit(FitRecipe)
  case baseline(BaselineRecipe)

  private enum Kind: String, CaseIterable { case pretrain, extract, fit, baseline }
  private static let common = ["kind", "version", "numeric_class", "seed"]

  /// Reads a description strictly.
  init(_ description: JSON) throws(StageError) {
    guard let members = description.object else { throw .description("a stage must be an object") }
    guard members["kind"] != nil else { throw .description("the key \"kind\" is missing in stage") }
    let fields = Fields(path: "stage", members: members)
    switch try fields.choice("kind", Kind.self) {
    case .pretrain: self = .pretrain(try PretrainRecipe(description, common: Self.common))
    case .extract: self = .extract(try ExtractRecipe(description, common: Self.common))
    case .fit: self = .fit(try FitRecipe(description, common: Self.common))
    case .baseline: self = .baseline(try BaselineRecipe(description, common: Self.common))
    }
    guard try fields.integer("version", in: 0...Int.max) == 1 else {
      throw .description("stage.version is not 1, the only one that this program computes")
    }
    _ = try fields.integer("seed", in: 0...Int.max)
    let wanted = try fields.text("numeric_class")
    guard wanted == NumericClass.selected.name else {
      throw .description(
        "the stage is of numeric class \(wanted) and this process computes in \(NumericClass.selected.name)")
    }
  }
}

extension Fields {
  /// Members that were checked already.
  init(path: String, members: [String: JSON]) {
    self.path = path
    self.members = members
  }
}

/// One SGCN on the source set; its classifier is thrown away later.
struct PretrainRecipe {
  let graph: GraphSpec
  let network: NetworkRecipe
  let rows: RowsRecipe
  let learning: LearningRecipe
  let clips: ClipsRecipe

  init(_ description: JSON, common: [String]) throws(StageError) {
    let fields = try Fields(
      description, path: "stage", keys: common + ["graph", "network", "rows", "clips"] + LearningRecipe.keys,
      optional: LearningRecipe.optionalKeys)
    graph = try GraphSpec(fields.members["graph"], path: fields.place("graph"))
    network = try NetworkRecipe(fields.members["network"], path: fields.place("network"))
    rows = try RowsRecipe(fields.members["rows"], path: fields.place("rows"))
    learning = try LearningRecipe(fields)
    clips = try ClipsRecipe(fields.members["clips"], path: fields.place("clips"))
  }
}

/// What a trained SGCN says of every row of one branch.
struct ExtractRecipe {
  /// Where the features leave the network.
  enum Output: String, CaseIterable { case convolution, dense }

  let graph: GraphSpec
  let network: NetworkRecipe
  let rows: RowsRecipe
  let clips: ClipsRecipe
  let branch: Branch
  let output: Output
  let checkpoint: Digest

  init(_ description: JSON, common: [String]) throws(StageError) {
    let keys = ["graph", "network", "rows", "clips", "branch", "output", "checkpoint"]
    let fields = try Fields(description, path: "stage", keys: common + keys)
    graph = try GraphSpec(fields.members["graph"], path: fields.place("graph"))
    network = try NetworkRecipe(fields.members["network"], path: fields.place("network"))
    let all = try RowsRecipe(fields.members["rows"], path: fields.place("rows"))
    clips = try ClipsRecipe(fields.members["clips"], path: fields.place("clips"))
    branch = try fields.choice("branch")
    output = try fields.choice("output")
    checkpoint = try fields.digest("checkpoint")
    guard all.branches.contains(branch) else {
      throw .description("stage.branch \(branch.rawValue) is not one of stage.rows.branches")
    }
    guard all.normalisation != .training else {
      throw .description(
        "stage.rows.normalisation \"training\" needs the training clips of one fold, and an extract serves all folds; "
          + "use \"image\" or \"unit\", or a transfer that reads images (finetune, scratch)")
    }
    rows = all.only(branch)
  }
}

/// The reference methods of one fold.
struct BaselineRecipe {
  /// A method that needs no network.
  enum Method: String, CaseIterable {
    case majority
    case nearestMeanPixels = "nearest_mean_pixels"
    case patternsSVM = "lbp_top_svm"
    case directionsSVM = "mdmo_svm"
    case ridgeRaw = "ridge_raw"
    case ridgeImage = "ridge_image"
    case ridgePixel = "ridge_pixel"
    case ridgeInner = "ridge_inner"
    case ridgeBalanced = "ridge_balanced"
  }

  let methods: [Method]
  let ridgeLambda: Double
  let train: ClipsRecipe
  let test: ClipsRecipe

  init(_ description: JSON, common: [String]) throws(StageError) {
    let keys = common + ["methods", "ridge_lambda", "train", "test"]
    let versioned = description["opencv"] != nil
    let fields = try Fields(description, path: "stage", keys: versioned ? keys + ["opencv"] : keys)
    methods = try fields.choices("methods")
    guard versioned == methods.contains(where: \.needsOpenCV) else {
      throw .description("stage.opencv must stand where lbp_top_svm or mdmo_svm is a method, and nowhere else")
    }
    if versioned, try fields.text("opencv") != OpenCV.version {
      throw .description(
        "the stage is for OpenCV \(try fields.text("opencv")) and this process has OpenCV \(OpenCV.version); "
          + "use workers with the OpenCV of the coordinator")
    }
    ridgeLambda = try fields.number("ridge_lambda", in: 1e-12...1e12)
    train = try ClipsRecipe(fields.members["train"], path: fields.place("train"))
    test = try ClipsRecipe(fields.members["test"], path: fields.place("test"))
    try FitRecipe.checkSplit(train: train, test: test)
  }
}

extension BaselineRecipe.Method {
  /// Whether OpenCV computes a part of it, so that its version belongs to the description.
  var needsOpenCV: Bool { self == .patternsSVM || self == .directionsSVM }
}
