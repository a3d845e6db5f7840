// From the sections of a study file to parameters, each key with its limits.

extension Parameters {
  /// Reads the sections of one configuration over its preset.
  init(reading top: inout NodeReader) throws(StudyError) {
    let preset: Preset = try top.word("preset", or: Preset.table1)
    var value = Parameters(preset: preset)
    if let nodes = try top.elements("graphs") {
      guard nodes.count <= 2 else { throw top.error("graphs", "one graph, or two for the dual network") }
      value.graphs = []
      for (place, node) in nodes.enumerated() {
        var reader = try NodeReader(node, file: top.file, path: top.full("graphs[\(place)]"))
        value.graphs.append(try Self.graph(&reader, seed: place + 1))
      }
    }
    var network = try top.section("network")
    try Self.read(network: &network, into: &value.network)
    var rows = try top.section("rows")
    try Self.read(rows: &rows, into: &value.rows)
    value.fusion = try top.word("fusion", or: value.fusion)
    value.transfer = try top.word("transfer", or: value.transfer)
    var pretrain = try top.section("pretrain")
    try Self.read(training: &pretrain, into: &value.pretrain)
    var fit = try top.section("fit")
    try Self.read(training: &fit, into: &value.fit)
    var head = try top.section("head")
    value.head.kind = try head.word("kind", or: value.head.kind)
    value.head.input = try head.truth("input", or: true)
    try head.finish()
    var average = try top.section("average")
    value.average.networks = try average.whole("networks", or: 1, in: 0...16)
    value.average.ridge = try average.truth("ridge", or: false)
    guard value.average.networks > 0 || value.average.ridge else {
      throw average.error("networks", "no network and no ridge is nothing; set ridge: true, or networks: 1")
    }
    try average.finish()
    value.dropDeadKeys()
    self = value
    try check(top)
  }

  /// Sets what cannot change an answer to one value, so that it cannot change a digest, and with it a seed, either.
  private mutating func dropDeadKeys() {
    if rows.branches == [.spatial] {
      rows.channels = .magnitude
      rows.returnRow = false
    }
    if rows.branches.count == 1 { rows = rows.only(rows.branches[0]) }
    if pretrain.patience == 0 { pretrain.smallestGain = 0 }
    if fit.patience == 0 { fit.smallestGain = 0 }
    if head.kind == .trained { head.input = false }
  }

  /// What no single key can see.
  private func check(_ top: NodeReader) throws(StudyError) {
    if graphs.count == 2, graphs[0] == graphs[1] {
      throw top.error("graphs", "two equal graphs are one network twice; give the second another seed")
    }
    if rows.branches.contains(.spatial), rows.branches.contains(.temporal), rows.channels == .features {
      throw top.error(
        "rows", "channels: features needs branches: [temporal]; use magnitude or rows beside spatial rows")
    }
    if rows.mirror, transfer == .features || transfer == .frozen {
      throw top.error(
        "rows", "mirror: true needs transfer: finetune or scratch, since extracted features are not mirrored")
    }
    if fit.shift > 0, transfer == .features || transfer == .frozen {
      throw top.error("fit", "shift moves images, so it needs transfer: finetune or scratch; use mixup beside features")
    }
    if rows.normalisation == .training, transfer == .features || transfer == .frozen {
      throw top.error(
        "rows", "normalisation: training needs transfer: finetune or scratch, since extraction sees all clips")
    }
    if rows.mirror, fusion == .features {
      throw top.error("rows", "mirror: true needs fusion: rows")
    }
    if transfer == .features, network.dense == nil {
      throw top.error("transfer", "features are the output of the dense layer; set network.dense, or transfer: frozen")
    }
    if head.kind == .ridge, head.input, fusion == .features {
      throw top.error("head", "input: true needs one image for each row; use fusion: rows, or input: false")
    }
    if fusion == .features, transfer == .frozen, graphs.count * rows.branches.count > 2 {
      throw top.error(
        "fusion", "features with transfer: frozen train at most two dense layers; use one graph, one branch, or rows")
    }
    if fusion == .features, transfer == .finetune || transfer == .scratch {
      throw top.error("fusion", "features side by side need transfer: features or frozen; use fusion: rows")
    }
  }

  private static func graph(_ reader: inout NodeReader, seed: Int) throws(StudyError) -> GraphParameters {
    let graph = GraphParameters(
      nearest: try reader.whole("nearest", in: 0...64),
      stochastic: try reader.whole("stochastic", in: 0...64),
      thresholdSquared: try reader.whole("threshold_squared", or: 20, in: 1...400),
      sigma: try reader.word("sigma", or: SigmaReading.selected),
      largestEigenvalue: try reader.word("lambda_max", or: LargestEigenvalue.computed),
      seed: try reader.whole("seed", or: seed, in: 0...Int(Int32.max)))
    try reader.finish()
    let candidates = candidateCount(within: graph.thresholdSquared)
    guard graph.nearest + graph.stochastic > 0 else { throw reader.error("nearest", "a graph needs neighbours") }
    guard graph.nearest + graph.stochastic <= candidates else {
      throw reader.error(
        "stochastic",
        "\(graph.nearest) + \(graph.stochastic) neighbours, but only \(candidates) pixels lie within threshold_squared")
    }
    return graph
  }

  /// How many pixels lie within a squared distance of one far from any border.
  static func candidateCount(within thresholdSquared: Int) -> Int {
    let reach = (0...20).last { $0 * $0 <= thresholdSquared } ?? 0
    var count = -1
    for y in -reach...reach {
      for x in -reach...reach where y * y + x * x <= thresholdSquared { count += 1 }
    }
    return count
  }

  private static func read(network reader: inout NodeReader, into value: inout NetworkParameters) throws(StudyError) {
    let pooling = try reader.word("pooling", or: PoolingWords.steps)
    if let nodes = try reader.elements("layers") {
      guard nodes.count <= 16 else { throw reader.error("layers", "at most 16 layers") }
      value.layers = []
      for (place, node) in nodes.enumerated() {
        var layer = try NodeReader(node, file: reader.file, path: reader.full("layers[\(place)]"))
        value.layers.append(
          LayerParameters(
            order: try layer.whole("order", in: 1...64), filters: try layer.whole("filters", in: 1...1024),
            coarsenings: try layer.whole("coarsenings", or: pooling == .steps ? 0 : 1, in: pooling.limits)))
        guard let steps = pooling.steps(value.layers[place].coarsenings) else {
          throw layer.error("coarsenings", "with pooling: sizes a power of two was expected: 1, 2, 4, 8, 16, 32 or 64")
        }
        value.layers[place].coarsenings = steps
        try layer.finish()
      }
    } else {
      for place in value.layers.indices {
        value.layers[place].coarsenings = pooling.steps(value.layers[place].coarsenings) ?? 0
      }
    }
    value.dense = try reader.widthOrNone("dense", or: value.dense)
    value.headDense = try reader.widthOrNone("head_dense", or: value.headDense)
    value.dropout = try reader.number("dropout", or: value.dropout, in: 0...0.95)
    try reader.finish()
  }

  private static func read(framesOf reader: inout NodeReader, into value: inout RowParameters) throws(StudyError) {
    guard let node = reader.node("frames") else { return }
    switch node {
    case .scalar("apex", _, _): value.frames = 1
    case .mapping:
      var limits = try NodeReader(node, file: reader.file, path: reader.full("frames"))
      value.frames = try limits.whole("spatial", in: 0...1000)
      value.temporalFrames = try limits.whole("temporal", in: 0...1000)
      try limits.finish()
      if value.temporalFrames == value.frames { value.temporalFrames = nil }
    case .scalar, .sequence: value.frames = try reader.whole("frames", in: 0...1000)
    }
    value.framesAreWritten = true
  }

  private static func read(rows reader: inout NodeReader, into value: inout RowParameters) throws(StudyError) {
    value.branches = try reader.words("branches", or: value.branches)
    value.branches.sort { $0.rawValue < $1.rawValue }
    value.channels = try reader.word("channels", or: value.channels)
    try read(framesOf: &reader, into: &value)
    value.returnRow = try reader.truth("return_row", or: value.returnRow)
    value.normalisation = try reader.word("normalisation", or: value.normalisation)
    value.mirror = try reader.truth("mirror", or: value.mirror)
    try reader.finish()
  }
}
