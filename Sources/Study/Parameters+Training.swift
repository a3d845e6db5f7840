// The sections that train, `pretrain` and `fit`, from a study file to parameters, each key with its limits.

extension Parameters {
  /// Reads the sections `pretrain` and `fit`.
  static func read(training reader: inout NodeReader, into value: inout TrainingParameters) throws(StudyError) {
    value.rate = try reader.number("rate", or: value.rate, in: 1e-9...1)
    value.decay = try reader.number("decay", or: value.decay, in: 0...1)
    value.weightDecay = try reader.number("weight_decay", or: value.weightDecay, in: 0...100)
    value.epsilon = try reader.number("epsilon", or: value.epsilon, in: 1e-12...1e-2)
    value.batch = try reader.whole("batch", or: value.batch, in: 1...4096)
    value.epochs = try reader.whole("epochs", or: value.epochs, in: 1...100_000)
    value.steps = try reader.whole("steps", or: value.steps, in: 0...100_000_000)
    value.patience = try reader.whole("patience", or: value.patience, in: 0...100_000)
    value.smallestGain = try reader.number("smallest_gain", or: value.smallestGain, in: 0...10)
    value.shift = try reader.whole("shift", or: value.shift, in: 0...64)
    value.mixup = try reader.number("mixup", or: value.mixup, in: 0...10)
    if value.mixup > 0, value.mixup < 0.01 { throw reader.error("mixup", "0, or a number from 0.01 to 10") }
    var stopping = try reader.section("stopping")
    try read(stopping: &stopping, into: &value)
    var loss = try reader.section("loss")
    try read(loss: &loss, into: &value)
    try reader.finish()
  }

  private static func read(stopping reader: inout NodeReader, into value: inout TrainingParameters) throws(StudyError) {
    let signal = try reader.word("signal", or: value.validation == nil ? StoppingSignal.training : .validation)
    let share = try reader.number("share", or: value.validation ?? 0.2, in: 0.01...0.9)
    guard signal == .validation || reader.isAbsent("share") else {
      throw reader.error("share", "a share of subjects to look at belongs to signal: validation")
    }
    value.validation = signal == .validation ? share : nil
    try reader.finish()
  }

  private static func read(loss: inout NodeReader, into value: inout TrainingParameters) throws(StudyError) {
    value.loss.name = try loss.word("name", or: value.loss.name)
    try read(alphaOf: &loss, into: &value.loss)
    value.loss.gamma = try loss.number("gamma", or: value.loss.gamma, in: 0...20)
    value.loss.classWeights = try loss.word("class_weights", or: value.loss.classWeights)
    value.loss.labelSmoothing = try loss.number("label_smoothing", or: value.loss.labelSmoothing, in: 0...0.5)
    if value.loss.name == .focal, value.loss.gamma == 0 {
      throw loss.error("gamma", "the focal loss with gamma 0 is cross entropy; set gamma, or name: cross_entropy")
    }
    if value.loss.name == .crossEntropy, value.loss.gamma != 0 || value.loss.alpha != 1 || value.loss.alphas != nil {
      throw loss.error("name", "alpha and gamma belong to the focal loss; set name: focal")
    }
    try loss.finish()
  }

  /// α: a number, or one for each class as a list in the order of the labels or as a mapping by label.
  private static func read(alphaOf loss: inout NodeReader, into value: inout LossParameters) throws(StudyError) {
    let limits = 1e-6...1e3
    switch loss.node("alpha") {
    case .sequence(let nodes, _)?:
      var values: [Double] = []
      for node in nodes { values.append(try loss.number(node, "alpha", in: limits)) }
      value.alphas = .listed(values)
    case .mapping(let members, _)?:
      var values: [String: Double] = [:]
      for member in members {
        guard values[member.key] == nil else { throw loss.error("alpha", "\"\(member.key)\" stands here twice") }
        values[member.key] = try loss.number(member.value, "alpha.\(member.key)", in: limits)
      }
      value.alphas = .named(values)
    case .scalar?, nil:
      value.alpha = try loss.number("alpha", or: value.alpha, in: limits)
      return
    }
    value.alpha = 1
  }
}

/// What ends training early.
enum StoppingSignal: String, CaseIterable { case training, validation }

extension NodeReader {
  /// Whether a key does not stand here.
  mutating func isAbsent(_ key: String) -> Bool { node(key) == nil }

  /// A finite number of a node within limits.
  func number(_ node: StudyNode, _ key: String, in limits: ClosedRange<Double>) throws(StudyError) -> Double {
    guard case .scalar(let text, false, _) = node, let value = Double(text), limits.contains(value) else {
      let range = "a number from \(limits.lowerBound) to \(limits.upperBound)"
      throw StudyError(file: file, line: node.line, key: full(key), what: "\(range) was expected")
    }
    return value
  }
}
