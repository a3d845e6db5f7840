// The files of the tiny sample, word for word. Worked out by hand from its eight rows.

enum Snapshots {
  static let json = """
    {"baselines": [{
      "confusion": [[[0, 2], [0, 3]]], "failed": [],
      "folds": [
        {"clips": 3, "correct": [2], "name": "S01", "subjects": ["S01"]},
        {"clips": 2, "correct": [1], "name": "S02", "subjects": ["S02"]}],
      "interval": {
        "accuracy": [0.5, 0.6666666666666666], "uar": [0.5, 0.5], "uf1": [0.3333333333333333, 0.4]},
      "metrics": {
        "accuracy": {"deviation": 0.0, "mean": 0.6}, "balanced_accuracy": {"deviation": 0.0, "mean": 0.5},
        "kappa": {"deviation": 0.0, "mean": 0.0},
        "per_class": {
          "happy, or so": {
            "f1": {"deviation": 0.0, "mean": 0.0}, "precision": {"deviation": 0.0, "mean": 0.0},
            "recall": {"deviation": 0.0, "mean": 0.0}, "support": [2]},
          "sad": {
            "f1": {"deviation": 0.0, "mean": 0.75}, "precision": {"deviation": 0.0, "mean": 0.6},
            "recall": {"deviation": 0.0, "mean": 1.0}, "support": [3]}},
        "uar": {"deviation": 0.0, "mean": 0.5}, "uf1": {"deviation": 0.0, "mean": 0.375}},
      "name": "majority"}],
    "beside_baselines": [],
      "comparisons": [],
    "configurations": [{
      "confusion": [[[2, 0], [1, 2]], [[1, 0], [0, 2]]],
      "failed": [{"fold": "S02", "reason": "a planned failure", "seed": 2,
        "stage": "c7ff6dcd94d7161eff5da0585684a8d16fb00090c0f38336d31950819e2f2003"}],
      "folds": [
        {"clips": 3, "correct": [2, 3], "name": "S01", "subjects": ["S01"]},
        {"clips": 2, "correct": [2, null], "incomplete": true, "name": "S02", "subjects": ["S02"]}],
      "incomplete": true,
      "interval": {"accuracy": null, "uar": null, "uf1": null},
      "metrics": {
        "accuracy": {"deviation": 0.14142135623730948, "incomplete": true, "mean": 0.9},
        "balanced_accuracy": {"deviation": 0.11785113019775798, "incomplete": true, "mean": 0.9166666666666666},
        "kappa": {"deviation": 0.27196414661021057, "incomplete": true, "mean": 0.8076923076923077},
        "per_class": {
          "happy, or so": {
            "f1": {"deviation": 0.14142135623730948, "incomplete": true, "mean": 0.9},
            "precision": {"deviation": 0.23570226039551587, "incomplete": true, "mean": 0.8333333333333333},
            "recall": {"deviation": 0.0, "incomplete": true, "mean": 1.0}, "support": [2, 1]},
          "sad": {
            "f1": {"deviation": 0.14142135623730948, "incomplete": true, "mean": 0.9},
            "precision": {"deviation": 0.0, "incomplete": true, "mean": 1.0},
            "recall": {"deviation": 0.23570226039551587, "incomplete": true, "mean": 0.8333333333333333},
            "support": [3, 2]}},
        "uar": {"deviation": 0.11785113019775798, "incomplete": true, "mean": 0.9166666666666666},
        "uf1": {"deviation": 0.14142135623730948, "incomplete": true, "mean": 0.9}},
      "name": "only", "parameters": {"network": {"dropout": 0.5}, "rate": 0.001},
      "rates": {"pretraining": null, "fitting": null}, "seeds": [1, 2]}],
    "labels": ["happy, or so", "sad"],
    "protocol": {"folds": 2, "kind": "loso", "leakage": "strict", "selection": "none"},
    "stages": {"naive": 8, "plan": 6},
    "study": {"digest": "0c87ed818fb90f3f88faa6b362cf1e99025f3c1248f8fe513cdb38d03d9dce65", "name": "tiny"}}
    """

  static let folds = """
    configuration,seed,fold,subjects,clips,correct,accuracy,state
    only,1,S01,S01,3,2,0.6666666666666666,done
    only,1,S02,S02,2,2,1.0,done
    only,2,S01,S01,3,3,1.0,done
    only,2,S02,S02,2,,,incomplete
    majority,,S01,S01,3,2,0.6666666666666666,done
    majority,,S02,S02,2,1,0.5,done

    """

  static let predictions = """
    configuration,seed,fold,subject,clip,label,predicted,"score_happy, or so",score_sad
    only,1,S01,S01,a,"happy, or so","happy, or so",-0.25,-1.5
    only,1,S01,S01,b,sad,sad,-1.5,-0.25
    only,1,S01,S01,c,sad,"happy, or so",-0.25,-1.5
    only,1,S02,S02,a,"happy, or so","happy, or so",-0.25,-1.5
    only,1,S02,S02,b,sad,sad,-1.5,-0.25
    only,2,S01,S01,a,"happy, or so","happy, or so",-0.25,-1.5
    only,2,S01,S01,b,sad,sad,-1.5,-0.25
    only,2,S01,S01,c,sad,sad,-1.5,-0.25

    """

  /// Up to the section on how to read it, whose words may change freely.
  static let markdown = """
    # tiny

    No configuration is complete, so no figure here stands for the whole study.

    **Incomplete: 1 result of a fold is missing. Every figure that misses one is marked incomplete and counts only \
    the folds that are there.**

    ## What was run

    - **Study**: tiny
    - **Digest**: 0c87ed818fb90f3f88faa6b362cf1e99025f3c1248f8fe513cdb38d03d9dce65
    - **Protocol**: leave one subject out, predictions pooled over folds, 2 folds
    - **Leakage**: strict: nothing that a fold trains on has seen its held-out subjects
    - **Selection**: none: every configuration is shown
    - **Target set**: target: 5 clips of 2 subjects (happy, or so 2, sad 3); layout folders, 64 × 64 pixels, \
    digest 6ee0eb490ff8…

    | configuration | seeds |
    | --- | --- |
    | only | 1, 2 |

    | parameter of all | value |
    | --- | --- |
    | network.dropout | 0.5 |
    | rate | 0.001 |

    ## Results

    Beside each figure, in brackets, its 95 % interval over subjects.

    | method | kind | accuracy | UF1 | UAR |
    | --- | --- | ---: | ---: | ---: |
    | only | configuration | 0.900 ± 0.141 (incomplete) | 0.900 ± 0.141 (incomplete) | 0.917 ± 0.118 (incomplete) |
    | majority | baseline | 0.600 (0.500–0.667) | 0.375 (0.333–0.400) (highest) | 0.500 (0.500–0.500) |

    ## Is the difference real?

    Nothing was compared: that takes a complete configuration and a complete baseline.

    ## Confusion matrices

    **only** (incomplete): rows true, columns predicted, counts summed over 2 seeds

    | true \\\\ predicted | happy, or so | sad |
    | --- | ---: | ---: |
    | happy, or so | 3 | 0 |
    | sad | 1 | 4 |

    ## Classes

    | configuration | class | precision | recall | F1 | clips |
    | --- | --- | ---: | ---: | ---: | ---: |
    | only | happy, or so | 0.833 ± 0.236 (incomplete) | 1.000 ± 0.000 (incomplete) | 0.900 ± 0.141 (incomplete) | 2 |
    | only | sad | 1.000 ± 0.000 (incomplete) | 0.833 ± 0.236 (incomplete) | 0.900 ± 0.141 (incomplete) | 3 |

    ## Folds

    | fold | held out | clips | only correct | majority correct |
    | --- | --- | ---: | ---: | ---: |
    | S01 | S01 | 3 | 2, 3 | 2 |
    | S02 | S02 | 2 | 2, incomplete | 1 |

    ## Stages

    The plan has 6 distinct stages; a script that shares nothing would run 8. 2 (25 %) are saved by computing each \
    shared stage once.

    ## Not computed

    | method | seed | fold | stage | why |
    | --- | --- | --- | --- | --- |
    | only | 2 | S02 | c7ff6dcd94d7 | a planned failure |

    ## Notes

    - apex found by largest flow in 2 clips


    """
}
