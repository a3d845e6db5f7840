// The file format: round trips, its exact bytes, and damage of every kind.

import ChebNet
import Kernels
import TestSupport
import Testing

@Suite("safetensors")
struct SafeTensorsTests {
  private let tensors = [
    SafeTensors.Named(name: "b", shape: [2, 3], values: [1, -2, 0.5, .pi, 0, 1e-30]),
    SafeTensors.Named(name: "a", shape: [], values: [7]),
    SafeTensors.Named(name: "none", shape: [0, 4], values: []),
  ]

  @Test("what was written reads back")
  func roundTrip() throws {
    let bytes = SafeTensors.write(tensors, metadata: ["stage": "ab", "subjects": "[\"t/S01\"]"])
    let file = try SafeTensors.read(bytes)
    #expect(Set(file.tensors.map(\.name)) == ["a", "b", "none"])
    for tensor in tensors { #expect(try file.tensor(tensor.name) == tensor) }
    #expect(file.metadata == ["stage": "ab", "subjects": "[\"t/S01\"]"])
    #expect(bytes == SafeTensors.write(tensors, metadata: ["subjects": "[\"t/S01\"]", "stage": "ab"]))
  }

  @Test("the bytes are those of the format")
  func bytes() {
    let one = SafeTensors.write([.init(name: "x", shape: [1], values: [1])])
    let header = #"{"x":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}}  "#
    #expect(one == [56, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3f])
  }

  @Test(
    "damage is refused with its reason",
    arguments: [
      (#"{"x":{"data_offsets":[0,4],"dtype":"F32","shape":[2]}}"#, "offsets that do not fit"),
      (#"{"x":{"data_offsets":[4,8],"dtype":"F32","shape":[1]}}"#, "does not begin where"),
      (#"{"x":{"data_offsets":[0,4],"dtype":"F16","shape":[1]}}"#, "not described as F32"),
      (#"{"x":{"data_offsets":[0,4],"dtype":"F32","shape":[-1]}}"#, "no usable shape"),
      (#"{"x":{"data_offsets":[0,4],"dtype":"F32","shape":[4611686018427387904,4]}}"#, "larger than any"),
      (
        #"{"x":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},"y":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}}"#,
        "does not begin where"
      ),
      (#"{"x":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}"#, "need 8 bytes"),
      (#"{"a\nb":{"data_offsets":[0,8],"dtype":"F32","shape":[1]}}"#, "tensor a?b"),
      (#"{}"#, "need 0 bytes"),
      (#"[]"#, "not an object"),
      (#"{"#, "not JSON"),
      (#"{"__metadata__":{"a":1},"x":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}}"#, "something else than texts"),
    ])
  func damage(header: String, reason: String) {
    var bytes = [UInt8](repeating: 0, count: 8)
    bytes[0] = UInt8(header.utf8.count)
    bytes += header.utf8
    bytes += [0, 0, 0, 0]
    #expect { try SafeTensors.read(bytes) } throws: { error in
      let text = String(describing: error)
      return text.contains(reason) && !text.contains("\n")
    }
  }

  @Test("lengths that leave the file are refused")
  func lengths() {
    #expect(throws: SafeTensorsError.self) { try SafeTensors.read([]) }
    #expect(throws: SafeTensorsError.self) { try SafeTensors.read([UInt8](repeating: 255, count: 64)) }
    #expect(throws: SafeTensorsError.self) { try SafeTensors.read([1, 0, 0, 0, 0, 0, 0, 0]) }
    #expect(throws: SafeTensorsError.self) { try SafeTensors.read(path: "/nowhere/at all") }
    #expect(throws: SafeTensorsError.self) { try SafeTensors.read(path: "/") }
  }

  /// Goal: no input traps. Method: 3,000 seeded mutations of a good file (bits, bytes, cuts, copies); each is read or
  /// refused, and what is read has as many values as its shapes say.
  @Test("seeded mutations are read or refused, never a trap")
  func mutations() {
    let good = SafeTensors.write(tensors, metadata: ["stage": "ab"])
    var random = CounterRandom(key: 2022, stream: 1)
    var refused = 0
    for _ in 0..<3_000 {
      var bytes = good
      for _ in 0...random.below(3) {
        let place = random.below(max(bytes.count, 1))
        switch random.below(5) {
        case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where !bytes.isEmpty: bytes[place] = UInt8(random.below(256))
        case 2: bytes.removeLast(min(bytes.count, random.below(20)))
        case 3: bytes.insert(contentsOf: bytes.prefix(random.below(20)), at: place)
        default: if !bytes.isEmpty { bytes[place] = UInt8(ascii: "9") }
        }
      }
      do {
        let file = try SafeTensors.read(bytes)
        #expect(file.tensors.allSatisfy { $0.shape.reduce(1, *) == $0.values.count })
      } catch {
        refused += 1
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(refused > 1_000)
  }

  @Test("a tensor of another shape is refused when loaded")
  func load() throws {
    let block = ParameterBlock([(name: "b", shape: [3, 2])])
    let file = try SafeTensors.read(SafeTensors.write(tensors))
    #expect(throws: SafeTensorsError.self) { try block.load("b", from: file) }
    #expect(throws: SafeTensorsError.self) { try block.load("b", from: file, named: "c") }
  }
}
