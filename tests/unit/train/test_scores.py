"""Scores against confusion matrices worked out by hand."""

import numpy as np
import pytest

from spikewatt.train import scores


def test_by_hand():
    # class 0: 3 of 4 found, one 1 called 0 → recall 3/4, precision 3/4, F1 3/4
    # class 1: 1 of 2 found, one 0 called 1 → recall 1/2, precision 1/2, F1 1/2
    found = scores.score([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0], classes=2)
    assert found["test_accuracy_pct"] == pytest.approx(100 * 4 / 6)
    assert found["recall_macro"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert found["f1_macro"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    accuracy, recall = 4 / 6, 5 / 8
    expected = 2 * accuracy * recall / (accuracy + recall)
    assert found["f1_paper"] == pytest.approx(expected)


def test_absent_class_does_not_count_but_mistakes_towards_it_do():
    # Class 2 never occurs; one sample of class 1 is taken for it.
    # class 0: recall 1, precision 1, F1 1; class 1: recall 1/2, precision 1, F1 2/3
    found = scores.score([0, 0, 1, 1], [0, 0, 1, 2], classes=3)
    assert found["recall_macro"] == pytest.approx(3 / 4)
    assert found["f1_macro"] == pytest.approx((1 + 2 / 3) / 2)


def test_class_that_is_never_predicted_scores_zero():
    found = scores.score([0, 1], [0, 0], classes=2)
    # class 0: recall 1, precision 1/2, F1 2/3; class 1: 0
    assert found["recall_macro"] == pytest.approx(1 / 2)
    assert found["f1_macro"] == pytest.approx(1 / 3)


def test_all_wrong_and_all_right():
    wrong = scores.score([0, 1], [1, 0], classes=2)
    assert set(wrong.values()) == {0.0}
    right = scores.score(np.arange(10), np.arange(10), classes=10)
    assert right["test_accuracy_pct"] == 100
    assert right["f1_macro"] == right["f1_paper"] == 1


def test_paper_formula_by_hand():
    # 2 · 0.9752 · 0.975 / 1.9502 = 0.97510
    assert scores.f1_paper(0.9752, 0.975) == pytest.approx(0.97510, abs=1e-5)


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0, 1], [0], "equal length"),
        ([], [], "no sample"),
        ([0, 10], [0, 1], "label is 10"),
        ([0, 1], [0, -1], "prediction is -1"),
    ],
)
def test_bad_input_is_named(labels, predictions, message):
    with pytest.raises(ValueError, match=message):
        scores.score(labels, predictions, classes=10)


@pytest.mark.parametrize("classes", [11, 20, 100])
def test_macro_scores_of_any_number_of_classes(classes):
    """Three samples a class; of every even one, one is taken for the next class."""
    labels = np.repeat(np.arange(classes), 3)
    predictions = labels.copy()
    predictions[0 : 3 * classes : 6] = (labels[0 : 3 * classes : 6] + 1) % classes
    found = scores.score(labels, predictions, classes)
    even = -(-classes // 2)
    assert found["test_accuracy_pct"] == pytest.approx(100 * (1 - even / (3 * classes)))
    assert found["recall_macro"] == pytest.approx(1 - even / (3 * classes))
    # Precision by hand: who gets a stranger has one more than its own.
    f1 = []
    for k in range(classes):
        right = 2 if k % 2 == 0 else 3
        strangers = int(((k - 1) % classes) % 2 == 0)
        f1.append(2 * right / (3 + right + strangers))
    assert found["f1_macro"] == pytest.approx(np.mean(f1))
    with pytest.raises(ValueError, match=f"classes are 0 … {classes - 1}"):
        scores.score([classes], [0], classes)
