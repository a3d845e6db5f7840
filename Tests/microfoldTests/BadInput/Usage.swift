// Words, flags and values.

import TestSupport

extension BadInput {
  static let usage: [BadInput] = [
    BadInput("unknown verb", "trian", "\"trian\"", "known: ", "prepare"),
    BadInput("a flag as verb", "--jsn", "\"--jsn\""),
    BadInput("unknown flag", "plan study.yaml --dta target=ok.set", "--dta", "--data"),
    BadInput("a flag of another verb", "prepare --workers 2", "--workers", "--layout"),
    BadInput("a flag without its value", "plan study.yaml --data", "--data needs a value", "--help"),
    BadInput("a flag in place of a value", "run study.yaml --run-dir --workers 2", "--run-dir needs a value"),
    BadInput("an empty value", "run study.yaml --data target=ok.set --run-dir _", "--run-dir needs a value"),
    BadInput("a flag twice", "prepare --layout folders --layout folders", "--layout stands twice"),
    BadInput("a missing flag", "prepare --layout folders --root set", "--out is missing"),
    BadInput("a missing word", "inspect", "FILE is missing"),
    BadInput("an empty word", "inspect _", "FILE is missing"),
    BadInput("a word too many", "inspect ok.set source.set", "unexpected \"source.set\""),
    BadInput("unknown layout", "prepare --layout nosuch --root set --out x.set", "nosuch", "folders, flow-images"),
    BadInput("a layout that cannot be drawn", "synthesize --layout flow-images --out x", "flow-images", "folders"),
    BadInput("a side that is too small", "prepare --layout flow-images --root set --out x.set --side 4", "8 to 512"),
    BadInput("a side that is no number", "prepare --layout flow-images --root set --out x.set --side big", "big"),
    BadInput("too few frames", "prepare --layout flow-images --root set --out x.set --frames 2", "3 to 1000"),
    BadInput("no worker", "run study.yaml --data target=ok.set --run-dir r --workers 0", "--workers 0", "1 to 256"),
    BadInput("no subjects to draw", "synthesize --out x --subjects 0", "--subjects 0", "2 to 99"),
    BadInput("seeds that are words", "plan study.yaml --data target=ok.set --seeds 1,two", "1,two", "whole numbers"),
    BadInput("a seed twice", "plan study.yaml --data target=ok.set --seeds 1,1", "1,1"),
    BadInput(
      "a seed that is too large", "plan study.yaml --data target=ok.set --seeds 99999999999999999999", "--seeds"),
    BadInput("an empty list of seeds", "run study.yaml --data target=ok.set --run-dir r --seeds ,", "--seeds"),
    BadInput("data without =", "plan study.yaml --data ok.set", "--data ok.set", "NAME=FILE"),
    BadInput("data without a name", "plan study.yaml --data =ok.set", "NAME=FILE"),
    BadInput("data without a file", "plan study.yaml --data target=", "NAME=FILE"),
    BadInput("data twice", "plan study.yaml --data target=ok.set --data target=ok.set", "target", "twice"),
    BadInput("data that the study does not use", "plan study.yaml --data target=ok.set --data more=ok.set", "more"),
    BadInput("data that is missing", "plan study.yaml", "\"target\"", "--data target=FILE"),
    BadInput("a class that is none", "work --connect tcp://127.0.0.1:7 --class avx3", "avx3", "avx2, avx512, generic"),
    BadInput("status of nothing", "status", "RUN-DIR or --connect"),
    BadInput("status of no run directory", "status set", "set: not a run directory", "--run-dir"),
    BadInput("report of nothing", "report none", "none: not a run directory"),
    BadInput("report of a file", "report study.yaml", "study.yaml: not a run directory"),
    BadInput("verify of nothing", "verify none", "none: not a run directory"),
    BadInput("why of nothing", "why none", "none: not a run directory"),
    BadInput("retry of nothing", "retry none", "none: not a run directory"),
    BadInput("a stage of nothing", "stage none 1", "none: not a run directory"),
  ]
}
