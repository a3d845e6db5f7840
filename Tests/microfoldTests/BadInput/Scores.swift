// Files of predictions.

import Foundation
import TestSupport

extension BadInput {
  private static let good = """
    fold,subject,clip,label,predicted
    f1,S1,a,happy,happy
    f1,S1,b,sad,happy
    f2,S2,a,sad,sad

    """

  private static let several = """
    configuration,seed,fold,subject,clip,label,predicted
    one,1,f1,S1,a,happy,happy
    one,2,f1,S1,a,happy,sad
    two,1,f1,S1,a,happy,happy
    two,2,f1,S1,a,happy,happy

    """

  /// Two good files and one, `p.csv`, with something wrong in it.
  private static func predictions(
    _ old: String = "", _ new: String = "", in text: String = good
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      try folder.write(good.utf8, to: "a.csv")
      try folder.write(several.utf8, to: "several.csv")
      try folder.write((old.isEmpty ? text : text.replacingOccurrences(of: old, with: new)).utf8, to: "p.csv")
    }
  }

  static let scores: [BadInput] = [
    BadInput("no predictions", "score", "PREDICTIONS.csv is missing"),
    BadInput("predictions that are not there", "score none.csv", "none.csv cannot be read", "no such file"),
    BadInput("a folder of predictions", "score set", "set is a folder"),
    BadInput("an empty file of predictions", "score p.csv", "p.csv:1: there is no header") {
      try $0.write([], to: "p.csv")
    },
    BadInput("a set for predictions", "score ok.set", "ok.set:1: ", "comma-separated values"),
    BadInput(
      "a missing column", "score p.csv", "p.csv:1: the column \"predicted\" is missing", "fold,subject,clip,label,",
      spoil: predictions("label,predicted", "label,guess")),
    BadInput(
      "a column twice", "score p.csv", "p.csv:1: the column \"label\" is there twice",
      spoil: predictions("label,predicted", "label,label")),
    BadInput(
      "a header and nothing else", "score p.csv", "p.csv: there is no prediction",
      spoil: predictions(in: "fold,subject,clip,label,predicted\n")),
    BadInput(
      "a clip twice", "score p.csv", "p.csv:3: clip S1/a stands twice in fold \"f1\", first on line 2",
      spoil: predictions("S1,b", "S1,a")),
    BadInput(
      "an empty label", "score p.csv", "p.csv:4: the column \"label\" is empty",
      spoil: predictions("S2,a,sad,sad", "S2,a,,sad")),
    BadInput(
      "an empty prediction below a field of two lines", "score p.csv", "p.csv:5: the column \"predicted\" is empty",
      spoil: predictions("S1,b,sad,happy\nf2,S2,a,sad,sad", "S1,\"b\nb\",sad,happy\nf2,S2,a,sad,")),
    BadInput(
      "a clip with two labels", "score p.csv", "p.csv:3: clip S1/a has the label \"sad\" here and \"happy\" on line 2",
      spoil: predictions("f1,S1,b", "f3,S1,a")),
    BadInput(
      "a field too few", "score p.csv", "p.csv:3: 4 fields where the header names 5",
      spoil: predictions(",sad,happy", ",sad")),
    BadInput(
      "labels that are none", "score p.csv", "p.csv:66: more than 64 different labels",
      spoil: predictions(
        in: "fold,subject,clip,label,predicted\n" + (0..<99).map { "f,S\($0),c,\($0),\($0)\n" }.joined())),
    BadInput(
      "several configurations", "score several.csv", "2 configurations (\"one\", \"two\")", "--configuration NAME",
      spoil: predictions()),
    BadInput(
      "several seeds", "score several.csv --configuration two", "2 seeds (\"1\", \"2\")", "--seed N",
      spoil: predictions()),
    BadInput(
      "a configuration that is not in the file", "score several.csv --configuration x --seed 1",
      "no configuration \"x\"", "\"one\", \"two\"", spoil: predictions()),
    BadInput(
      "a seed that is not in the file", "score several.csv --configuration one --seed 7", "no seed \"7\"",
      "\"1\", \"2\"", spoil: predictions()),
    BadInput(
      "a configuration of a file that names none", "score a.csv --configuration one", "no column \"configuration\"",
      "leave --configuration away", spoil: predictions()),
    BadInput("one file to compare", "compare a.csv", "B.csv is missing", spoil: predictions()),
    BadInput(
      "several seeds to compare", "compare several.csv a.csv --configuration-a one", "several.csv: 2 seeds",
      "--seed-a N", spoil: predictions()),
    BadInput(
      "a clip that is not in the other file", "compare a.csv p.csv", "a.csv:3: clip S1/b is not in p.csv",
      spoil: predictions("f1,S1,b,sad,happy\n", "")),
    BadInput(
      "a clip that is in the other file alone", "compare p.csv a.csv", "a.csv:3: clip S1/b is not in p.csv",
      spoil: predictions("f1,S1,b,sad,happy\n", "")),
    BadInput(
      "another label in the other file", "compare a.csv p.csv", "p.csv:4: clip S2/a has the label \"happy\" here and",
      "\"sad\" in a.csv:4", spoil: predictions("S2,a,sad,sad", "S2,a,happy,sad")),
  ]
}
