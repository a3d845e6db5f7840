// Every number that training changes, in one block of memory with a table of names.
//
// One block, so that the optimiser, the reduction over lanes and the copy of a checkpoint are each one loop.
// Tensors start on 64-byte borders; the gaps hold zeros for ever.

import Canonical
import Kernels

/// The place of one named tensor in a block.
public struct Tensor: Hashable, Sendable {
  /// For example `sgcn1.conv0.weight`.
  public let name: String
  /// Row-major extents.
  public let shape: [Int]
  /// The first float in the block.
  public let offset: Int
  /// How many floats.
  public var count: Int { shape.reduce(1, *) }
  /// Weights decay, biases do not.
  public var isWeight: Bool { name.hasSuffix(".weight") }
}

/// Named float tensors in one block. A class, since layers keep pointers into it.
public final class ParameterBlock {
  /// The tensors in the order of their memory.
  public let tensors: [Tensor]
  /// The memory, gaps included.
  public let block: AlignedFloats
  private let places: [String: Int]

  /// A block of zeros for these tensors.
  public convenience init(_ shapes: [(name: String, shape: [Int])]) {
    var tensors: [Tensor] = []
    var offset = 0
    for (name, shape) in shapes {
      tensors.append(Tensor(name: name, shape: shape, offset: offset))
      offset += (shape.reduce(1, *) + 15) / 16 * 16
    }
    self.init(tensors: tensors, count: offset)
  }

  /// Another block of zeros with the same layout.
  public convenience init(like other: ParameterBlock) {
    self.init(tensors: other.tensors, count: other.block.count)
  }

  private init(tensors: [Tensor], count: Int) {
    self.tensors = tensors
    block = AlignedFloats(count: max(count, 16))
    places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// Is there a tensor of this name?
  public func contains(_ name: String) -> Bool { places[name] != nil }

  /// The tensor of this name.
  /// - Precondition: there is one.
  public func tensor(_ name: String) -> Tensor {
    guard let place = places[name] else { preconditionFailure("no tensor is named \(name)") }
    return tensors[place]
  }

  /// The floats of a tensor; valid as long as the block lives.
  public subscript(name: String) -> UnsafeMutableBufferPointer<Float> {
    let tensor = tensor(name)
    return UnsafeMutableBufferPointer(start: block.pointer + tensor.offset, count: tensor.count)
  }

  /// The floats of a tensor, copied.
  public func values(_ name: String) -> [Float] { Array(self[name]) }

  /// Does weight decay apply to this tensor?
  public func isWeight(_ name: String) -> Bool { tensor(name).isWeight }

  /// How many floats the tensors hold together, gaps not counted.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }

  /// Takes the values of another block of the same layout.
  public func copy(from other: ParameterBlock) {
    precondition(other.tensors == tensors, "blocks of different layouts")
    block.pointer.update(from: other.block.pointer, count: block.count)
  }

  /// Draws normal values of this standard deviation; the stream belongs to the name, so that the same tensor of
  /// another network draws the same numbers.
  func draw(_ name: String, deviation: Float, key: UInt64) {
    var random = CounterRandom(key: key, stream: Digest(of: name.utf8).seed)
    for place in self[name].indices { self[name][place] = deviation * random.normal() }
  }
}

// MARK: - Checkpoints

extension ParameterBlock {
  /// Every tensor, as `SafeTensors.write` takes them.
  public var named: [SafeTensors.Named] {
    tensors.map { SafeTensors.Named(name: $0.name, shape: $0.shape, values: values($0.name)) }
  }

  /// Takes one tensor from a file.
  /// - Parameter source: its name in the file; nil where it is the same.
  /// - Throws: where the file has no such tensor or one of another shape.
  public func load(_ name: String, from file: SafeTensors.File, named source: String? = nil) throws(SafeTensorsError) {
    let tensor = tensor(name)
    let found = try file.tensor(source ?? name)
    guard found.shape == tensor.shape else {
      throw SafeTensorsError(
        "tensor \(found.name) has the shape \(found.shape) and \(tensor.shape) is needed; use another checkpoint")
    }
    let target = self[name]
    for (place, value) in found.values.enumerated() { target[place] = value }
  }
}
