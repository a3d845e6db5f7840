// From a clip on disk to what is stored of it: decoded, resized, frames chosen, flow computed. Pure: the same files and
// options give the same bytes, whatever other clips are computed at the same time.

/// A clip's description and pixels.
struct LoadedClip: Sendable {
  let content: ClipContent
  let frames: [UInt8]
  let flows: [Float]

  /// Reads and computes a clip.
  init(_ source: ClipSource, side: Int, options: PrepareOptions) throws(ImportError) {
    switch source.material {
    case .still(let file):
      self.init(source, still: try ImageFile(path: file.path).grey(), number: file.number, side: side)
    case .moving(let files, let apex):
      let frames = try Self.decode(files, side: FlowField.workingSide(for: side))
      self.init(source, numbers: files.map(\.number), frames: frames, apex: apex, side: side, options: options)
    case .video(let video, let numbers):
      let onset = numbers.onset ?? 1
      let frames = try video.frames(onset: onset, offset: numbers.offset, side: FlowField.workingSide(for: side))
      let apex = numbers.apex.map { $0 - onset }
      if let apex, !frames.indices.contains(apex) { throw PreparedSet.apexOutside(numbers, video.path) }
      guard frames.count > 1 else {
        self.init(source, still: frames[0], number: onset, side: side)
        return
      }
      self.init(
        source, numbers: frames.indices.map { onset + $0 }, frames: frames, apex: apex == 0 ? nil : apex, side: side,
        options: options)
    case .flowImages(let first, let second, let row):
      let isOwnSide = options.side == nil
      let forth = try Self.flow(first, row: row, side: side, isOwnSide: isOwnSide)
      let back = try Self.flow(second, row: row, side: side, isOwnSide: isOwnSide)
      self.init(source, forth: forth, back: back)
    }
  }

  private init(_ source: ClipSource, still: Plane, number: Int, side: Int) {
    content = ClipContent(
      subject: source.subject, label: source.label, name: source.name, frames: [FrameInfo(number: number, role: .apex)],
      flows: [], apexFound: false, still: true)
    frames = still.resized(width: side, height: side).bytes
    flows = []
  }

  private init(_ source: ClipSource, forth: FlowField, back: FlowField) {
    content = ClipContent(
      subject: source.subject, label: source.label, name: source.name, frames: [],
      flows: [FlowInfo(from: 0, to: 1, isReturn: false), FlowInfo(from: 1, to: 2, isReturn: true)], apexFound: false,
      still: false)
    frames = []
    flows = forth.planes + back.negated.planes
  }

  /// A clip of frames of the working side; `numbers` has the number of each, `apex` its place, or nil: to be found.
  private init(
    _ source: ClipSource, numbers: [Int], frames: [Plane], apex: Int?, side: Int, options: PrepareOptions
  ) {
    let choice = FrameChoice(frames: frames, apex: apex, limit: options.frames)
    let last = frames.count - 1
    var infos: [FlowInfo] = []
    var flows: [Float] = []
    for (from, to) in options.flow.pairs(of: choice) {
      let flow =
        from == 0 ? choice.onsetFlow(to: to, frames: frames) : FlowField(from: frames[from], to: frames[to])
      flows += flow.reduced(to: side).planes
      infos.append(FlowInfo(from: numbers[from], to: numbers[to], isReturn: false))
    }
    if choice.apex != last {
      flows += FlowField(from: frames[choice.apex], to: frames[last]).reduced(to: side).negated.planes
      infos.append(FlowInfo(from: numbers[choice.apex], to: numbers[last], isReturn: true))
    }
    let stored = choice.places.map { place in
      let role: FrameRole =
        place == choice.apex ? .apex : place == 0 ? .onset : place == last ? .offset : .between
      return FrameInfo(number: numbers[place], role: role)
    }
    content = ClipContent(
      subject: source.subject, label: source.label, name: source.name, frames: stored, flows: infos,
      apexFound: apex == nil, still: false)
    self.frames = choice.places.flatMap { frames[$0].resized(width: side, height: side).bytes }
    self.flows = flows
  }
}

// MARK: - Files

extension LoadedClip {
  private static func decode(_ files: [FrameFile], side: Int) throws(ImportError) -> [Plane] {
    var frames: [Plane] = []
    var size: (width: Int, height: Int)?
    for file in files {
      let image = try ImageFile(path: file.path)
      let wanted = size ?? (image.width, image.height)
      guard wanted == (image.width, image.height) else {
        throw .input(
          path: file.path, row: nil,
          what: "\(image.width) x \(image.height) pixels where the clip's first frame has "
            + "\(wanted.width) x \(wanted.height)", remedy: "make all frames of a clip one size")
      }
      size = wanted
      frames.append(try image.grey().resized(width: side, height: side))
    }
    return frames
  }

  private static func flow(_ path: String, row: Int, side: Int, isOwnSide: Bool) throws(ImportError) -> FlowField {
    do throws(ImportError) {
      let image = try ImageFile(path: path)
      guard image.width == image.height, !isOwnSide || image.width == side else {
        throw ImportError.input(
          path: path, row: nil,
          what: "\(image.width) x \(image.height) pixels where the first image has \(side) x \(side)",
          remedy: "make all images square and of one size, or give --side")
      }
      let planes = try image.colours().flatMap { $0.resized(width: side, height: side).pixels }
      return FlowField(side: side, planes: planes)
    } catch {
      guard case .input(let path, nil, let what, let remedy) = error else { throw error }
      throw .input(path: "\(path) (row \(row) of annotation.csv)", row: nil, what: what, remedy: remedy)
    }
  }
}
