// The recipe of a checkpoint without its tensors: what must be known before a process enters a numeric class, since
// entering it starts the program again.

import Canonical
import ChebNet
import Glibc
import Kernels

/// The numeric class of a checkpoint's recipe.
public struct CheckpointHeader: Equatable, Sendable {
  /// The class that the network was trained in and predicts in.
  public let numericClass: NumericClass

  /// Reads the header of a file.
  /// - Throws: `PredictionError` where it is no checkpoint of a network, or one of a class that is not available here.
  public init(path: String) throws(PredictionError) {
    let text = try Self.header(path)
    guard let json = try? JSON(parsing: text), let recipe = json["__metadata__"]?["recipe"]?.string else {
      throw PredictionError("\(path) \(Self.noRecipe)")
    }
    guard let name = (try? JSON(parsing: recipe.utf8))?["numeric_class"]?.string else {
      throw PredictionError("\(path): its recipe names no numeric class; write it again with microfold fit-all")
    }
    guard let numericClass = NumericClass(name: name), numericClass.name == name, numericClass.isSupported else {
      let known = NumericClass.allCases.filter(\.isSupported).map(\.name).joined(separator: ", ")
      throw PredictionError(
        "\(path) predicts in numeric class \(name) and here are \(known); write it again with one of these")
    }
    self.numericClass = numericClass
  }

  static let noRecipe =
    "holds no recipe, so it cannot predict; give a file that microfold fit-all wrote"

  private static func header(_ path: String) throws(PredictionError) -> [UInt8] {
    // Not blocking: opening a pipe that nobody writes would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let why = errno == ENOENT ? "there is no such file" : String(cString: strerror(errno))
      throw PredictionError("\(path) cannot be read: \(why); give a file that microfold fit-all wrote")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw PredictionError("\(path) is not a regular file; give a file that microfold fit-all wrote")
    }
    let length = read(descriptor, at: 0, count: 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let limit = UInt64(min(SafeTensors.headerLimit_bytes, max(0, Int(status.st_size) - 8)))
    guard length > 0, length <= limit, case let text = read(descriptor, at: 8, count: Int(length)),
      text.count == Int(length)
    else { throw PredictionError("\(path) is no safetensors file, or ends early; write it again") }
    return text
  }

  private static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let step = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        if step < 0, errno == EINTR { continue }
        guard step > 0 else { return }
        done += step
      }
    }
  }
}
