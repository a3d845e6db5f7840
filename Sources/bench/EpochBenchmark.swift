// bench epoch: one epoch of the preset compact as a worker computes it: rows from a prepared set, batches, Adam.
//
// The set is made up (as many clips, rows and pixels as CASME II flow) and lies in the temporary folder meanwhile.

import Canonical
import Clips
import Glibc
import Kernels
import Training

/// Measures epochs of a `fit` stage.
func epochBenchmark(_ options: Options) throws -> Answer {
  let path = "/tmp/bench-epoch-\(getpid()).set"
  defer { unlink(path) }
  let (clips, side) = options.tiny ? (12, 12) : (145, 28)
  let set = try MadeUpSet.write(path: path, clips: clips, side: side)
  let description = MadeUpSet.fit(set, epochs: options.repeats + 2, batch: options.batch)
  let inputs = StageInputs(sets: ["target": set], threads: options.threads) { _ in nil }
  var ends: [Double] = []
  _ = try compute(stage: description, inputs: inputs, progress: { _ in ends.append(now_s()) })
  let times = zip(ends.dropFirst(), ends).map { $0 - $1 }.sorted()
  let epoch_s = times[times.count / 2]
  let rows = 2 * (clips - clips / 12)
  let json: JSON = [
    "preset": "compact", "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "threads": .integer(options.threads),
    "batch": .integer(options.batch), "rows": .integer(rows), "epoch_s": rounded(epoch_s),
    "rows_per_s": rounded(Double(rows) / epoch_s), "peak_rss_mib": rounded(peakMemory_mib()),
  ]
  let text = """
    \(Options.Verb.epoch.question)
    \(options.place), batch \(options.batch)
    \(digits(epoch_s * 1e3)) ms for \(rows) rows of \(side) x \(side) x 3: \(digits(Double(rows) / epoch_s)) rows/s
    """
  return Answer(json: json, text: text)
}

/// A prepared set of noise with the shape of CASME II flow: two flow images a clip, twelve subjects, three labels.
private enum MadeUpSet {
  static let labels = ["negative", "positive", "surprise"]
  static let subjects = (1...12).map { "S\($0 < 10 ? "0" : "")\($0)" }

  static func write(path: String, clips: Int, side: Int) throws -> PreparedSet {
    let writer = try SetWriter(path: path, layout: .flowImages, side: side)
    let flows = [FlowInfo(from: 0, to: 1, isReturn: false), FlowInfo(from: 1, to: 2, isReturn: true)]
    var random = CounterRandom(key: 3, stream: 1)
    for (place, subject) in subjects.enumerated() {
      for clip in stride(from: place, to: clips, by: subjects.count) {
        let content = ClipContent(
          subject: subject, label: labels[clip % 3], name: "C\(1000 + clip)", frames: [], flows: flows,
          apexFound: false,
          still: false)
        try writer.add(content, frames: [], flows: (0..<2 * 3 * side * side).map { _ in 255 * random.unit() })
      }
    }
    _ = try writer.finish()
    return try PreparedSet(path: path)
  }

  /// The description of a fit with the preset compact, the last subject held out.
  static func fit(_ set: PreparedSet, epochs: Int, batch: Int) -> JSON {
    func clips(_ chosen: ArraySlice<String>) -> JSON {
      let digests = set.clips.filter { chosen.contains($0.subject) }.map { JSON.string($0.digest.hex) }
      return [
        "set": "target", "subjects": .array(chosen.map { .string($0) }), "labels": .array(labels.map { .string($0) }),
        "digest": .string(JSON.array(digests).digest.hex),
      ]
    }
    return [
      "kind": "fit", "version": 1, "numeric_class": .string(NumericClass.selected.name), "seed": 1,
      "graphs": [
        [
          "side": .integer(set.side), "nearest": 8, "stochastic": 2, "threshold_squared": 20, "sigma": "selected",
          "seed": 1, "lambda_max": "computed",
        ]
      ],
      "network": [
        "layers": [
          ["order": 5, "filters": 16, "coarsenings": 2], ["order": 3, "filters": 32, "coarsenings": 1],
        ],
        "dense": .null, "dropout": 0.5,
      ],
      "rows": [
        "branches": ["temporal"], "channels": "features", "frames": 0, "return_row": true, "normalisation": "image",
        "mirror": true,
      ],
      "fusion": "rows", "transfer": "scratch",
      "optimiser": ["rate": 3e-4, "decay": 0, "weight_decay": 3, "epsilon": 1e-7, "batch": .integer(batch)],
      "loss": ["name": "cross_entropy", "alpha": 1, "gamma": 0, "class_weights": "root"],
      "stopping": ["epochs": .integer(epochs), "patience": 0, "smallest_gain": 0],
      "train": clips(subjects.dropLast()), "test": clips(subjects.suffix(1)), "checkpoints": [], "features": [],
    ]
  }
}
