// Addresses that are not this machine's, or are no addresses.

import TestSupport

extension BadInput {
  private static let coordinate = "coordinate study.yaml --data target=ok.set --run-dir r --listen"

  static let addresses: [BadInput] = [
    BadInput("an address that others reach", "\(coordinate) tcp://0.0.0.0:7719", "tcp://0.0.0.0:7719", "127.0.0.1"),
    BadInput("every address there is", "\(coordinate) tcp://*:7719", "tcp://*:7719", "127.0.0.1"),
    BadInput("an address of IPv6 that others reach", "\(coordinate) tcp://[::]:7719", "127.0.0.1"),
    BadInput("a name for an address", "\(coordinate) tcp://example.org:7719", "127.0.0.1"),
    BadInput("an address of another machine", "work --connect tcp://10.0.0.1:7719", "10.0.0.1", "127.0.0.1"),
    BadInput("a question to another machine", "status --connect tcp://8.8.8.8:7719", "8.8.8.8", "127.0.0.1"),
    BadInput(
      "keys that are not there", "\(coordinate) tcp://0.0.0.0:7719 --keys no", "no/coordinator.secret", "keys new"),
    BadInput("no key to prove", "work --connect tcp://10.0.0.1:7719 --keys no", "no/NAME.secret", "keys new"),
    BadInput("no verb of keys", "keys change --keys k", "new, authorise, list, revoke"),
    BadInput("a name of a key that is none", "keys new --keys k --name ../x", "--name ../x"),
    BadInput("words of keys that are missing", "keys authorise --keys k lab07", "2 words"),
    BadInput("no key to authorise", "keys authorise --keys k lab07 no.public", "no.public", "40 signs"),
    BadInput("a role that is none", "keys authorise --keys k lab07 no.public --role boss", "worker, viewer or admin"),
    BadInput("a network that is none", "keys authorise --keys k lab07 no.public --from 10.1.0.1/8", "10.1.0.0/16"),
    BadInput("a day that is none", "keys authorise --keys k lab07 no.public --until 2027-02-29", "2027-01-31"),
    BadInput("a folder of keys that is none", "keys list --keys typo", "typo: not there", "keys new"),
    BadInput("a role for a key that is made", "keys new --keys k --name lab07 --role viewer", "keys new: --role"),
    BadInput("a network for a key that is revoked", "keys revoke --keys k lab07 --from 10.1.0.0/16", "revoke: --from"),
    BadInput("a name for a list of keys", "keys list --keys k --name lab07", "keys list: --name"),
    BadInput("another folder for a key", "keys authorise --keys k a b --coordinator c", "authorise: --coordinator"),
    BadInput("a word too many for why", "why 1 2 --connect tcp://127.0.0.1:1", "unexpected \"2\"", "one STAGE"),
    BadInput("a word too many for retry", "retry --connect tcp://127.0.0.1:1 1 2", "unexpected \"2\"", "one STAGE"),
    BadInput("hosts that no coordinator trusts", "retry none --quarantined", "--quarantined", "--connect ENDPOINT"),
    BadInput("an address that is none", "\(coordinate) here", "here: not an endpoint", "tcp://127.0.0.1:PORT"),
    BadInput("a port that is none", "\(coordinate) tcp://127.0.0.1:70000", "not an endpoint"),
    BadInput("a socket in no folder", "\(coordinate) ipc://no/c.sock", "ipc://no/c.sock", leaves: ["r"]),
    BadInput(
      "a socket with a name that is too long", "\(coordinate) ipc:///tmp/\(String(repeating: "x", count: 200))",
      "107 bytes"),
    BadInput(
      "a lease shorter than three beats", "\(coordinate) tcp://127.0.0.1:7719 --lease-ms 300 --beat-ms 200",
      "--lease-ms 300", "three times --beat-ms"),
    BadInput("nobody at the address", "status --connect tcp://127.0.0.1:1", "no coordinator answers", status: 75),
    BadInput(
      "no coordinator for a worker", "work --connect tcp://127.0.0.1:1 --data target=ok.set --patience-s 1",
      "no coordinator answered for 1 s", status: 75),
  ]
}
