"""The figures of score and compare by scikit-learn and scipy, and their resampling by numpy from the same generator."""
import math

import numpy
import scipy.stats
from sklearn import metrics

RESAMPLES = 10000
EXACT_SUBJECTS = 14
BOOTSTRAP_SEED = 0x6D662D626F6F7473
PERMUTATION_SEED = 0x6D662D7065726D75


def splitmix(seed, count):
    """The first `count` draws of SplitMix64."""
    with numpy.errstate(over="ignore"):
        x = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return x ^ (x >> numpy.uint64(31))


def counts(rows, method, labels, subjects):
    """[subject, true, predicted] counts."""
    result = numpy.zeros((len(subjects), len(labels), len(labels)), dtype=numpy.int64)
    places = {subject: place for place, subject in enumerate(subjects)}
    for row in rows:
        result[places[row[1]], labels.index(row[3]), labels.index(row[4 + method])] += 1
    return result


def figures(matrices):
    """Accuracy, UF1 and UAR of [n, true, predicted] matrices, over the labels that occur as truth in each."""
    hits = numpy.diagonal(matrices, axis1=1, axis2=2)
    support, predictions = matrices.sum(2), matrices.sum(1)
    occurs = support > 0
    f1 = numpy.where(occurs, 2 * hits / numpy.maximum(support + predictions, 1), 0).sum(1) / occurs.sum(1)
    recall = numpy.where(occurs, hits / numpy.maximum(support, 1), 0).sum(1) / occurs.sum(1)
    return {"accuracy": hits.sum(1) / support.sum(1), "uf1": f1, "uar": recall}


def score(rows):
    """What score must print of the first method."""
    truth, predicted = [row[3] for row in rows], [row[4] for row in rows]
    labels = sorted(set(truth) | set(predicted), key=str.encode)
    occurring = [label for label in labels if label in truth]
    subjects = sorted({row[1] for row in rows}, key=str.encode)
    one = {"labels": labels, "zero_division": 0}
    each = metrics.precision_recall_fscore_support(truth, predicted, **one)
    mean = {"labels": occurring, "average": "macro", "zero_division": 0}
    kappa = 0.0 if len(labels) == 1 else metrics.cohen_kappa_score(truth, predicted, labels=labels)
    drawn = (splitmix(BOOTSTRAP_SEED, RESAMPLES * len(subjects)) >> numpy.uint64(32)) * numpy.uint64(len(subjects))
    places = (drawn >> numpy.uint64(32)).astype(numpy.int64).reshape(RESAMPLES, len(subjects))
    times = numpy.zeros((RESAMPLES, len(subjects)), dtype=numpy.int64)
    numpy.add.at(times, (numpy.arange(RESAMPLES)[:, None], places), 1)
    resampled = figures(numpy.tensordot(times, counts(rows, 0, labels, subjects), 1))
    return {
        "n": len(rows), "labels": labels, "accuracy": metrics.accuracy_score(truth, predicted),
        "uf1": metrics.f1_score(truth, predicted, **mean), "uar": metrics.recall_score(truth, predicted, **mean),
        "balanced_accuracy": metrics.recall_score(truth, predicted, **mean),
        "kappa": 0.0 if math.isnan(kappa) else kappa,
        "per_class": {label: {"precision": each[0][i], "recall": each[1][i], "f1": each[2][i], "support": each[3][i]}
                      for i, label in enumerate(labels)},
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
        "interval": {name: list(numpy.quantile(values, [0.025, 0.975])) for name, values in resampled.items()}}


def compare(rows):
    """What compare must print of the first method beside the second."""
    labels = sorted({label for row in rows for label in row[3:]}, key=str.encode)
    subjects = sorted({row[1] for row in rows}, key=str.encode)
    first, second = (counts(rows, method, labels, subjects) for method in (0, 1))
    seen = [figures(method.sum(0)[None]) for method in (first, second)]
    only = [sum(row[4 + method] == row[3] != row[5 - method] for row in rows) for method in (0, 1)]
    if len(subjects) <= EXACT_SUBJECTS:
        swaps = numpy.arange(1 << len(subjects))[:, None] >> numpy.arange(len(subjects)) & 1
    else:
        swaps = (splitmix(PERMUTATION_SEED, RESAMPLES * len(subjects)) >> numpy.uint64(63)).astype(numpy.int64)
        swaps = swaps.reshape(RESAMPLES, len(subjects))
    change = numpy.tensordot(swaps, second - first, 1)
    differences = figures(first.sum(0) + change)["uf1"] - figures(second.sum(0) - change)["uf1"]
    as_far = int((abs(differences) >= abs(seen[0]["uf1"][0] - seen[1]["uf1"][0]) - 1e-12).sum())
    exact = len(subjects) <= EXACT_SUBJECTS
    return {
        "n": len(rows), "difference": {name: seen[0][name][0] - seen[1][name][0] for name in seen[0]},
        "mcnemar_p": scipy.stats.binomtest(only[0], sum(only), 0.5).pvalue if sum(only) else 1.0,
        "permutation_p": as_far / len(swaps) if exact else (1 + as_far) / (1 + RESAMPLES)}
