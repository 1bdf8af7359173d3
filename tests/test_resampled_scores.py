"""Scores on resamples: those of scikit-learn and scipy on the items that were drawn."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as oracle

from mushin.cells import Cell
from mushin.config.plan import CellName
from mushin.evaluation.moments import MomentsAccumulator
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.resampled_scores import keeps_items, resampled_scores, scorable
from mushin.statistics.item_bootstrap import item_counts

RESAMPLES = 20


def _cell(statistics, task, metrics):
    names = tuple(map(str, range(statistics.num_classes or 0)))
    return Cell(
        name=CellName("d", "m", 0),
        task=task,
        metrics=metrics,
        class_names=names,
        ignore_index=None,
        statistics=statistics,
    )


def _labels_cell(targets, predictions, n_classes, **records):
    confusion = oracle.confusion_matrix(
        targets, predictions, labels=range(n_classes), sample_weight=records.get("record_count")
    )
    found = SufficientStatistics(
        confusion=confusion,
        n_samples=int(confusion.sum()),
        record_target=targets.astype(np.uint8),
        record_prediction=predictions.astype(np.uint8),
        **records,
    )
    return _cell(found, "classification", ("accuracy", "f1", "auroc"))


def _drawn(n_items):
    for _, counts in item_counts(n_items, RESAMPLES, seed=3):
        yield from (np.repeat(np.arange(n_items), of_one) for of_one in counts)


def test_labels_give_the_scores_of_scikit_learn():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 4, 150)
    predictions = np.where(rng.random(150) < 0.6, targets, rng.integers(0, 4, 150))
    cell = _labels_cell(targets, predictions, 4)
    assert keeps_items(cell)
    assert scorable(cell, ["accuracy", "auroc", "ece", "f1", "mine", "mse"]) == ["accuracy", "f1"]
    found, n_items = resampled_scores(cell, ["accuracy", "f1"], resamples=RESAMPLES, seed=3)
    assert n_items == 150
    for i, items in enumerate(_drawn(150)):
        assert found["accuracy"][i] == oracle.accuracy_score(targets[items], predictions[items])
        expected = oracle.f1_score(targets[items], predictions[items], average="macro")
        assert found["f1"][i] == pytest.approx(expected, rel=1e-12)


def test_images_are_drawn_whole():
    rng = np.random.default_rng(1)
    masks = rng.integers(0, 3, (10, 64))
    predictions = np.where(rng.random((10, 64)) < rng.uniform(0.3, 1, (10, 1)), masks, 0)
    image, target, predicted = np.indices((10, 3, 3)).reshape(3, -1)
    counts = np.array(
        [
            ((masks[i] == t) & (predictions[i] == p)).sum()
            for i, t, p in zip(image, target, predicted, strict=True)
        ]
    )
    there = counts > 0
    cell = _labels_cell(
        target[there],
        predicted[there],
        3,
        record_sample=image[there] + 5,  # images of ignored pixels only leave gaps
        record_count=counts[there],
    )
    found, n_items = resampled_scores(cell, ["miou"], resamples=RESAMPLES, seed=3)
    assert n_items == 10
    for i, items in enumerate(_drawn(10)):
        expected = oracle.jaccard_score(masks[items].ravel(), predictions[items].ravel(), average="macro")
        assert found["miou"][i] == pytest.approx(expected, rel=1e-12)


def test_values_give_the_scores_of_scikit_learn_and_scipy():
    rng = np.random.default_rng(2)
    targets = 1e4 + rng.normal(0, 2, 60)
    predictions = targets + rng.normal(0.5, 1, 60).round(1)
    moments = MomentsAccumulator()
    moments.update(targets, predictions)
    found = SufficientStatistics(
        n_samples=60, regression_moments=moments.moments(), target_value=targets, predicted_value=predictions
    )
    names = ["mse", "mae", "rmse", "r2", "pearson", "spearman"]
    cell = _cell(found, "regression", tuple(names))
    assert scorable(cell, [*names, "accuracy"]) == names
    scores, n_items = resampled_scores(cell, names, resamples=RESAMPLES, seed=3)
    assert n_items == 60
    for i, items in enumerate(_drawn(60)):
        t, p = targets[items], predictions[items]
        for name, expected in (
            ("mse", oracle.mean_squared_error(t, p)),
            ("mae", oracle.mean_absolute_error(t, p)),
            ("rmse", oracle.root_mean_squared_error(t, p)),
            ("r2", oracle.r2_score(t, p)),
            ("pearson", stats.pearsonr(t, p).statistic),
            ("spearman", stats.spearmanr(t, p).statistic),
        ):
            assert scores[name][i] == pytest.approx(expected, rel=1e-9), name


def test_a_cell_without_records_keeps_no_items():
    plain = SufficientStatistics(confusion=np.eye(2, dtype=np.int64), n_samples=2)
    assert not keeps_items(_cell(plain, "classification", ("accuracy",)))
    none = np.empty(0, dtype=np.uint8)
    ignored = SufficientStatistics(
        confusion=np.zeros((2, 2), dtype=np.int64), n_samples=0, record_target=none, record_prediction=none
    )
    assert not keeps_items(_cell(ignored, "classification", ("accuracy",)))
