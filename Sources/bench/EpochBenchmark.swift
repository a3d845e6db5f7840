// bench epoch: one epoch of the preset compact as a worker computes it: rows from a prepared set, batches, Adam.
//
// The set is made up, with as many clips, rows and pixels as CASME II flow. The bases of rows and of
// their mirrors are made once, mostly in the first two epochs, which the median leaves behind; the floor holds none.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph
import Training

/// Measures epochs of a `fit` stage.
func epochBenchmark(_ options: Options) throws -> Answer {
  let folder = try ScratchFolder()
  defer { withExtendedLifetime(folder) {} }
  let (clips, side) = options.tiny ? (12, 12) : (145, 28)
  let set = try MadeUpSet.flowImages(subjects: 12, clips: clips, side: side).write(path: folder.file("target.set"))
  let description = fit(set, epochs: options.repeats + 2, batch: options.batch)
  let inputs = StageInputs(sets: ["target": set], threads: options.threads) { _ in nil }
  var ends: [Double] = []
  _ = try compute(stage: description, inputs: inputs, progress: { _ in ends.append(now_s()) })
  let memory_mib = peakMemory_mib()
  let times = zip(ends.dropFirst(), ends).map { $0 - $1 }.sorted()
  let epoch_s = times[times.count / 2]
  let count = 2 * (clips - clips / 12)
  let rate = Double(count) / epoch_s
  let roofs = Roofs.measured(options)
  let work = compactWork(side: side).train(batch: min(options.batch, count))
  let floor = 1 / roofs.floor_s(work)
  let json: JSON = [
    "preset": "compact", "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "threads": .integer(options.threads),
    "batch": .integer(options.batch), "rows": .integer(count),
    "epoch_s": .number(Double(digits(epoch_s, 6)) ?? epoch_s),
    "rows_per_s": rounded(rate), "floor_rows_per_s": rounded(floor), "of_floor": rounded(rate / floor),
    "gflops": rounded(rate * work.flops / 1e9), "peak_rss_mib": rounded(memory_mib),
  ]
  let text = """
    \(Options.Verb.epoch.question)
    \(count) rows of \(side) x \(side) x 3, batch \(options.batch); \(options.place), median of \(times.count)
    \(digits(epoch_s * 1e3)) ms; \(digits(rate)) rows/s, \(percent(rate / floor)) of the floor of \(digits(floor))
    \(digits(rate * work.flops / 1e9)) GF/s; memory \(digits(memory_mib)) MiB
    roofs: \(roofs.text)
    """
  return Answer(json: json.adding(roofs.json), text: text)
}

/// The least work of a row.
private func compactWork(side: Int) -> NetworkWork {
  let network = NetworkSpec.compact(inputs: 3)
  let spec = GraphSpec(side: side, nearest: 8, stochastic: 2, thresholdSquared: 20, seed: 1)
  let graph = GraphHierarchy(spec: spec, levels: network.coarsenings)
  return NetworkWork(network, on: graph, classes: MadeUpSet.labels.count, isBasisKept: true)
}

/// The description of a fit with the preset compact, the last subject held out.
private func fit(_ set: PreparedSet, epochs: Int, batch: Int) -> JSON {
  let subjects = set.subjects
  func clips(_ chosen: ArraySlice<String>) -> JSON {
    let digests = set.clips.filter { chosen.contains($0.subject) }.map { JSON.string($0.digest.hex) }
    return [
      "set": "target", "subjects": .array(chosen.map { .string($0) }),
      "labels": .array(MadeUpSet.labels.map { .string($0) }),
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
