// Hands the command line to libFuzzer's driver, which SwiftPM's own entry point leaves without a `main`.

import Glibc

/// libFuzzer's loop: takes the command line and a function that tries one input; returns an exit status.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ words: UnsafeMutableRawPointer,
  _ tryOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var count = CommandLine.argc
var words = CommandLine.unsafeArgv
exit(runDriver(&count, &words) { fuzzOneInput($0, $1) })
