// A training that goes on from an epoch checkpoint leaves the bits of one that was never stopped.

import Canonical
import ChebNet
import Foundation
import Testing
import Training

@Suite("Epoch checkpoints")
struct EpochCheckpointTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// The output of a stage, the epoch checkpoints it offered by their epochs, and the epochs it computed.
  private func run(
    _ stage: JSON, _ parents: [Digest: [UInt8]] = [:], from checkpoint: [UInt8]? = nil
  ) throws -> (output: StageOutput, kept: [Int: [UInt8]], epochs: [Int]) {
    var inputs = try study.inputs(parents)
    let path = FileManager.default.temporaryDirectory.appending(path: "epoch-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    if let checkpoint {
      #expect(FileManager.default.createFile(atPath: path, contents: Data(checkpoint)))
      inputs.epochCheckpoint = path
    }
    var kept: [Int: [UInt8]] = [:]
    var epochs: [Int] = []
    let output = try compute(
      stage: stage, inputs: inputs, progress: { epochs.append($0.epoch) },
      keep: { kept[$0.epoch] = $1() })
    return (output, kept, epochs)
  }

  private var stages: [(name: String, stage: JSON)] {
    let dropped = study.fit(
      transfer: "scratch", rows: SmallStudy.rows(["temporal"]), learning: SmallStudy.learning(epochs: 5))
    return [
      ("pretrain", study.pretrain()),
      ("fit with dropout", dropped),
      ("fit with inner validation", dropped.with(.number(0.4), at: "stopping", "validation")),
      ("fit with patience", dropped.with(.integer(2), at: "stopping", "patience")),
    ]
  }

  @Test("from any epoch, to the same bytes")
  func sameBytes() throws {
    for (name, stage) in stages { try expectSameBytes(name, stage) }
  }

  private func expectSameBytes(_ name: String, _ stage: JSON, _ parents: [Digest: [UInt8]] = [:]) throws {
    let whole = try run(stage, parents)
    #expect(!whole.kept.isEmpty && whole.kept[whole.epochs.count] == nil, "\(name): the last epoch needs none")
    for (epoch, checkpoint) in whole.kept {
      let rest = try run(stage, parents, from: checkpoint)
      #expect(rest.epochs == Array(whole.epochs.dropFirst(epoch)), "\(name), epoch \(epoch)")
      #expect(rest.output == whole.output, "\(name), epoch \(epoch)")
      #expect(rest.kept.allSatisfy { whole.kept[$0.key] == $0.value }, "\(name), epoch \(epoch)")
    }
  }

  /// What is drawn anew in each epoch (shifts) and in each step (mixtures) goes on where it stood.
  @Test("from any epoch of an augmented fit, to the same bytes", arguments: AugmentationTests.kinds)
  func augmented(augmentation: JSON) throws {
    let stage = study.fit(
      transfer: "scratch", rows: SmallStudy.rows(["temporal"], mirror: true),
      learning: SmallStudy.learning(epochs: 4))
    try expectSameBytes(augmentation.text, stage.with(augmentation, at: "augmentation"))
  }

  /// What the epoch checkpoint gives stands above what the pretrained networks gave, or beside what stays frozen.
  @Test("from any epoch of a fit that begins with a pretrained network", arguments: ["finetune", "frozen"])
  func transferred(transfer: String) throws {
    let test = StageTests.Case(transfer: transfer, fusion: "rows", graphs: 1, mirror: true)
    let (stage, artifacts) = try study.chain(test, learning: SmallStudy.learning(epochs: 4))
    try expectSameBytes(transfer, stage, artifacts)
  }

  @Test("another stage's, a damaged and an empty file cost time and no bit")
  func foreign() throws {
    let (stage, other) = (stages[1].stage, stages[0].stage)
    let whole = try run(stage)
    let foreign = try #require(run(other).kept[2])
    let damaged = Array(try #require(whole.kept[2]).dropLast(9))
    for bytes in [foreign, damaged, [], Array("{}".utf8)] {
      let again = try run(stage, from: bytes)
      #expect(again.epochs == whole.epochs)
      #expect(again.output == whole.output)
    }
  }

  /// Files with the right stage and sizes, which no training of that stage leaves: an epoch that is the last one or
  /// behind it, steps that are not those of its epochs, numbers that are not finite.
  @Test("a file of this stage from which no training can go on costs time and no bit")
  func impossible() throws {
    let stage = stages[2].stage
    let whole = try run(stage)
    let file = try SafeTensors.read(try #require(whole.kept[2]))
    let step = try #require(file.metadata["step"].flatMap { Int($0) })
    func changed(_ metadata: [String: String]) -> [UInt8] {
      SafeTensors.write(file.tensors, metadata: file.metadata.merging(metadata) { $1 })
    }
    var bad = [
      changed(["epoch": "5", "step": "\(step / 2 * 5)"]), changed(["epoch": "9", "step": "\(step / 2 * 9)"]),
      changed(["step": "\(step + 1)"]), changed(["lowest_signal": "\(Float.nan.bitPattern)"]),
      changed(["best_loss": "\(Float.nan.bitPattern)"]), changed(["waited": "-3"]),
    ]
    for (place, tensor) in file.tensors.enumerated() {
      var (tensors, values) = (file.tensors, tensor.values)
      values[values.count - 1] = place % 2 == 0 ? .nan : .infinity
      tensors[place] = SafeTensors.Named(name: tensor.name, shape: tensor.shape, values: values)
      bad.append(SafeTensors.write(tensors, metadata: file.metadata))
    }
    #expect(bad.count == 10, "four tensors")
    #expect(try run(stage, from: changed([:])).epochs == [3, 4, 5], "the file itself is good")
    for bytes in bad {
      let again = try run(stage, from: bytes)
      #expect(again.epochs == whole.epochs)
      #expect(again.output == whole.output)
    }
  }
}
