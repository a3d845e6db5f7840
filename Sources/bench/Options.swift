// The command line of bench: a verb and a few flags; anything else is one line and exit 2.

import Kernels

/// What to measure, and how.
struct Options {
  enum Verb: String, CaseIterable {
    case kernels, layers, step, epoch, study, predict, schedule, race, simulate

    var question: String {
      switch self {
      case .kernels: "How near to the processor's limit are the products that a network spends its time in?"
      case .layers: "Which layers of workload W take the time of a training step?"
      case .step: "How many images a second does workload W train, against what the processor could?"
      case .epoch: "How long does one epoch of the preset compact take, from prepared set to changed weights?"
      case .study: "How does the time of a study grow with its folds and settings?"
      case .schedule: "What does a stage cost that computes nothing, from its grant to its durable result?"
      case .simulate: "Do histories with faults, each from one number, keep every promise of the cluster?"
      case .predict: "How long does one clip take, from the start of microfold to its answer?"
      case .race: "How often does the best configuration survive a race, and how many fold trainings does that save?"
      }
    }
  }

  /// What a command line means.
  enum Request {
    case help(String)
    case wrong(String)
    case run(Options)
    case simulate(SimulateOptions)
  }

  var verb: Verb
  var threads = 1
  private var givenBatch: Int?
  private var givenSide: Int?
  private var givenStages: Int?
  /// Worker processes of a coordinator.
  var workers = 2
  /// Whether a coordinator is neither started again nor given idle sessions.
  var isBrief = false
  var numericClass = NumericClass.fastestSupported
  var json = false
  /// A small workload in well under a second, so that tests can run every verb.
  var tiny = false

  /// Timed repetitions; the answer is their median.
  var repeats: Int { tiny ? 5 : 11 }

  /// Images of one step.
  var batch: Int { givenBatch ?? (tiny && verb == .step ? 4 : 32) }

  /// Pixels along an edge of an image of workload W.
  var side: Int { givenSide ?? (tiny ? 16 : 64) }

  /// Stages of a coordinator's plan.
  var stages: Int { givenStages ?? (tiny ? 300 : 100_000) }

  /// Sessions without work that a coordinator is given.
  var idleSessions: Int { tiny ? 20 : 2_000 }

  /// The machine and how it is used, for the second line of an answer.
  var place: String { "\(NumericClass.processorName), class \(numericClass.name), \(threads) thread(s)" }

  /// The same on one thread: what one image costs.
  var onOneThread: Options {
    var options = self
    options.threads = 1
    return options
  }

  static let usage = """
    usage: bench kernels | layers | step | epoch | study | predict | schedule | race
           [--threads N] [--batch N] [--side N] [--stages N] [--workers N] [--brief] [--class avx2|avx512|generic]
           [--json] [--tiny]
           bench simulate [--seeds A..B] [--stages N] [--workers N] [--threads N] [--trace SEED] [--planted NAME]
           [--json] [--tiny]

    \(Verb.allCases.map { "  \($0.rawValue.padded(to: 9))\($0.question)" }.joined(separator: "\n"))

      --threads N   threads that share one batch, 1 to 64 (default 1)
      --batch N     images of one step, 1 to 4096 (default 32)
      --side N      step: images of N x N pixels, 16 to 256 (default 64)
      --stages N    schedule: stages of the plan, 1 to 10000000 (default 100000)
      --workers N   schedule: worker processes, 1 to 64 (default 2)
      --brief       schedule: the stages and the floors alone, no restart, no idle sessions
      --class NAME  numeric class; the default is the fastest that this processor has
      --json        one object on one line
      --tiny        a small workload that shows that the benchmark runs, and nothing else
      --seeds A..B  simulate: these histories, B not among them (default 0..1000)
      --stages N    simulate: stages of each plan, 6 to 4096 (default 200)
      --workers N   simulate: workers, 1 to 200 (default 20)
      --trace SEED  simulate: the one history of this seed, in words
      --planted E   simulate: plant an error and say how many seeds found it; `all` for each
    """

  /// Reads a command line.
  static func parse(_ arguments: [String]) -> Request {
    if arguments.isEmpty || arguments.contains("--help") || arguments == ["help"] { return .help(usage) }
    guard let verb = Verb(rawValue: arguments[0]) else {
      let known = Verb.allCases.map(\.rawValue).joined(separator: ", ")
      return .wrong("unknown verb \"\(arguments[0])\"; known: \(known) (see bench --help)")
    }
    if verb == .simulate { return SimulateOptions.parse(arguments.dropFirst()) }
    var options = Options(verb: verb)
    var rest = arguments.dropFirst()
    while let flag = rest.popFirst() {
      switch flag {
      case "--json": options.json = true
      case "--tiny": options.tiny = true
      case "--brief":
        guard verb == .schedule else { return .wrong("--brief is a flag of schedule alone") }
        options.isBrief = true
      case "--threads", "--batch", "--side", "--class", "--stages", "--workers":
        guard let value = rest.popFirst() else { return .wrong("\(flag) needs a value (see bench --help)") }
        if let line = options.set(flag, value) { return .wrong(line) }
      default: return .wrong("unknown flag \"\(flag)\" of bench \(verb.rawValue) (see bench --help)")
      }
    }
    return .run(options)
  }

  /// Takes the value of a flag; returns what is wrong with it, if anything.
  private mutating func set(_ flag: String, _ value: String) -> String? {
    switch flag {
    case "--threads":
      guard let number = Int(value), (1...64).contains(number) else { return "--threads is a number from 1 to 64" }
      threads = number
    case "--batch":
      guard let number = Int(value), (1...4096).contains(number) else { return "--batch is a number from 1 to 4096" }
      givenBatch = number
    case "--side":
      guard verb == .step else { return "--side is a flag of step alone" }
      guard let number = Int(value), (16...256).contains(number) else { return "--side is a number from 16 to 256" }
      givenSide = number
    case "--stages":
      guard verb == .schedule else { return "--stages is a flag of schedule alone" }
      guard let number = Int(value), (1...10_000_000).contains(number) else {
        return "--stages is a number from 1 to 10000000"
      }
      givenStages = number
    case "--workers":
      guard verb == .schedule else { return "--workers is a flag of schedule alone" }
      guard let number = Int(value), (1...64).contains(number) else { return "--workers is a number from 1 to 64" }
      workers = number
    default:
      guard let found = NumericClass(name: value) else { return "--class is avx2, avx512 or generic" }
      guard found.isSupported else { return "this processor cannot run class \(value) (\(NumericClass.processorName))" }
      numericClass = found
    }
    return nil
  }
}

extension String {
  /// The text with spaces after it, up to a width.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
