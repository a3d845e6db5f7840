// Whole nested studies and imported networks, by the product itself.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("nested studies")
struct NestedRunTests {
  /// Four people, so that every fold has three to choose on.
  private static let study = """
    version: 1
    name: tiny nested
    preset: compact
    data: { target: [one, two] }
    protocol: { kind: loso, leakage: strict, selection: nested, inner_folds: 2 }
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    fit: { epochs: 3, steps: 2, batch: 2, mixup: 0.4, shift: 1, loss: { label_smoothing: 0.1 } }
    grid:
      - { name: ridge, average: [{ networks: 0, ridge: true }] }
      - { name: both, average: [{ networks: 2, ridge: true }] }
      - { name: head, head: [{ kind: ridge, input: true }] }
    seeds: [1, 2]

    """

  private static let data = ["--data", "one=ok.set", "--data", "two=source.set"]

  /// Goal: the report of a nested study with augmentation has the same bytes for any number of workers.
  @Test("one worker and three: the same bytes of every result file")
  func workers() throws {
    let folder = try TinyStudy.folder()
    try folder.write(Self.study.utf8, to: "nested.yaml")
    for workers in ["1", "3"] {
      let result = try Child.run(
        ["run", "nested.yaml"] + Self.data + ["--run-dir", "r\(workers)", "--workers", workers], in: folder)
      #expect(result.status == 0, "\(result.errors)")
    }
    for name in ["report.json", "report.md", "folds.csv", "predictions.csv"] {
      #expect(folder.bytes("r1/report/\(name)") == folder.bytes("r3/report/\(name)"), "\(name)")
    }
    let json = try JSON(parsing: folder.bytes("r1/report/report.json"))
    #expect(json["protocol"]?["selection"]?.string == "nested")
    let configurations = try #require(json["configurations"]?.array)
    #expect(configurations.count == 1 && configurations[0]["name"]?.string == "nested")
    let folds = try #require(configurations[0]["folds"]?.array)
    #expect(folds.count == 6)
    for fold in folds {
      let chosen = fold["chosen"]?.array?.compactMap(\.string) ?? []
      #expect(chosen.count == 2 && chosen.allSatisfy(["ridge", "both", "head"].contains))
    }
    #expect(folds.contains { $0["name"]?.string?.hasPrefix("one/") == true })
  }

  @Test("the nested study of the real flow needs no source, and says that three people are too few for it")
  func realStudy() throws {
    let folder = try TinyStudy.folder()
    let path = "configs/casme2-flow-nested.yaml"
    let text = try #require(FileManager.default.contents(atPath: "\(Self.checkout)/\(path)"))
    try folder.write(text, to: "s.yaml")
    let few = try Child.run(["plan", "s.yaml", "--data", "target=ok.set", "--json"], in: folder)
    #expect(few.status == 2)
    #expect(few.errors.contains("nested needs three training subjects in every fold"), "\(few.errors)")
  }

  @Test("a pretrained file: refused without provenance or with a tested person's, else imported and verified")
  func pretrained() throws {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.scratch.utf8, to: "a.yaml")
    let study =
      TinyStudy.scratch.replacingOccurrences(of: "{ target: target }", with: "{ target: target, pretrained: net }")
      + "transfer: finetune\n"
    try folder.write(study.utf8, to: "b.yaml")
    let made = try Child.run(
      ["fit-all", "a.yaml", "--data", "target=source.set", "--seed", "1", "--out", "net.safetensors"], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    func plan(_ file: String, _ study: String = "b.yaml") throws -> Answer {
      try Child.run(["plan", study, "--data", "target=ok.set", "--data", "net=\(file)"], in: folder)
    }
    let leak = try plan("net.safetensors")
    #expect(leak.status == 2 && leak.errors.contains("has seen"), "\(leak.errors)")

    try folder.write(try Self.renamed(folder.bytes("net.safetensors"), subjects: nil), to: "bare.safetensors")
    let bare = try plan("bare.safetensors")
    #expect(bare.status == 2 && bare.errors.contains("does not say whose data it has seen"), "\(bare.errors)")
    try folder.write((study + "protocol: { kind: loso, leakage: paper }\n").utf8, to: "p.yaml")
    let stamped = try plan("bare.safetensors", "p.yaml")
    #expect(stamped.status == 0 && stamped.output.contains("leakage: paper: the pretrained file does not say"))

    let others = try Self.renamed(folder.bytes("net.safetensors"), subjects: "[\"away/X1\"]")
    try folder.write(others, to: "clean.safetensors")
    let run = try Child.run(
      ["run", "b.yaml", "--data", "target=ok.set", "--data", "net=clean.safetensors", "--run-dir", "r"], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let verified = try Child.run(["verify", "r"], in: folder)
    #expect(verified.status == 0, "\(verified.output)")
  }

  /// A safetensors file with other `subjects` in its metadata, or none.
  private static func renamed(_ bytes: [UInt8], subjects: String?) throws -> [UInt8] {
    let count = Int(bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    var header = try #require(JSON(parsing: bytes[8..<8 + count]).object)
    header["__metadata__"] = subjects.map { ["subjects": .string($0)] } ?? .object([:])
    let text = JSON.object(header).bytes
    let padded = text + [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(padded.count).littleEndian) { Array($0) }
    return length + padded + bytes[(8 + count)...]
  }

  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL.path
}
