// bench step: images a second of a whole training step (forward, backward, Adam) and of forward alone, beside the
// floor: the processor's measured multiply-add rate over the least work that an image needs.

import Canonical
import ChebNet
import Kernels

/// Measures training and evaluation of workload W.
func stepBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: options.tiny ? min(options.batch, 4) : options.batch, tiny: options.tiny)
  let model = workload.model(threads: options.threads)
  var adam = Adam(rate: 1e-5, decay: 1e-6)
  var step = 0
  let train_s = median_s(repeats: options.repeats) {
    _ = model.gradient(
      rows: workload.images.pointer, count: workload.batch, labels: workload.labels, weights: nil, loss: .crossEntropy,
      dropoutKey: 1, step: step)
    adam.step(model.parameters, model.gradients)
    step += 1
  }
  let logits = AlignedFloats(count: workload.batch * workload.classes)
  let forward_s = median_s(repeats: options.repeats) {
    model.logits(rows: workload.images.pointer, count: workload.batch, into: logits.pointer)
  }
  let memory = peakMemory_mib()
  let peak = PeakRate.measured(runs: options.tiny ? 2 : 10) * Double(options.threads)
  let costs = workload.costs
  let trainFloor = peak / costs.reduce(0) { $0 + $1.train }
  let forwardFloor = peak / costs.reduce(0) { $0 + $1.forward }
  let (train, forward) = (Double(workload.batch) / train_s, Double(workload.batch) / forward_s)
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "threads": .integer(options.threads),
    "batch": .integer(workload.batch), "images_per_s": rounded(train), "forward_images_per_s": rounded(forward),
    "floor_images_per_s": rounded(trainFloor), "peak_rss_mib": rounded(memory),
  ]
  let text = """
    \(Options.Verb.step.question)
    \(options.place), batch \(workload.batch)
    train    \(digits(train)) images/s, \(digits(100 * train / trainFloor)) % of \(digits(trainFloor))
    forward  \(digits(forward)) images/s, \(digits(100 * forward / forwardFloor)) % of \(digits(forwardFloor))
    limit    \(digits(peak / 1e9)) GFLOP/s measured; memory \(digits(memory)) MiB
    """
  return Answer(json: json, text: text)
}
