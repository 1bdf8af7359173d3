"""Metrics of confusion matrices, against scikit-learn and torchmetrics on expanded labels."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
import sklearn.metrics as sklearn
import torch
import torchmetrics.functional.classification as torchmetrics
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mushin.errors import UnknownNameError
from mushin.metrics.catalog import available_metrics, find_metric, get_metric
from mushin.metrics.class_counts import count_classes
from mushin.metrics.confusion_metrics import ConfusionMetric

MATRICES = st.integers(2, 6).flatmap(
    lambda size: hnp.arrays(np.int64, (size, size), elements=st.integers(0, 4) | st.just(0))
)
OURS = [name for name in available_metrics() if isinstance(find_metric(name), ConfusionMetric)]
AVERAGED = ("precision", "recall", "f1", "iou", "specificity")
TORCHMETRICS = {
    "precision": torchmetrics.multiclass_precision,
    "recall": torchmetrics.multiclass_recall,
    "f1": torchmetrics.multiclass_f1_score,
    "iou": torchmetrics.multiclass_jaccard_index,
    "specificity": torchmetrics.multiclass_specificity,
    "accuracy": torchmetrics.multiclass_accuracy,
}
SKLEARN = {
    "mcc": sklearn.matthews_corrcoef,
    "cohen_kappa": sklearn.cohen_kappa_score,
    "balanced_accuracy": sklearn.balanced_accuracy_score,
}
WEIGHTED = {"cohen_kappa_linear": "linear", "cohen_kappa_quadratic": "quadratic"}
many = settings(deadline=None, derandomize=True, max_examples=50)


def labels_of(confusion):
    """Targets and predictions with these counts."""
    targets, predictions = np.nonzero(confusion)
    times = confusion[targets, predictions]
    return np.repeat(targets, times), np.repeat(predictions, times)


def tensors_of(confusion):
    targets, predictions = labels_of(confusion)
    return torch.from_numpy(predictions), torch.from_numpy(targets), len(confusion)


def score(name, confusion, **options):
    return find_metric(name).score(confusion, **options)


@pytest.mark.parametrize("name", [*SKLEARN, *WEIGHTED])
@many
@given(confusion=MATRICES)
@example(confusion=np.array([[0, 3], [0, 0]]))
@example(confusion=np.array([[5, 0], [0, 0]]))
def test_agreement_equals_scikit_learn(name, confusion):
    targets, predictions = labels_of(confusion)
    if not len(targets):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns where it is undefined; the value is what counts here.
        if name in WEIGHTED:
            labels = list(range(len(confusion)))
            expected = sklearn.cohen_kappa_score(targets, predictions, labels=labels, weights=WEIGHTED[name])
        else:
            expected = SKLEARN[name](targets, predictions)
    assert float(score(name, confusion)) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", ["mcc", "cohen_kappa", *WEIGHTED])
@many
@given(confusion=MATRICES.filter(lambda confusion: len(confusion) > 2 and confusion.any()))
def test_agreement_equals_torchmetrics(name, confusion):
    if name == "mcc":
        expected = torchmetrics.multiclass_matthews_corrcoef(*tensors_of(confusion))
    else:
        expected = torchmetrics.multiclass_cohen_kappa(*tensors_of(confusion), weights=WEIGHTED.get(name))
    assert float(score(name, confusion)) == pytest.approx(float(expected), abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
@pytest.mark.parametrize("base", AVERAGED)
@many
@given(confusion=MATRICES.filter(np.any))
def test_averages_and_classes_equal_torchmetrics(base, average, confusion):
    expected = TORCHMETRICS[base](*tensors_of(confusion), average=average)
    found = score(f"{base}_{average or 'per_class'}", confusion)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
@pytest.mark.parametrize("base", AVERAGED)
@many
@given(confusion=MATRICES, ignored=st.integers(0, 5))
def test_an_ignored_class_is_treated_as_torchmetrics_does(base, average, confusion, ignored):
    ignored %= len(confusion)
    tensors = tensors_of(confusion)
    confusion = confusion.copy()
    confusion[ignored] = 0
    if not confusion.any():
        return
    expected = TORCHMETRICS[base](*tensors, average=average, ignore_index=ignored)
    found = score(f"{base}_{average or 'per_class'}", confusion, ignore_index=ignored)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
@pytest.mark.parametrize("base", ["precision", "recall", "f1", "iou"])
@many
@given(confusion=MATRICES.filter(np.any))
def test_averages_and_classes_equal_scikit_learn(base, average, confusion):
    oracle = sklearn.jaccard_score if base == "iou" else getattr(sklearn, f"{base}_score")
    targets, predictions = labels_of(confusion)
    labels = np.union1d(targets, predictions)  # Its macro mean would count absent classes.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = oracle(targets, predictions, labels=labels, average=average)
    found = score(f"{base}_{average or 'per_class'}", confusion)
    np.testing.assert_allclose(found if average else found[labels], expected, atol=1e-12)


@many
@given(confusion=MATRICES.filter(np.any))
def test_accuracy_of_a_class_is_that_of_the_question_whether_it_is_the_class(confusion):
    targets, predictions = labels_of(confusion)
    expected = [np.mean((targets == label) == (predictions == label)) for label in range(len(confusion))]
    np.testing.assert_allclose(score("accuracy_per_class", confusion), expected, atol=1e-15)


def exact_agreement(confusion):
    """Squared MCC with its sign, and kappa, in fractions."""
    counts = [[int(count) for count in row] for row in confusion]
    total = sum(map(sum, counts))
    of_rows = [sum(row) for row in counts]
    of_columns = [sum(column) for column in zip(*counts, strict=True)]
    chance = sum(row * column for row, column in zip(of_rows, of_columns, strict=True))
    covariance = total * sum(counts[i][i] for i in range(len(counts))) - chance
    spread = [total**2 - sum(side**2 for side in sides) for sides in (of_rows, of_columns)]
    kappa = Fraction(covariance, total**2 - chance)
    return Fraction(covariance * abs(covariance), spread[0] * spread[1]), kappa


@pytest.mark.parametrize(
    "confusion",
    [
        [[10**10 - 1, 0], [1, 0]],
        [[10**10, 1], [1, 1]],
        [[10**10 - 3, 1, 1], [0, 1, 0], [3, 0, 5]],
        [[3 * 10**9, 10**9, 7], [2, 10**10, 5], [0, 3, 1]],
        [[10**15, 1], [2, 10**3]],
    ],
)
def test_agreement_is_exact_where_products_pass_int64_and_float64_cancels(confusion):
    squared, kappa = exact_agreement(confusion) if confusion[1][1] else (0, 0)
    found = float(score("mcc", confusion))
    assert found * abs(found) == pytest.approx(float(squared), rel=1e-14)
    assert float(score("cohen_kappa", confusion)) == pytest.approx(float(kappa), rel=1e-14)


@pytest.mark.parametrize("name", OURS)
def test_scores_do_not_depend_on_the_size_of_the_counts(name):
    confusion = np.array([[5, 1, 0], [2, 4, 1], [0, 1, 6]])
    large = score(name, confusion * (2 * 10**9))
    np.testing.assert_allclose(large, score(name, confusion), rtol=1e-14)


def test_weighted_kappa_of_counts_beyond_int64_stays_right():
    confusion = np.zeros((1001, 1001), dtype=np.int64)
    confusion[0, 0], confusion[1000, 1000], confusion[0, 1000] = 10**13, 10**13, 10**13
    small = np.where(confusion > 0, 1, 0)
    for name in WEIGHTED:
        assert float(score(name, confusion)) == pytest.approx(float(score(name, small)), rel=1e-14)


@pytest.mark.parametrize("name", OURS)
def test_leading_axes_are_kept(name):
    study = np.random.default_rng(0).integers(0, 9, size=(2, 3, 5, 5))
    together = score(name, study)
    assert together.shape == ((2, 3, 5) if find_metric(name).per_class else (2, 3))
    assert together.dtype == np.float64
    np.testing.assert_array_equal(together, [[score(name, cell) for cell in row] for row in study])


@pytest.mark.parametrize("name", OURS)
@many
@given(confusion=MATRICES, data=st.data())
def test_scores_stay_in_their_range_and_ignore_the_order_of_classes(name, confusion, data):
    metric = find_metric(name)
    low, high = metric.valid_range
    scores = metric.score(confusion)
    assert ((scores >= low) & (scores <= high) | np.isnan(scores)).all()
    if name in WEIGHTED:
        return  # Their classes have an order.
    order = data.draw(st.permutations(range(len(confusion))))
    expected = scores[order] if metric.per_class else scores
    np.testing.assert_allclose(metric.score(confusion[np.ix_(order, order)]), expected, atol=1e-12)


@pytest.mark.parametrize("name", OURS)
def test_perfect_predictions_score_the_highest_possible(name):
    metric = find_metric(name)
    assert (metric.score(np.diag([3, 1, 7])) == metric.valid_range[1]).all()


def test_names_of_one_score_agree():
    confusion = np.array([[5, 1, 0], [2, 4, 1], [0, 1, 6]])
    for one, other in (("fwiou", "iou_weighted"), ("specificity", "specificity_macro")):
        assert score(one, confusion) == score(other, confusion)
    for one, other in (("f1", "f1_macro"), ("miou", "iou_macro"), ("recall", "accuracy_macro")):
        of_catalogue = find_metric(one).score({"confusion": confusion})
        assert float(of_catalogue) == pytest.approx(float(score(other, confusion)), rel=1e-15)


def test_every_metric_describes_itself():
    for name in OURS:
        metric = find_metric(name)
        assert metric.name == name
        assert metric.long_name
        assert metric.units == "1"
        assert metric.higher_is_better is True
        assert metric.source.startswith(("torchmetrics ", "Gorodkin", "Cohen", "Brodersen", "Long"))


def test_the_catalogue_is_known_too():
    assert find_metric("ece") is get_metric("ece")
    assert {"ece", "miou", "mcc"} <= set(available_metrics())
    assert list(available_metrics()) == sorted(set(available_metrics()))


def test_unknown_metric_is_refused_with_a_suggestion():
    with pytest.raises(
        UnknownNameError, match=r"metric 'F1_weigthed' is unknown; did you mean 'f1_weighted'"
    ):
        find_metric("F1_weigthed")


def test_counts_of_classes_are_those_of_one_against_the_rest():
    confusion = np.array([[5, 1, 0], [2, 4, 1], [0, 1, 6]])
    counts = count_classes(confusion)
    for label in range(3):
        rest = [other for other in range(3) if other != label]
        assert counts.false_alarms[label] == confusion[rest, label].sum()
        assert counts.rejections[label] == confusion[np.ix_(rest, rest)].sum()
