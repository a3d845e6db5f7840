// How a process enters a numeric class: the variables that OpenBLAS reads while it is being loaded.
//
// OpenBLAS chooses its kernels before `main`, so a process whose variables differ sets them and executes itself again,
// once. What a shell happens to have set never matters.

import CKernels
import Glibc

extension NumericClass {
  /// The variables that must stand before OpenBLAS is loaded.
  ///
  /// The size of the L2 cache (KiB) is pinned because OpenBLAS may block its products by it.
  public var environment: [(name: String, value: String)] {
    let core = self == .avx512 ? "SkylakeX" : "Haswell"
    return [("OPENBLAS_CORETYPE", core), ("OPENBLAS_L2_SIZE", "512"), ("OPENBLAS_NUM_THREADS", "1")]
  }

  /// Whether the variables stand as the class needs them.
  public var isEntered: Bool { environment.allSatisfy { variable($0.name) == $0.value } }

  /// Executes this program again, with the same arguments, where the variables of the class do not stand.
  ///
  /// Does not return then: the new image starts at `main` in the same process. Call it first thing in `main`, before
  /// any thread or open file. Where the execution fails, or did not help, the process ends with status 78 and one line.
  public static func reexecuteIfNeeded(for numericClass: NumericClass) {
    let mark = "\(numericClass.name):\(getpid())"
    if numericClass.isEntered {
      if variable(guardName) == mark { restoreProcessName() }
      return
    }
    if variable(guardName) == mark { refuse("the variables of numeric class \(numericClass.name) do not stay set") }
    for (name, value) in numericClass.environment { setenv(name, value, 1) }
    setenv(guardName, mark, 1)
    execve("/proc/self/exe", CommandLine.unsafeArgv, environ)
    refuse("cannot execute /proc/self/exe again: \(String(cString: strerror(errno)))")
  }

  /// The processor's own name with family and model, which tell machines of one name apart.
  public static var processorName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
      guard let start = text.baseAddress else { return "unknown" }
      microfold_processor_name(start, 128)
      return String(cString: start)
    }
  }

  /// Holds class and process number, so that a child of this process may still execute itself.
  private static let guardName = "MICROFOLD_NUMERIC_CLASS"

  /// After an execution of /proc/self/exe the system calls the process `exe`; people look for its real name.
  private static func restoreProcessName() {
    guard let path = CommandLine.arguments.first, let base = path.split(separator: "/").last else { return }
    microfold_set_process_name(String(base))
  }

  private static func refuse(_ why: String) -> Never {
    let line = "microfold: \(why)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(78)
  }
}

private func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
