// Reading safetensors: nothing in the file is believed before it is checked.
//
// Refused: a length that leaves the file, a header that is not JSON, another type than F32, extents that do not
// multiply to the bytes given, data with gaps or overlaps, more than the limits below.

import Canonical
import Glibc

extension SafeTensors {
  /// The largest file that is read.
  public static let fileLimit_bytes = 1 << 30
  /// The largest header that is read.
  public static let headerLimit_bytes = 1 << 20
  /// The most tensors of a file.
  public static let tensorLimit = 4096

  /// Reads a file's bytes.
  /// - Throws: one line that says what is wrong with them.
  public static func read(_ bytes: [UInt8]) throws(SafeTensorsError) -> File {
    guard bytes.count <= fileLimit_bytes else {
      throw SafeTensorsError("not a usable safetensors file: \(bytes.count) bytes where \(fileLimit_bytes) are allowed")
    }
    let (header, start) = try header(bytes)
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for (name, value) in header {
      if name == "__metadata__" { metadata = try texts(value) } else { entries.append(try Entry(name, value)) }
    }
    entries.sort { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    var place = 0
    for entry in entries {
      guard entry.start == place else { throw damage("tensor \(entry.name) does not begin where the one before ends") }
      place = entry.end
    }
    guard place == bytes.count - start else {
      throw damage("the tensors need \(place) bytes and the file has \(bytes.count - start)")
    }
    return File(tensors: entries.map { $0.tensor(bytes, from: start) }, metadata: metadata)
  }

  /// Reads a file.
  /// - Throws: one line that names the file and says what is wrong.
  public static func read(path: String) throws(SafeTensorsError) -> File {
    guard let stream = fopen(path, "rb") else {
      throw SafeTensorsError("\(path): cannot be opened (\(String(cString: strerror(errno))))")
    }
    defer { fclose(stream) }
    guard fseek(stream, 0, SEEK_END) == 0, case let size = ftell(stream), size >= 0, size <= fileLimit_bytes else {
      throw SafeTensorsError("\(path): not a regular file of at most \(fileLimit_bytes) bytes")
    }
    rewind(stream)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = fread(buffer.baseAddress, 1, size, stream)
    }
    do { return try read(bytes) } catch { throw SafeTensorsError("\(path): \(error.description)") }
  }

  fileprivate static func damage(_ what: String) -> SafeTensorsError {
    SafeTensorsError("not a usable safetensors file: \(what)")
  }

  private static func header(_ bytes: [UInt8]) throws(SafeTensorsError) -> (members: [String: JSON], end: Int) {
    guard bytes.count >= 8 else { throw damage("\(bytes.count) bytes are too few for a header length") }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(min(headerLimit_bytes, bytes.count - 8)) else {
      throw damage("a header of \(length) bytes in a file of \(bytes.count) (at most \(headerLimit_bytes) are read)")
    }
    let end = 8 + Int(length)
    let value: JSON
    do { value = try JSON(parsing: bytes[8..<end]) } catch { throw damage("its header is \(error)") }
    guard let members = value.object else { throw damage("its header is not an object") }
    guard members.count <= tensorLimit else {
      throw damage("\(members.count) tensors where \(tensorLimit) are allowed")
    }
    return (members, end)
  }

  private static func texts(_ value: JSON) throws(SafeTensorsError) -> [String: String] {
    guard let members = value.object else { throw damage("__metadata__ is not an object") }
    let texts = members.compactMapValues(\.string)
    guard texts.count == members.count else { throw damage("__metadata__ holds something else than texts") }
    return texts
  }
}

/// One tensor of the header, its numbers checked against each other.
private struct Entry {
  let name: String
  let shape: [Int]
  let start: Int
  let end: Int

  init(_ name: String, _ value: JSON) throws(SafeTensorsError) {
    guard let members = value.object, members.count == 3, members["dtype"] == "F32" else {
      throw SafeTensors.damage("tensor \(name) is not described as F32, shape and data_offsets")
    }
    let shape = members["shape"]?.array?.compactMap(\.integer) ?? [-1]
    let offsets = members["data_offsets"]?.array?.compactMap(\.integer) ?? []
    guard shape.count == members["shape"]?.array?.count, shape.allSatisfy({ $0 >= 0 }), shape.count <= 8 else {
      throw SafeTensors.damage("tensor \(name) has no usable shape")
    }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= SafeTensors.fileLimit_bytes / 4 else {
        throw SafeTensors.damage("tensor \(name) has the shape \(shape), larger than any file that is read")
      }
      count = product
    }
    guard offsets.count == 2, members["data_offsets"]?.array?.count == 2, offsets[0] >= 0,
      offsets[0] <= SafeTensors.fileLimit_bytes, offsets[1] == offsets[0] + 4 * count
    else { throw SafeTensors.damage("tensor \(name) has offsets that do not fit its shape \(shape)") }
    (self.name, self.shape, self.start, self.end) = (name, shape, offsets[0], offsets[1])
  }

  func tensor(_ bytes: [UInt8], from origin: Int) -> SafeTensors.Named {
    let values = bytes.withUnsafeBytes { memory in
      (0..<(end - start) / 4).map { memory.loadUnaligned(fromByteOffset: origin + start + 4 * $0, as: Float.self) }
    }
    return SafeTensors.Named(name: name, shape: shape, values: values)
  }
}
