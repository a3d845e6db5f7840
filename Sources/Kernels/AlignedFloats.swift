// Memory for numbers, aligned to a cache line, so that vector loads never straddle two lines.

import Glibc

/// A block of floats: 64-byte aligned, zeroed at the start, freed with this object.
///
/// Not `Sendable`: whoever owns the block decides which thread writes what.
public final class AlignedFloats {
  /// Number of floats.
  public let count: Int
  /// The first float; valid as long as this object lives.
  public let pointer: UnsafeMutablePointer<Float>

  /// Allocates `count` zeros.
  /// - Precondition: `count` is not negative.
  public init(count: Int) {
    precondition(count >= 0, "a block of floats cannot have a negative count")
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    self.count = count
    pointer = raw.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// All floats as a buffer.
  public var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// A copy of all floats.
  public var array: [Float] { Array(buffer) }

  /// Sets every float to zero.
  public func clear() { pointer.update(repeating: 0, count: count) }
}
