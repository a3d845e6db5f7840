// Memory of one stage that the system gives when it is written and takes back at once when it is freed.
//
// malloc keeps large blocks for later once it has seen one freed, so a worker would stay as large as its largest stage.

import Glibc

/// Floats straight from the system, zero until they are written; a page costs nothing before that. The thread that
/// writes a page first has it near its core.
final class StageMemory {
  /// The first float.
  let pointer: UnsafeMutablePointer<Float>
  private let bytes: Int

  /// Room for `count` floats.
  init(count: Int) {
    bytes = max(count, 1) * MemoryLayout<Float>.stride
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("the system gives no address space for \(bytes) bytes") }
    pointer = memory.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { munmap(pointer, bytes) }
}
