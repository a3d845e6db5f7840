// Entering a numeric class: the variables, the one re-execution, the start-up check, the proof.

import Canonical
import Kernels

extension NumericClass {
  /// Enters the class, or says why this machine cannot; returns the digest of the probe's bits.
  ///
  /// Starts the program again, once, where the variables that OpenBLAS reads when it is loaded stand otherwise.
  func enter() throws -> Digest {
    guard isSupported else {
      throw Failure(
        "this processor (\(NumericClass.processorName)) cannot compute in class \(name); "
          + "use numeric_class: \(NumericClass.fastestSupported.rawValue) or generic",
        status: 78)
    }
    NumericClass.reexecuteIfNeeded(for: self)
    NumericClass.select(self)
    try NumericClass.verify()
    var writer = ByteWriter()
    for value in NumericClass.probe() { writer.integer(value.bitPattern) }
    return Digest(of: writer.bytes)
  }
}
