// Facts for tests: one report so small that its files stand in a test as text, and one as large as a real study.

import Canonical
import Reports

enum Samples {
  static func digest(_ text: String) -> Digest { Digest(of: text.utf8) }

  static let run = RunFacts(
    version: "0.1", numericClass: "avx2.1", processor: "Example Processor 9000", startedUnixSeconds: 1_700_000_000,
    finishedUnixSeconds: 1_700_000_754, attempts: 53, failedAttempts: 3, twins: 1, alarms: [],
    hosts: [
      HostFacts(name: "lab-01 · 4121", processor: "Example Processor 9000", stages: 27, computeSeconds: 681.25),
      HostFacts(name: "lab-02 · 988", processor: "Example Processor 7000", stages: 23, computeSeconds: 664.5),
    ],
    kinds: [
      StageTimeFacts(kind: "pretrain", stages: 0, computeSeconds: 0),
      StageTimeFacts(kind: "fit", stages: 95, computeSeconds: 1321.5),
      StageTimeFacts(kind: "baseline", stages: 24, computeSeconds: 24.25),
    ])

  /// Two subjects, five clips, one configuration, two seeds, one baseline; the second seed's fold S02 has failed.
  static var tiny: ReportInput {
    func row(_ seed: Int, _ fold: Int, _ clip: String, _ label: String, _ predicted: String) -> PredictionRow {
      let scores = predicted == "happy, or so" ? [-0.25, -1.5] : [-1.5, -0.25]
      return PredictionRow(
        seed: seed, fold: fold, subject: "S0\(fold + 1)", clip: clip, label: label, predicted: predicted, scores: scores
      )
    }
    let (happy, sad) = ("happy, or so", "sad")
    let first = [row(1, 0, "a", happy, happy), row(1, 0, "b", sad, sad), row(1, 0, "c", sad, happy)]
    let second = [row(1, 1, "a", happy, happy), row(1, 1, "b", sad, sad)]
    let again = [row(2, 0, "a", happy, happy), row(2, 0, "b", sad, sad), row(2, 0, "c", sad, sad)]
    let majority = (first + second).map { row(0, $0.fold, $0.clip, $0.label, sad) }
    return ReportInput(
      studyName: "tiny", studyDigest: digest("study"),
      protocol: ProtocolFacts(kind: "loso", leakage: "strict", selection: "none"), labels: [happy, sad],
      sets: [
        SetFacts(
          role: "target", name: "target", digest: digest("set"), layout: "folders", side: 64, subjects: 2,
          clipsPerLabel: [(happy, 2), (sad, 3)])
      ],
      configurations: [
        ConfigurationFacts(
          name: "only", parameters: ["network": ["dropout": 0.5], "rate": 0.001], seeds: [1, 2])
      ],
      folds: [
        FoldFacts(name: "S01", subjects: ["S01"], clips: 3), FoldFacts(name: "S02", subjects: ["S02"], clips: 2),
      ],
      rows: first + second + again,
      failed: [FailedCell(configuration: 0, seed: 2, fold: 1, stage: digest("stage"), reason: "a planned failure")],
      baselines: [BaselineFacts(name: "majority", rows: majority)], stages: StageCounts(plan: 6, naive: 8),
      notes: ["apex found by largest flow in 2 clips"], run: run)
  }

  /// 24 subjects, 145 clips of three labels, two configurations with two seeds each, five baselines, one failed cell.
  static var large: ReportInput {
    let sizes = [3, 9, 5, 4, 11, 4, 6, 1, 9, 7, 5, 9, 2, 3, 3, 4, 27, 1, 8, 9, 2, 2, 7, 4]
    var draw = Draw(state: 7)
    var clips: [(fold: Int, clip: String, label: Int)] = []
    for (fold, size) in sizes.enumerated() {
      for place in 0..<size {
        let luck = draw.next() % 145
        clips.append((fold, "EP\(place / 3 + 1)_0\(place % 3 + 1)f", luck < 88 ? 0 : luck < 120 ? 1 : 2))
      }
    }
    func rows(_ configuration: Int, _ seed: Int, _ skill: UInt64) -> [PredictionRow] {
      clips.map { clip in
        let guess = draw.next() % 100 < skill ? clip.label : Int(draw.next() % 3)
        let scores = (0..<3).map { $0 == guess ? -0.125 : -2.5 - Double(draw.next() % 1000) / 1024 }
        return PredictionRow(
          configuration: configuration, seed: seed, fold: clip.fold, subject: subject(clip.fold), clip: clip.clip,
          label: labels[clip.label], predicted: labels[guess], scores: scores)
      }
    }
    let computed = rows(0, 1, 88) + rows(0, 2, 90) + rows(1, 1, 80) + rows(1, 2, 84).filter { $0.fold != 16 }
    let majority = clips.map { clip in
      PredictionRow(
        fold: clip.fold, subject: subject(clip.fold), clip: clip.clip, label: labels[clip.label], predicted: labels[0],
        scores: [1, 0, 0])
    }
    return ReportInput(
      studyName: "CASME II flow, compact", studyDigest: digest("large"),
      protocol: ProtocolFacts(kind: "loso", leakage: "strict", selection: "none"), labels: labels,
      sets: sets(clips.map(\.label)), configurations: configurations,
      folds: sizes.enumerated().map { FoldFacts(name: subject($0), subjects: [subject($0)], clips: $1) },
      rows: computed,
      failed: [
        FailedCell(
          configuration: 1, seed: 2, fold: 16, stage: digest("fit"),
          reason: "numeric: the loss is not finite in epoch 12; try a smaller rate")
      ],
      baselines: [
        BaselineFacts(name: "majority", rows: majority),
        BaselineFacts(name: "nearest_mean_pixels", rows: rows(0, 0, 30)),
        BaselineFacts(name: "ridge_raw", rows: rows(0, 0, 87)),
        BaselineFacts(name: "ridge_image", rows: rows(0, 0, 91)),
        BaselineFacts(name: "ridge_pixel", rows: rows(0, 0, 78)),
      ],
      stages: StageCounts(
        plan: 121, naive: 312, kinds: [("pretrain", 1, 96), ("extract", 4, 96), ("fit", 92, 96), ("baseline", 24, 24)]),
      notes: ["apex found by largest flow in 12 clips"], run: run)
  }

  static let labels = ["negative", "positive", "surprise"]

  private static func subject(_ fold: Int) -> String { fold < 9 ? "sub0\(fold + 1)" : "sub\(fold + 1)" }

  private static var configurations: [ConfigurationFacts] {
    func parameters(_ gamma: Double, _ loss: JSON) -> JSON {
      [
        "graph": ["nearest": 8, "stochastic": 2, "threshold_squared": 20, "sigma": "selected", "side": 28],
        "network": ["preset": "compact", "dropout": 0.5],
        "optimiser": ["rate": 0.0003, "weight_decay": 3.0, "batch": 32],
        "loss": ["name": loss, "gamma": .number(gamma), "class_weights": "root"],
        "rows": ["branches": ["temporal"], "channels": "features", "mirror": true, "return_row": true],
        "stopping": ["epochs": 30, "patience": 0],
      ]
    }
    return [
      ConfigurationFacts(name: "compact-cross-entropy", parameters: parameters(0, "cross_entropy"), seeds: [1, 2]),
      ConfigurationFacts(name: "compact-focal", parameters: parameters(2, "focal"), seeds: [1, 2]),
    ]
  }

  private static func sets(_ clips: [Int]) -> [SetFacts] {
    let counts = labels.indices.map { label in (label: labels[label], clips: clips.count { $0 == label }) }
    return [
      SetFacts(
        role: "target", name: "target", digest: digest("casme2"), layout: "flow-images", side: 28, subjects: 24,
        clipsPerLabel: counts)
    ]
  }

  /// A small linear congruential generator: the sample must be the same everywhere.
  struct Draw {
    var state: UInt64
    mutating func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    mutating func next() -> UInt64 { UInt64(next() as Int) }
  }
}
