"""Scores of a classifier on a test set: the columns of Table II.

A test set may lack a class (the subset of N-MNIST that the tests use has no 8). Recall
of a class that never occurs is 0/0, so macro averages run over the classes that occur
among the labels. A prediction of an absent class is still a mistake of the class whose
sample it was, and lowers that one's recall.
"""

import numpy as np
from sklearn import metrics


def score(labels, predictions, classes):
    """Accuracy, macro recall and F1 of `predictions` against `labels`.

    labels, predictions: N integers in 0 … classes−1. Returns a dict: test_accuracy_pct
    in percent; recall_macro, f1_macro and f1_paper in 0 … 1. Raises ValueError for
    unequal lengths, no samples, or a class outside the range.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    _check(labels, predictions, classes)
    options = {"labels": np.unique(labels), "average": "macro", "zero_division": 0}
    accuracy = float(metrics.accuracy_score(labels, predictions))
    recall = float(metrics.recall_score(labels, predictions, **options))
    return {
        "test_accuracy_pct": 100 * accuracy,
        "recall_macro": recall,
        "f1_macro": float(metrics.f1_score(labels, predictions, **options)),
        "f1_paper": f1_paper(accuracy, recall),
    }


def f1_paper(accuracy, recall):
    """F1 by equation (15) of the paper, which puts accuracy in precision's place.

    Both arguments in 0 … 1; 0 where both are 0.
    """
    total = accuracy + recall
    return 2 * accuracy * recall / total if total else 0.0


def _check(labels, predictions, classes):
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels of shape {labels.shape} and predictions of shape "
            f"{predictions.shape} are not two lists of equal length"
        )
    if labels.size == 0:
        raise ValueError("there is no sample to score")
    for name, values in (("label", labels), ("prediction", predictions)):
        wrong = values[(values < 0) | (values >= classes)]
        if wrong.size:
            raise ValueError(
                f"a {name} is {wrong[0]}, but classes are 0 … {classes - 1}"
            )
