// The numeric class: names, variables, the start-up check, the probe, and the one re-execution.

import Glibc
import Kernels
import Testing

@Suite("numeric class")
struct NumericClassTests {
  @Test("names carry the revision and read back with or without it", arguments: NumericClass.allCases)
  func names(numericClass: NumericClass) {
    #expect(NumericClass(name: numericClass.name) == numericClass)
    #expect(NumericClass(name: numericClass.rawValue) == numericClass)
    #expect(NumericClass(name: "\(numericClass.rawValue).\(NumericClass.revision + 1)") == nil)
    #expect(NumericClass(name: "sse") == nil)
  }

  @Test("this process computes in the default class, and its kernels are right")
  func verifies() throws {
    #expect(NumericClass.selected == (NumericClass.avx2.isSupported ? .avx2 : .generic))
    try NumericClass.verify()
  }

  @Test("the probe is finite, has variety and repeats bit by bit")
  func probes() {
    let first = NumericClass.probe()
    #expect(bits(first) == bits(NumericClass.probe()))
    #expect(first.allSatisfy(\.isFinite) && Set(first).count > 2_000)
  }

  @Test("every class chosen in turn passes its check, and the probes agree within rounding")
  func everyClass() async {
    await #expect(processExitsWith: .success) {
      var probes: [[Float]] = []
      for numericClass in NumericClass.allCases where numericClass.isSupported {
        NumericClass.select(numericClass)
        precondition(NumericClass.selected == numericClass, "the chosen class is selected")
        try NumericClass.verify()
        probes.append(NumericClass.probe())
      }
      for probe in probes.dropFirst() {
        precondition(relativeError(probe, probes[0].map { Double($0) }) < 1e-5, "probes agree within rounding")
      }
    }
  }

  /// The child executes itself while it runs this closure, and runs it again with the variables set. The testing
  /// library forgets which closure the child is for, so it is told again from the variables the child began with.
  @Test("a process enters its class by executing itself once, whatever the shell had set")
  func reexecutes() async {
    guard NumericClass.avx2.isSupported else { return }
    await #expect(processExitsWith: .exitCode(42)) {
      if getenv("MICROFOLD_NUMERIC_CLASS") == nil {
        restoreFirstEnvironment()
        setenv("OPENBLAS_CORETYPE", "Prescott", 1)
      }
      NumericClass.reexecuteIfNeeded(for: .avx2)
      precondition(NumericClass.avx2.isEntered, "the variables stand after the execution")
      try NumericClass.verify()
      exit(42)
    }
  }

  @Test("errors are one line with a way out")
  func errors() {
    let all: [NumericClassError] = [
      .wrongProduct(core: "Zen", shape: "1x2x3", error: 0.5), .wrongCore(wanted: "Haswell", found: "Prescott"),
      .wrongKernel(name: "sparseProduct", error: 1),
    ]
    for error in all { #expect("\(error)".contains(": use ") && !"\(error)".contains("\n")) }
    print("processor: \(NumericClass.processorName), fastest class \(NumericClass.fastestSupported)")
    #expect(NumericClass.processorName.contains("family"))
  }

  @Test("aligned blocks start at a cache line, zeroed; a negative count traps")
  func aligned() async {
    for count in [0, 1, 17, 1_000] {
      let block = AlignedFloats(count: count)
      #expect(UInt(bitPattern: block.pointer) % 64 == 0 && block.array == [Float](repeating: 0, count: count))
    }
    await #expect(processExitsWith: .failure) { _ = AlignedFloats(count: -1) }
  }
}

/// Sets every variable that this process was started with, as the kernel still remembers them.
private func restoreFirstEnvironment() {
  guard let file = fopen("/proc/self/environ", "r") else { return }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var byte = getc(file)
  while byte != EOF {
    bytes.append(UInt8(byte))
    byte = getc(file)
  }
  for entry in bytes.split(separator: 0) {
    let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1)
    if parts.count == 2 {
      setenv(String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self), 1)
    }
  }
}
