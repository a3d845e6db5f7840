// The benchmark command: one verb, one question, one answer. Exit 0 done, 1 where a history broke a rule, 2 usage.
//
// It executes itself again where the numeric class needs other BLAS variables, before anything else happens.

import Canonical
import Glibc
import Kernels

func fail(_ line: String) -> Never {
  let text = Array("bench: \(line)\n".utf8)
  _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(2)
}

ScheduleChild.enterIfAsked()

switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .help(let text): print(text)
case .wrong(let line): fail(line)
case .simulate(let options):
  do {
    exit(try simulate(options))
  } catch {
    fail("\(error)")
  }
case .run(let options):
  NumericClass.reexecuteIfNeeded(for: options.numericClass)
  NumericClass.select(options.numericClass)
  do {
    try NumericClass.verify()
    try run(options)
  } catch {
    fail("\(error)")
  }
}

/// Runs one verb and prints its answer.
func run(_ options: Options) throws {
  let answer =
    switch options.verb {
    case .step: stepBenchmark(options)
    case .kernels: kernelsBenchmark(options)
    case .layers: layersBenchmark(options)
    case .epoch: try epochBenchmark(options)
    case .study: try studyBenchmark(options)
    case .predict: try predictBenchmark(options)
    case .schedule: try scheduleBenchmark(options)
    case .race: raceBenchmark(options)
    case .simulate: preconditionFailure("simulate has options of its own")
    }
  print(options.json ? answer.json.text : answer.text)
}
