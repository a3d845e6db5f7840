// Where a training stands after an epoch, as bytes: from there it goes on anywhere, to the bits of one never stopped.
//
// Everything random in a stage is drawn by its digest and the number of the epoch or step, so weights, moments and a
// few counts are the whole state. Floats stand as their bits.

import Canonical
import ChebNet
import Kernels

/// The state of a training between two epochs.
struct EpochCheckpoint {
  /// Epochs and steps done.
  var epoch = 0
  var step = 0
  var stopping: Stopping
  var best: BestWeights?
  var adam: Adam

  private enum Key {
    static let parameters = "parameters", first = "first_moment", second = "second_moment", best = "best"
    static let stage = "stage", subjects = "subjects", epoch = "epoch", step = "step"
    static let lowest = "lowest_signal", waited = "waited"
    static let bestEpoch = "best_epoch", bestLoss = "best_loss"
  }

  /// The bytes of the state, a safetensors file that names its stage and, as every artifact, whose data are in it.
  func bytes(of stage: Digest, _ parameters: ParameterBlock, provenance: [String]) -> [UInt8] {
    func tensor(_ name: String, _ values: AlignedFloats) -> SafeTensors.Named {
      let copy = Array(UnsafeBufferPointer(start: values.pointer, count: values.count))
      return SafeTensors.Named(name: name, shape: [values.count], values: copy)
    }
    var tensors = [tensor(Key.parameters, parameters.block)]
    if let moments = adam.moments {
      tensors += [tensor(Key.first, moments.first), tensor(Key.second, moments.second)]
    }
    var metadata = [
      Key.stage: stage.hex, Key.subjects: JSON.array(provenance.map { .string($0) }).text,
      Key.epoch: String(epoch), Key.step: String(step),
      Key.lowest: String(stopping.lowest.bitPattern), Key.waited: String(stopping.waited),
    ]
    if let best {
      tensors.append(tensor(Key.best, best.kept))
      metadata[Key.bestEpoch] = String(best.epoch)
      metadata[Key.bestLoss] = String(best.loss.bitPattern)
    }
    return SafeTensors.write(tensors, metadata: metadata)
  }

  /// Takes the state of a file, weights included; false, with nothing changed, where the file is not this stage's, not
  /// of this network, not of an epoch before the last, or has a number that no training goes on with.
  /// - Parameters:
  ///   - epochs: the most epochs that the stage trains.
  ///   - steps_per_epoch: the steps that each of them takes.
  mutating func restore(
    _ file: SafeTensors.File, of stage: Digest, epochs: Int, steps_per_epoch: Int, into parameters: ParameterBlock
  ) -> Bool {
    let count = parameters.block.count
    func values(_ name: String) -> [Float]? {
      file.tensors.first { $0.name == name && $0.values.count == count && $0.values.allSatisfy(\.isFinite) }?.values
    }
    func number(_ key: String, _ range: Range<Int>) -> Int? {
      file.metadata[key].flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
    }
    func float(_ key: String) -> Float? {
      file.metadata[key].flatMap { UInt32($0) }.map { Float(bitPattern: $0) }.flatMap { $0.isFinite ? $0 : nil }
    }
    guard file.metadata[Key.stage] == stage.hex, epochs > 1, let epoch = number(Key.epoch, 1..<epochs),
      file.metadata[Key.step] == String(epoch * steps_per_epoch), let lowest = float(Key.lowest),
      let waited = number(Key.waited, 0..<epoch), let weights = values(Key.parameters),
      let first = values(Key.first), let second = values(Key.second)
    else { return false }
    if best != nil {
      guard let kept = values(Key.best), let bestEpoch = number(Key.bestEpoch, 1..<epoch + 1),
        let bestLoss = float(Key.bestLoss)
      else { return false }
      best?.restore(kept, epoch: bestEpoch, loss: bestLoss)
    }
    (self.epoch, step) = (epoch, epoch * steps_per_epoch)
    stopping.restore(lowest: lowest, waited: waited)
    parameters.block.pointer.update(from: weights, count: count)
    adam.restore(steps: step, first: first, second: second)
    return true
  }
}

extension StageContext {
  /// The epoch checkpoint that this stage was given; nil where there is none, or it cannot be read: then the stage
  /// begins at the beginning, which costs time and no bit.
  var givenCheckpoint: SafeTensors.File? {
    inputs.epochCheckpoint.flatMap { try? SafeTensors.read(path: $0) }
  }
}
