// `pause`, `resume`, `cancel`, `drain`: orders of a person to a running coordinator.

import Canonical
import Cluster

/// What the four verbs share: where the coordinator is found, and how its answer is shown.
private enum Order {
  static let place = """
      RUN-DIR              the directory of the run; its ledger says where the coordinator listens
      --connect ENDPOINT   the coordinator itself
      --keys DIR           a key of role admin: needed where the coordinator has keys
    """

  static func give(
    _ request: [String: JSON], _ arguments: Arguments, runDirectory: String?, done: String
  ) throws -> Int32 {
    let answer = try arguments.coordinator(ofRun: runDirectory).ask(.object(request))
    let workers = answer["workers"]?.integer.map { ": \($0) workers" } ?? ""
    Output.line(done + workers)
    return 0
  }
}

enum PauseVerb: Verb {
  static let name = "pause"
  static let summary = "grant nothing new; what is being computed goes on"
  static let flags = Flags(values: ["--connect", "--keys"], words: ["RUN-DIR"], optionalWords: 1)
  static let help = """
    microfold pause RUN-DIR | --connect ENDPOINT [--keys DIR]

    Until `resume`, or until the coordinator is started again.

    \(Order.place)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    try Order.give(
      ["verb": "pause"], arguments, runDirectory: arguments.words.first, done: "paused: nothing new is granted")
  }
}

enum ResumeVerb: Verb {
  static let name = "resume"
  static let summary = "grant stages again; or let a drained or quarantined host work again"
  static let flags = Flags(values: ["--connect", "--keys", "--host"], words: ["RUN-DIR"], optionalWords: 1)
  static let help = """
    microfold resume RUN-DIR | --connect ENDPOINT [--host HOST] [--keys DIR]

      --host HOST          open this host, which was drained or quarantined; the run is not resumed by it
    \(Order.place)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    var request: [String: JSON] = ["verb": "resume"]
    request["host"] = arguments.value("--host").map(JSON.string)
    return try Order.give(
      request, arguments, runDirectory: arguments.words.first,
      done: arguments.value("--host").map { "\($0) may work again" } ?? "resumed")
  }
}

enum CancelVerb: Verb {
  static let name = "cancel"
  static let summary = "end a run in good order; the command that began it goes on from there"
  static let flags = Flags(values: ["--connect", "--keys"], words: ["RUN-DIR"], optionalWords: 1)
  static let help = """
    microfold cancel RUN-DIR | --connect ENDPOINT [--keys DIR]

    As Ctrl-C at the coordinator: what is in the ledger stays, the coordinator ends with 130, workers of `work` go on
    with what they hold and wait for the next coordinator.

    \(Order.place)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    try Order.give(["verb": "cancel"], arguments, runDirectory: arguments.words.first, done: "cancelled")
  }
}

enum DrainVerb: Verb {
  static let name = "drain"
  static let summary = "let the workers of a host finish what they have, and go"
  static let flags = Flags(values: ["--connect", "--keys"], words: ["RUN-DIR", "HOST"], optionalWords: 1)
  static let help = """
    microfold drain RUN-DIR HOST | --connect ENDPOINT HOST [--keys DIR]

    Workers from HOST, the name that `status` shows, are refused until `resume --host HOST`.

    \(Order.place)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let isConnected = arguments.value("--connect") != nil
    guard arguments.words.count == (isConnected ? 1 : 2), let host = arguments.words.last else {
      throw Failure("drain: give RUN-DIR HOST, or --connect ENDPOINT HOST")
    }
    return try Order.give(
      ["verb": "drain", "host": .string(host)], arguments, runDirectory: isConnected ? nil : arguments.words[0],
      done: "\(host) is drained")
  }
}
