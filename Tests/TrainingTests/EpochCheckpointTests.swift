// A training that goes on from an epoch checkpoint leaves the bits of one that was never stopped.

import Canonical
import Foundation
import Testing
import Training

@Suite("Epoch checkpoints")
struct EpochCheckpointTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// The output of a stage, the epoch checkpoints it offered by their epochs, and the epochs it computed.
  private func run(
    _ stage: JSON, from checkpoint: [UInt8]? = nil
  ) throws -> (output: StageOutput, kept: [Int: [UInt8]], epochs: [Int]) {
    var inputs = try study.inputs()
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
    for (name, stage) in stages {
      let whole = try run(stage)
      #expect(!whole.kept.isEmpty && whole.kept[whole.epochs.count] == nil, "\(name): the last epoch needs none")
      for (epoch, checkpoint) in whole.kept {
        let rest = try run(stage, from: checkpoint)
        #expect(rest.epochs == Array(whole.epochs.dropFirst(epoch)), "\(name), epoch \(epoch)")
        #expect(rest.output == whole.output, "\(name), epoch \(epoch)")
        #expect(rest.kept.allSatisfy { whole.kept[$0.key] == $0.value }, "\(name), epoch \(epoch)")
      }
    }
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
}
