// Prepared sets: absent, truncated, with one bit off, of another kind.

import TestSupport

extension BadInput {
  static let sets: [BadInput] = [
    BadInput("a set that is not there", "inspect none.set", "none.set cannot be read", "prepare"),
    BadInput(
      "a folder for a set", "plan study.yaml --data target=set", "set cannot be read: it is a folder", "prepare"),
    BadInput("another file for a set", "inspect study.yaml", "not a prepared set", "prepare"),
    BadInput("an empty set", "inspect ok.set", "not a prepared set") { try $0.write([], to: "ok.set") },
    BadInput("a truncated set", "inspect ok.set", "damaged", "prepare it again") { folder in
      try folder.write(folder.bytes("ok.set").prefix(3000), to: "ok.set")
    },
    BadInput("a set without its last byte", "inspect ok.set", "damaged") { folder in
      try folder.write(folder.bytes("ok.set").dropLast(), to: "ok.set")
    },
    BadInput("a set with a byte more", "inspect ok.set", "damaged") {
      try $0.write($0.bytes("ok.set") + [0], to: "ok.set")
    },
    BadInput("a bit off in a set's mark", "inspect ok.set", "not a prepared set") { try $0.flip("ok.set", at: 2) },
    BadInput("a bit off in a set's sizes", "inspect ok.set", "damaged") { try $0.flip("ok.set", at: 17) },
    BadInput("a bit off in a set's header", "inspect ok.set", "damaged", "digest") { try $0.flip("ok.set", at: 200) },
    BadInput("a bit off in a clip", "run study.yaml --data target=ok.set --run-dir r", "clip S", "digest") { folder in
      try folder.flip("ok.set", at: folder.bytes("ok.set").count / 2)
    },
    BadInput("a bit off in a set's digest", "inspect ok.set", "damaged") { try $0.flip("ok.set", at: -1) },
    BadInput("a damaged set for a worker", "work --connect tcp://127.0.0.1:7 --data target=ok.set", "damaged") {
      folder in
      try folder.flip("ok.set", at: folder.bytes("ok.set").count / 2)
    },
    BadInput(
      "sets of two sizes", "plan study.yaml \(TinyStudy.data.joined(separator: " "))", "the target set 12", "side 16",
      "--side"
    ) { folder in
      try folder.write(TinyStudy.frozen(epochs: 1).utf8, to: "study.yaml")
      let made = try Child.run(
        ["prepare", "--layout", "flow-images", "--root", "other", "--side", "16", "--out", "source.set"], in: folder)
      guard made.status == 0 else { throw TooLate(description: made.errors) }
    },
    BadInput("one subject", "plan study.yaml --data target=one.set", "two subjects") { folder in
      try folder.writeFlowImages("one", side: 12, tone: 0)
      for other in ["S2", "S3"] { try folder.replace("\(other),", by: "S1,x\(other)", in: "one/annotation.csv") }
      let made = try Child.run(["prepare", "--layout", "flow-images", "--root", "one", "--out", "one.set"], in: folder)
      guard made.status == 0 else { throw TooLate(description: made.errors) }
    },
  ]
}
