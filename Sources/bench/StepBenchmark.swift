// bench step: images a second of a whole training step (forward, backward, Adam) and of forward alone, beside the
// floor: what the machine's roofs allow for the least work of an image, the first layer's basis kept. Beside it stands
// the floor with sparse products at the peak too, which nothing can pass.

import Canonical
import ChebNet
import Kernels

/// Images a second, measured or at most.
private struct Rates {
  var train: Double
  var forward: Double
}

/// Measures training and evaluation of workload W.
func stepBenchmark(_ options: Options) -> Answer {
  let workload = Workload(batch: options.batch, side: options.side, tiny: options.tiny)
  let model = workload.model(threads: options.threads)
  let cached = cachedRates(workload, model, options)
  let memory_mib = peakMemory_mib()
  let uncached = uncachedRates(workload, model, options)
  let update = updateRate(model, options)
  let roofs = Roofs.measured(options)
  let work = workload.work(isBasisKept: true)
  let train = work.train(batch: workload.batch)
  let floor = Rates(train: 1 / roofs.floor_s(train), forward: 1 / roofs.floor_s(work.forward))
  let peak = Rates(train: 1 / roofs.peakFloor_s(train), forward: 1 / roofs.peakFloor_s(work.forward))
  let json: JSON = [
    "workload": .string(workload.name), "processor": .string(NumericClass.processorName),
    "numeric_class": .string(options.numericClass.name), "threads": .integer(options.threads),
    "batch": .integer(workload.batch), "nodes": .integer(workload.nodes),
    "images_per_s": rounded(cached.train), "forward_images_per_s": rounded(cached.forward),
    "uncached_images_per_s": rounded(uncached.train), "uncached_forward_images_per_s": rounded(uncached.forward),
    "floor_images_per_s": rounded(floor.train), "forward_floor_images_per_s": rounded(floor.forward),
    "of_floor": rounded(cached.train / floor.train), "forward_of_floor": rounded(cached.forward / floor.forward),
    "of_peak_floor": rounded(cached.train / peak.train),
    "forward_of_peak_floor": rounded(cached.forward / peak.forward),
    "gflops": rounded(cached.train * train.flops / 1e9), "update_gb_per_s": rounded(update / 1e9),
    "peak_rss_mib": rounded(memory_mib),
  ]
  func line(_ name: String, _ rates: KeyPath<Rates, Double>, _ work: Work) -> String {
    let rate = cached[keyPath: rates]
    return name.padded(to: 9) + digits(rate).padded(to: 10) + digits(uncached[keyPath: rates]).padded(to: 12)
      + digits(floor[keyPath: rates]).padded(to: 9) + percent(rate / floor[keyPath: rates]).padded(to: 10)
      + percent(rate / peak[keyPath: rates]).padded(to: 9) + digits(rate * work.flops / 1e9)
  }
  let text = """
    \(Options.Verb.step.question)
    \(workload.name): \(workload.nodes) nodes, batch \(workload.batch); \(options.place), median of \(options.repeats)
             images/s  basis anew  floor    of floor  of peak  GF/s
    \(line("train", \.train, train))
    \(line("forward", \.forward, work.forward))
    update of the parameters alone: \(digits(update / 1e9)) GB/s; memory: \(digits(memory_mib)) MiB
    roofs: \(roofs.text)
    """
  return Answer(json: json.adding(roofs.json), text: text)
}

/// The first layer's basis of every image made before the clock runs, as training does where nothing changes an image.
private func cachedRates(_ workload: Workload, _ model: Model, _ options: Options) -> Rates {
  let store = AlignedFloats(count: workload.batch * model.basisWidth)
  let bases = (0..<workload.batch).map { UnsafePointer(store.pointer + $0 * model.basisWidth) }
  for image in 0..<workload.batch {
    model.expand(workload.images.pointer + image * model.inputWidth, into: store.pointer + image * model.basisWidth)
  }
  return bases.withUnsafeBufferPointer { bases in
    rates(
      workload, model, options,
      gradient: { step in
        _ = model.gradient(
          bases: bases, labels: workload.labels, loss: .crossEntropy, dropout: .drawn(key: 1, step: step))
      }, logits: { model.logits(bases: bases, into: $0) })
  }
}

/// The basis computed from the image in every step.
private func uncachedRates(_ workload: Workload, _ model: Model, _ options: Options) -> Rates {
  rates(
    workload, model, options,
    gradient: { step in
      _ = model.gradient(
        rows: workload.images.pointer, count: workload.batch, labels: workload.labels, loss: .crossEntropy,
        dropout: .drawn(key: 1, step: step))
    }, logits: { model.logits(rows: workload.images.pointer, count: workload.batch, into: $0) })
}

private func rates(
  _ workload: Workload, _ model: Model, _ options: Options, gradient: (_ step: Int) -> Void,
  logits: (UnsafeMutablePointer<Float>) -> Void
) -> Rates {
  var adam = Adam(rate: 1e-5, decay: 1e-6)
  var step = 0
  let train_s = median_s(repeats: options.repeats) {
    gradient(step)
    adam.step(model.parameters, model.gradients, threads: model.threads)
    step += 1
  }
  let target = AlignedFloats(count: workload.batch * workload.classes)
  let forward_s = median_s(repeats: options.repeats) { logits(target.pointer) }
  return Rates(train: Double(workload.batch) / train_s, forward: Double(workload.batch) / forward_s)
}

/// Bytes a second of Adam's step alone, its four arrays as warm as a loop over them leaves them.
private func updateRate(_ model: Model, _ options: Options) -> Double {
  var adam = Adam(rate: 1e-5, decay: 1e-6)
  let seconds = median_s(repeats: options.repeats) {
    adam.step(model.parameters, model.gradients, threads: model.threads)
  }
  return 7 * 4 * Double(model.parameters.block.count) / seconds
}
