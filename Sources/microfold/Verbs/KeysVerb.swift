// `keys`: makes keys, and says which of them may come in, as what, from where, until when.

import Access
import Canonical
import Cluster
import Foundation

enum KeysVerb: Verb {
  static let name = "keys"
  static let summary = "make keys; say who may come in, as what, from where and until when"
  static let flags = Flags(
    values: ["--keys", "--name", "--coordinator", "--role", "--from", "--until"], switches: ["--json"],
    words: ["new|authorise|list|revoke", "NAME", "PUBLICKEY"], optionalWords: 2)
  static let help = """
    microfold keys new       --keys DIR [--name NAME] [--coordinator DIR] [--json]
    microfold keys authorise --keys DIR NAME PUBLICKEY [--role worker|viewer|admin] [--from NETWORK] [--until DATE]
    microfold keys list      --keys DIR [--json]
    microfold keys revoke    --keys DIR NAME [--json]

    new        makes a pair of keys: the coordinator's without --name, else that of a worker or a person. Nothing is
               ever overwritten; the secret stays in NAME.secret, readable by you alone
    authorise  lets a key in (in the coordinator's folder), or changes of one that is let in what the flags say: the
               rest of its entry stays; --from any and --until never take a limit away
    list       who may come in
    revoke     lets a key in no longer; a coordinator that runs ends its connection within a beat

      --keys DIR         the folder of keys
      --name NAME        of the key: letters, digits, ".", "_", "-"
      --coordinator DIR  copies coordinator.public from there, so that the new folder is all that a worker needs
      --role ROLE        worker (default) computes, viewer asks (status, why), admin asks and gives orders (retry)
      --from NETWORK     the only network that it may come from, such as 10.1.0.0/16; any: from everywhere
      --until DATE       the last day on which it holds (UTC), such as 2027-01-31, or the second it ends; never: no end
      PUBLICKEY          a .public file, or its text in single quotes
      --json             one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let folder = KeyFolder(try arguments.required("--keys"))
    let words = arguments.words
    guard let (count, known) = parts[words[0]] else {
      throw Failure("keys: \(words[0]): one of new, authorise, list, revoke was expected")
    }
    guard words.count == count else {
      throw Failure("keys \(words[0]): \(count - 1) words behind it were expected; see microfold keys --help")
    }
    if let strange = flags.values.first(where: { arguments.value($0) != nil && $0 != "--keys" && !known.contains($0) })
    {
      throw Failure("keys \(words[0]): \(strange) means nothing here; see microfold keys --help")
    }
    switch words[0] {
    case "new": try make(in: folder, arguments)
    case "authorise": try authorise(in: folder, words[1], words[2], arguments)
    case "revoke":
      try folder.revoke(words[1])
      say("revoked \(words[1])", ["revoked": .string(words[1])], arguments)
    default: list(try folder.authorised(), arguments)
    }
    return 0
  }

  /// The sub-verbs: how many words with their own, and which flags beside `--keys` and `--json`.
  private static let parts: [String: (words: Int, flags: [String])] = [
    "new": (1, ["--name", "--coordinator"]), "authorise": (3, ["--role", "--from", "--until"]), "list": (1, []),
    "revoke": (2, []),
  ]

  private static func say(_ line: String, _ object: JSON, _ arguments: Arguments) {
    if arguments.has("--json") { Output.json(object) } else { Output.line(line) }
  }

  private static func make(in folder: KeyFolder, _ arguments: Arguments) throws {
    let name = arguments.value("--name") ?? KeyFolder.coordinatorName
    guard arguments.value("--coordinator") == nil || name != KeyFolder.coordinatorName else {
      throw Failure("keys new: --coordinator goes with the --name of a worker or a person")
    }
    let key = try folder.make(name, coordinator: arguments.value("--coordinator"))
    say(key.text, ["name": .string(name), "key": .string(key.text), "folder": .string(folder.path)], arguments)
    guard name != KeyFolder.coordinatorName else { return }
    Output.note("to let it in, on the coordinator's machine: microfold keys authorise --keys DIR \(name) '\(key)'")
  }

  private static func authorise(
    in folder: KeyFolder, _ name: String, _ word: String, _ arguments: Arguments
  ) throws {
    guard KeyEntry.isName(name), name != KeyFolder.coordinatorName else {
      throw Failure("keys authorise: \(name): at most 64 letters, digits, \".\", \"_\", \"-\" were expected as a name")
    }
    let role = try arguments.value("--role").map { text in
      guard let role = Role(rawValue: text) else {
        throw Failure("keys authorise: --role \(text): worker, viewer or admin was expected")
      }
      return role
    }
    let network = try limit("--from", none: "any", arguments) { text in
      guard let network = Network(text) else {
        throw Failure(
          "keys authorise: --from \(text): a network such as 10.1.0.0/16, zeros behind its prefix, or any was expected")
      }
      return network
    }
    let until = try limit("--until", none: "never", arguments) { text in
      guard let until = Moment(text) else {
        throw Failure(
          "keys authorise: --until \(text): a day such as 2027-01-31 or 2027-01-31T12:00:00Z, or never was expected")
      }
      return until
    }
    let key = try KeyFolder.publicKey(word)
    let (entry, wasThere) = try folder.authorise(name, key) { old in
      KeyEntry(
        name: name, role: role ?? old?.role ?? .worker, key: key, network: network ?? old?.network,
        until: until ?? old?.until)
    }
    guard arguments.has("--json") else {
      return Output.line("\(wasThere ? "changed" : "authorised") \(entry.line)")
    }
    Output.json(["authorised": json(entry), "was_there": .bool(wasThere)])
  }

  /// What a flag limits: nil where it is not given, and `.some(nil)` where it takes the limit away.
  private static func limit<Value>(
    _ flag: String, none: String, _ arguments: Arguments, read: (String) throws -> Value
  ) throws -> Value?? {
    guard let text = arguments.value(flag) else { return nil }
    if text == none { return .some(nil) }
    return .some(try read(text))
  }

  private static func list(_ keys: AuthorisedKeys, _ arguments: Arguments) {
    guard arguments.has("--json") else {
      for entry in keys.entries { Output.line(entry.line + (isPast(entry) ? "  (out of date)" : "")) }
      if keys.entries.isEmpty { Output.note("no key is authorised") }
      return
    }
    Output.json(["keys": .array(keys.entries.map(json))])
  }

  private static func isPast(_ entry: KeyEntry) -> Bool {
    entry.until.map { Int(Date().timeIntervalSince1970) >= $0.end_s } ?? false
  }

  private static func json(_ entry: KeyEntry) -> JSON {
    [
      "name": .string(entry.name), "role": .string(entry.role.rawValue), "key": .string(entry.key.text),
      "from": entry.network.map { .string("\($0)") } ?? .null, "until": entry.until.map { .string("\($0)") } ?? .null,
      "out_of_date": .bool(isPast(entry)),
    ]
  }
}
