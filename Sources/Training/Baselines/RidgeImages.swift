// What the ridges with inner folds look at: the flow of every clip where a set has flow, else its frames.
//
// Each image and channel is standardised by itself, as is its mirror, and both are rows. A ridge on a row and its
// mirror with one label is the ridge on their mean alone, since the two differ by what is orthogonal to every mean and
// has no target; and a clip's score, the mean over both, is the score of that mean. So one entry stands for both.

import Canonical
import Clips

/// Images of a set for ridges.
struct RidgeImages {
  enum Kind: String, CaseIterable {
    /// Onset → apex, and the return flow where it is stored: u, v, strain.
    case flow
    /// The apex frame minus the onset frame.
    case difference
    /// The apex frame; the first where a clip has no apex.
    case frame
  }

  let kind: Kind
  private let set: PreparedSet
  private let labels: [String]
  private let clips: [Int]

  /// Flow where every clip with these labels has it from onset to apex; else differences where every clip has both
  /// frames; else frames.
  init(_ set: PreparedSet, labels: [String]) throws(StageError) {
    self.set = set
    self.labels = labels
    clips = set.clips.indices.filter { labels.contains(set.clips[$0].label) }
    let all = clips.map { set.clips[$0] }
    if all.allSatisfy({ $0.apexFlow != nil }) {
      kind = .flow
    } else if all.allSatisfy({ $0.frame(.apex) != nil && $0.frame(.onset) != nil }) {
      kind = .difference
    } else if let clip = all.first(where: { $0.frames.isEmpty }) {
      throw .data(
        "clip \(clip.subject)/\(clip.name) has neither flow from onset to apex nor frames, so a ridge cannot be asked "
          + "of this set")
    } else {
      kind = .frame
    }
  }

  /// Images of one kind, of a set in which not every clip need have it.
  init(_ set: PreparedSet, kind: Kind) {
    self.set = set
    self.kind = kind
    (labels, clips) = ([], [])
  }

  /// The channels of an image.
  static func channels(_ kind: Kind) -> [Channel] { kind == .flow ? [.horizontal, .vertical, .strain] : [.grey] }

  /// Each image of a clip as a ridge sees it: the mean of it and its mirror, [channel, pixel].
  func means(of clip: Int) -> [[Float]] {
    let pixels = set.side * set.side
    var (plain, mirrored) = ([Float](repeating: 0, count: pixels), [Float](repeating: 0, count: pixels))
    return images(set.clips[clip]).map { image in
      Self.channels(kind).flatMap { channel in
        read(channel, (clip, image), mirrored: false, into: &plain)
        read(channel, (clip, image), mirrored: true, into: &mirrored)
        return plain.indices.map { (plain[$0] + mirrored[$0]) / 2 }
      }
    }
  }

  /// The products of all images; from memory where this process made them already.
  func gram() throws(StageError) -> SetGram {
    let question = JSON.array([.string("baseline \(kind.rawValue)"), .array(labels.map { .string($0) })]).text
    return try GramCache.shared.gram(of: set, question: question) { () throws(StageError) -> SetGram in make() }
  }

  /// The images of a clip: places of flow fields, or one.
  private func images(_ clip: PreparedClip) -> [Int] {
    guard kind == .flow else { return [0] }
    return [clip.apexFlow].compactMap { $0 } + clip.flows.indices.filter { clip.flows[$0].isReturn }
  }

  private func make() -> SetGram {
    var entriesOfClip = [Range<Int>](repeating: 0..<0, count: set.clips.count)
    var images: [(clip: Int, image: Int)] = []
    for clip in clips {
      let mine = self.images(set.clips[clip])
      entriesOfClip[clip] = images.count..<images.count + mine.count
      images += mine.map { (clip, $0) }
    }
    let pixels = set.side * set.side
    var builder = GramBuilder(count: images.count)
    var squares = [Double](repeating: 0, count: images.count)
    var means = [Float](repeating: 0, count: images.count * pixels)
    var (plain, mirrored) = ([Float](repeating: 0, count: pixels), [Float](repeating: 0, count: pixels))
    for channel in Self.channels(kind) {
      for (entry, image) in images.enumerated() {
        read(channel, image, mirrored: false, into: &plain)
        read(channel, image, mirrored: true, into: &mirrored)
        var square = 0.0
        for pixel in 0..<pixels {
          means[entry * pixels + pixel] = (plain[pixel] + mirrored[pixel]) / 2
          square += Double(plain[pixel]) * Double(plain[pixel]) + Double(mirrored[pixel]) * Double(mirrored[pixel])
        }
        squares[entry] += square / 2
      }
      builder.add(means, width: pixels)
    }
    builder.set(squares: squares)
    return SetGram(gram: builder.finish(copies: 2), entriesOfClip: entriesOfClip)
  }

  /// One standardised channel of an image.
  private func read(_ channel: Channel, _ image: (clip: Int, image: Int), mirrored: Bool, into plane: inout [Float]) {
    let reader = ImageReader(set: set)
    let clip = set.clips[image.clip]
    plane.withUnsafeMutableBufferPointer { plane in
      func read(_ source: ImageRow.Image, _ normalisation: Normalisation) {
        reader.read(
          channel, of: source, clip: image.clip, view: RowView(mirrored: mirrored),
          normalisation: normalisation, statistics: ChannelStatistics(), into: plane)
      }
      switch kind {
      case .flow: read(.flow(image.image), .image)
      case .frame: read(.frame(clip.frame(.apex) ?? 0), .image)
      case .difference:
        read(.frame(clip.frame(.onset) ?? 0), .unit)
        let onset = Array(plane)
        read(.frame(clip.frame(.apex) ?? 0), .unit)
        for pixel in plane.indices { plane[pixel] -= onset[pixel] }
        ImageReader.standardise(plane)
      }
    }
  }
}

extension PreparedClip {
  /// The place of the flow from onset to apex: the first flow forward where no frame is the apex.
  var apexFlow: Int? {
    guard let onset = frames.first?.number else { return flows.firstIndex { !$0.isReturn } }
    let apex = frames.first { $0.role == .apex }?.number
    return flows.firstIndex { !$0.isReturn && $0.from == onset && (apex == nil || $0.to == apex) }
  }

  /// The place of the frame that plays a part.
  func frame(_ role: FrameRole) -> Int? { frames.firstIndex { $0.role == role } }
}
