// Mean and variance of the target's flow, as the paper's Fig. 8 shows them for its two sets.
//
// The paper concludes from the picture that SAMM's flow changes little from sample to sample and so carries little.
// Here that is a number: the deviation between clips as a share of their mean.

import Canonical

/// Flow lengths of one label, or of all.
public struct FlowFacts: Sendable {
  /// The label; nil for all together.
  public var label: String?
  /// Clips with flow.
  public var clips: Int
  /// Mean length over clips, in pixels.
  public var mean: Double
  /// Mean variance within a clip, over its flow fields and pixels, in pixels².
  public var variance: Double
  /// Deviation of the clips' means, in pixels.
  public var deviation: Double

  /// The figures of a label.
  public init(label: String?, clips: Int, mean: Double, variance: Double, deviation: Double) {
    self.label = label
    self.clips = clips
    self.mean = mean
    self.variance = variance
    self.deviation = deviation
  }

  /// The deviation between clips as a share of their mean.
  var variation: Double { mean > 0 ? deviation / mean : 0 }
}

extension Summary {
  private var flowHeads: [String] {
    ["label", "clips", "mean (px)", "variance within a clip (px²)", "deviation between clips (px)", "deviation / mean"]
  }

  private var flowRows: [[String]] {
    input.flow.map { facts in
      [
        facts.label ?? "all", String(facts.clips), fixed(facts.mean, 3), fixed(facts.variance, 3),
        fixed(facts.deviation, 3), fixed(facts.variation, 2),
      ]
    }
  }

  private var flowInWords: String {
    "Length of the flow from the onset to each stored frame. The paper reads from its Fig. 8 that the flow of MMEW "
      + "varies among samples and that of SAMM little, and that a temporal branch then has nothing to work with. The "
      + "last column is that variation; whether the flow tells labels apart is what the figures of the "
      + "baselines on flow say."
  }

  /// The section of report.md; nil where the study does not ask for it.
  var flowMarkdown: [String]? {
    guard !input.flow.isEmpty else { return nil }
    return ["## Mean and variance of the flow", flowInWords, table(flowHeads, flowRows, numbersFrom: 1)]
  }

  /// The section of the page.
  var flowSection: [Markup] {
    let shown = PageTable(
      caption: "Mean and variance of the flow", heads: flowHeads, rows: flowRows.map { $0.map { .text($0) } })
    var parts = [tag("p", [:], .text(flowInWords)), shown.markup]
    if !input.flowPicture.isEmpty {
      let image = tag(
        "img",
        [
          "src": "data:image/png;base64," + base64(input.flowPicture), "style": "max-width:100%",
          "alt": "Mean and variance of the flow at each pixel, and the mean of each clip, by label",
        ])
      parts.append(tag("figure", [:], image))
    }
    return parts
  }

  /// The member of report.json; nil where the study does not ask for it.
  var flowJSON: JSON? {
    guard !input.flow.isEmpty else { return nil }
    return .array(
      input.flow.map { facts in
        [
          "label": facts.label.map(JSON.string) ?? .null, "clips": .integer(facts.clips), "mean": .number(facts.mean),
          "variance": .number(facts.variance), "deviation": .number(facts.deviation),
        ]
      })
  }
}

/// Bytes as base64 (RFC 4648).
func base64(_ bytes: [UInt8]) -> String {
  let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let part = bytes[start..<min(start + 3, bytes.count)]
    let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
    for place in 0..<4 {
      text.append(place <= part.count ? signs[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
