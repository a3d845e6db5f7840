// Study files: what is wrong is named by file, line and key.

import TestSupport

extension BadInput {
  private static let plan = "plan study.yaml --data target=ok.set"

  /// Replaces text in the study.
  private static func edit(_ name: String, _ old: String, _ new: String, _ says: String...) -> BadInput {
    let words = says
    return BadInput(name, plan, words: words) { try $0.replace(old, by: new, in: "study.yaml") }
  }

  /// Replaces the whole study.
  private static func text(_ name: String, _ content: String, _ says: String...) -> BadInput {
    let words = says
    return BadInput(name, plan, words: words) { try $0.write(content.utf8, to: "study.yaml") }
  }

  private init(
    _ name: String, _ command: String, words: [String], spoil: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) {
    self.name = name
    self.command = command
    status = 2
    says = ["study.yaml"] + words
    leaves = []
    environment = [:]
    self.spoil = spoil
  }

  static let studies: [BadInput] =
    files + [
      edit("a typo in a key", "fit:", "fitt:", "study.yaml:7: fitt: unknown key", "\"fit\""),
      edit("a typo deep inside", "order:", "ordr:", "study.yaml:6: network.layers[0].ordr", "\"order\""),
      edit("a key that is missing", "name: tiny", "", "name", "required"),
      edit("a key twice", "seeds:", "name: other\nseeds:", "name: the key stands here twice"),
      edit("a word for a number", "epochs: 2", "epochs: two", "study.yaml:7: fit.epochs", "1 to 100000"),
      edit("a quoted number", "epochs: 2", "epochs: \"2\"", "fit.epochs"),
      edit("a list for a number", "epochs: 2", "epochs: [2]", "fit.epochs"),
      edit("a number for a mapping", "{ epochs: 2 }", "2", "study.yaml:7: fit", "mapping"),
      edit("an impossible number", "epochs: 2", "epochs: 0", "fit.epochs", "0"),
      edit("not a number", "epochs: 2", "rate: .nan", "fit.rate"),
      edit("nan", "epochs: 2", "rate: nan", "fit.rate"),
      edit("a number beyond all limits", "epochs: 2", "rate: 1e999", "fit.rate"),
      edit("a word for a truth", "seeds:", "rows: { mirror: maybe }\nseeds:", "rows.mirror", "true or false"),
      edit("another version", "version: 1", "version: 2", "study.yaml:1: version"),
      edit("a preset that is none", "compact", "compakt", "preset", "table-1, compact"),
      edit("a class that is none", "preset:", "numeric_class: avx3\npreset:", "numeric_class", "generic, avx2, avx512"),
      edit(
        "a label that the set does not have", "seeds:", "protocol: { labels: [happiness, anger] }\nseeds:",
        "protocol.labels", "\"anger\"", "happiness, surprise"),
      edit("one label", "seeds:", "protocol: { labels: [happiness] }\nseeds:", "protocol.labels"),
      edit(
        "a label twice", "seeds:", "protocol: { labels: [surprise, surprise] }\nseeds:", "protocol.labels",
        "different"),
      edit("a protocol that is none", "seeds:", "protocol: { kind: half }\nseeds:", "protocol.kind", "loso"),
      edit("seeds that are words", "[1, 2]", "[one]", "seeds"),
      edit("a seed for a list", "[1, 2]", "1", "seeds", "list"),
      edit("a seed twice", "[1, 2]", "[1, 1]", "seeds"),
      edit("no seed", "[1, 2]", "[]", "seeds"),
      edit("more neighbours than pixels", "nearest: 4", "nearest: 64", "graphs[0]", "24 pixels"),
      edit(
        "three graphs", "8 }]", "8 }, { nearest: 4, stochastic: 0 }, { nearest: 2, stochastic: 0 }]", "graphs", "two"),
      edit(
        "more coarsenings than pixels", "2 }]", "6 }, { order: 1, filters: 1, coarsenings: 6 }]", "network.layers",
        "12 × 12"),
      edit(
        "branches that the set does not have", "seeds:", "rows: { branches: [spatial], channels: rows }\nseeds:",
        "rows.branches", "[temporal]"),
      edit("magnitudes that the set does not have", "seeds:", "rows: { channels: magnitude }\nseeds:", "rows.channels"),
      edit("a transfer without a source", "seeds:", "rows: { mirror: false }\ntransfer: frozen\nseeds:", "source"),
      edit("a grid over a typo", "seeds:", "grid: { fit.rte: [1, 2] }\nseeds:", "fit.rte", "\"rate\""),
      edit("a grid over nothing", "seeds:", "grid: { fitt.rate: [1, 2] }\nseeds:", "grid.fitt.rate", "first word"),
      edit("a grid with a wrong value", "seeds:", "grid: { fit.rate: [0.1, x] }\nseeds:", "fit.rate"),
      edit("a grid that is no list", "seeds:", "grid: { fit.rate: 0.1 }\nseeds:", "grid.fit.rate", "list"),
      edit(
        "a configuration twice", "seeds:", "grid: { fit.rate: [0.1, 1.0e-1] }\nseeds:", "grid", "same configuration"),
      edit("a name of two lines", "name: tiny", "name: \"a\\nb\"", "name", "one line"),
      edit("the target as its own source", "target: target", "target: target, source: target", "data.source"),
    ]

  private static let files: [BadInput] = [
    BadInput("a study that is not there", "plan none.yaml", "none.yaml: cannot be read", "path of a study"),
    BadInput("a folder for a study", "plan set", "set: cannot be read"),
    BadInput("a set for a study", "plan ok.set", "ok.set", "YAML"),
    text("an empty study", "", "empty", "mapping"),
    text("broken YAML", "version: [1,\n", "broken YAML"),
    text("a tab in YAML", "version: 1\nname:\n\t- x\n", "study.yaml:3: broken YAML"),
    text("an alias", "version: *v\n", "study.yaml:1"),
    text("a list for a study", "- 1\n", "mapping of keys"),
    text("two studies in one file", "version: 1\n---\nversion: 1\n", "more than one document"),
    text("a study too deep", String(repeating: "[", count: 5000), "nested deeper than 32"),
    text("a study that is too large", String(repeating: "# much\n", count: 200_000), "1400000 bytes", "1048576"),
    BadInput("a study that is not UTF-8", plan, "study.yaml:1", "UTF-8") { folder in
      try folder.write(Array("name: ".utf8) + [0xFF, 0xFE, 10], to: "study.yaml")
    },
  ]
}
