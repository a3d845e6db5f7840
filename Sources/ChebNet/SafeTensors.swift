// The safetensors file format: a 64-bit little-endian header length, a JSON header, float32 data.
//
// Written canonically (tensors as given, header keys sorted, padded with spaces to 8 bytes), so equal checkpoints
// are equal bytes. Read with suspicion: every length is checked before anything is allocated by it.

import Canonical

/// Reading and writing safetensors, float32 only.
public enum SafeTensors {
  /// A tensor with its name and row-major values.
  public struct Named: Equatable, Sendable {
    /// For example `head.weight`.
    public let name: String
    /// Row-major extents.
    public let shape: [Int]
    /// As many values as the extents say.
    public let values: [Float]

    /// A named tensor.
    public init(name: String, shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count, "tensor \(name) has another count than its shape")
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// What a file holds.
  public struct File: Equatable, Sendable {
    /// In the order of the data.
    public let tensors: [Named]
    /// The texts of `__metadata__`.
    public let metadata: [String: String]

    /// The tensor of this name.
    /// - Throws: where there is none.
    public func tensor(_ name: String) throws(SafeTensorsError) -> Named {
      guard let found = tensors.first(where: { $0.name == name }) else {
        throw SafeTensorsError("no tensor \(name); the file has \(tensors.map(\.name).joined(separator: ", "))")
      }
      return found
    }

    /// The tensors whose names begin with a prefix, named without it; no texts.
    public func part(_ prefix: String) -> File {
      let mine = tensors.filter { $0.name.hasPrefix(prefix) }
      return File(
        tensors: mine.map { Named(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values) },
        metadata: [:])
    }
  }

  /// The bytes of a file. The same arguments give the same bytes.
  public static func write(_ tensors: [Named], metadata: [String: String] = [:]) -> [UInt8] {
    var header: [String: JSON] = [:]
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.values.count
      let entry: JSON = [
        "dtype": "F32", "shape": .array(tensor.shape.map(JSON.integer)),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      precondition(header.updateValue(entry, forKey: tensor.name) == nil, "two tensors are named \(tensor.name)")
      offset = end
    }
    precondition(header["__metadata__"] == nil, "a tensor cannot be named __metadata__")
    if !metadata.isEmpty { header["__metadata__"] = .object(metadata.mapValues(JSON.string)) }
    var text = JSON.object(header).bytes
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes += $0 }
    bytes += text
    for tensor in tensors { tensor.values.withUnsafeBytes { bytes += $0 } }  // this project runs on little-endian only
    return bytes
  }
}

/// Why a safetensors file is refused: one line, what and where.
public struct SafeTensorsError: Error, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// An error with its line. Names come out of the file, so what is no printable text is replaced and the end cut.
  public init(_ description: String) {
    let line = description.unicodeScalars.prefix(400).map { $0.properties.generalCategory == .control ? "?" : $0 }
    self.description = String(String.UnicodeScalarView(line))
  }
}
