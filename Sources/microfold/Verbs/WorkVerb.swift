// `work`: computes stages for a coordinator.

import Canonical
import Clips
import Cluster
import Kernels
import Messages

enum WorkVerb: Verb {
  static let name = "work"
  static let summary = "compute stages for a coordinator"
  static let flags = Flags(
    values: [
      "--connect", "--slots", "--cache", "--class", "--threads-per-slot", "--checkpoint-s", "--patience-s", "--keys",
    ],
    lists: ["--data"])
  static let help = """
    microfold work --connect ENDPOINT [--data NAME=FILE]… [--keys DIR] [--slots N] [--cache DIR]

    May come late, leave (Ctrl-C: 130), be killed, or lose its coordinator for a while; results are the same. Refused
    (78) when its data, version or numeric class are not the study's, or its key is not authorised.

      --data NAME=FILE       the prepared sets, under the study's names
      --keys DIR             NAME.secret and coordinator.public: needed where the coordinator has keys
      --slots N              stages at once (1)
      --threads-per-slot N   threads a stage; bits do not depend on it (1)
      --cache DIR            keeps artifacts between runs; default: a private folder, gone at the end
      --checkpoint-s N       seconds between the states of a long stage that the coordinator keeps, so that another
                             worker can go on from there (10; 0: after every epoch); bits do not depend on it
      --class NAME           numeric class: avx2 (default), avx512 or generic
      --patience-s N         seconds without a coordinator until it gives up with 75; default: it waits
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    EmbeddedChild.enter()
    let (endpoint, keys) = try arguments.coordinator()
    let className = arguments.value("--class") ?? NumericClass.avx2.rawValue
    guard let numericClass = NumericClass(name: className) else {
      throw Failure("work: --class \(className): one of avx2, avx512, generic was expected")
    }
    let probe = try numericClass.enter()
    var sets: [String: PreparedSet] = [:]
    // A pretrained network is the coordinator's business: workers get it as an artifact.
    for file in try arguments.dataFiles() where !file.path.hasSuffix(".safetensors") {
      sets[file.name] = try PreparedSet(path: file.path)
    }
    let names = sets.keys.sorted().compactMap { name in sets[name].map { SetName(name: name, digest: $0.digest) } }
    var options = WorkerOptions(endpoint: endpoint, sets: names, numericClass: numericClass.name, probe: probe)
    options.keys = keys
    options.slots = try arguments.whole("--slots", or: 1, in: 1...256)
    options.cache = arguments.value("--cache")
    options.checkpoint_ms = 1000 * (try arguments.whole("--checkpoint-s", or: 10, in: 0...1_000_000))
    if arguments.value("--patience-s") != nil {
      options.patience_ms = 1000 * (try arguments.whole("--patience-s", or: 60, in: 1...1_000_000))
    }
    let threads = try arguments.whole("--threads-per-slot", or: 1, in: 1...64)
    let status = try WorkerRuntime(options: options, computing: TrainingComputer(sets: sets, threads: threads)).run()
    return status == ExitStatus.done && Interrupts.seen > 0 ? ExitStatus.interrupted : status
  }
}
