"""The user's own metrics: torchmetrics objects, functions of the statistics, and the public batteries."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
import torchmetrics
from torch import nn
from torchmetrics import classification as theirs

from mushin.errors import ConfigError, PredictionError, UnknownNameError
from mushin.evaluation.batteries import classification_battery, segmentation_battery
from mushin.evaluation.custom import CustomMetric
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.predict import default_predict
from mushin.evaluation.sufficient import CustomScore
from mushin.evaluation.tasks import Task, get_task
from mushin.metrics.catalog import get_metric


def draw(seed, n=40, num_classes=3, image=()):
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(n, num_classes, *image, generator=generator)
    return logits, torch.randint(num_classes, (n, *image), generator=generator)


BATCHES = [draw(0), draw(1, 17)]


def evaluate(metrics=None, batches=BATCHES, task="classification", num_classes=3, **options):
    return evaluate_model(
        nn.Identity(), batches, task=task, num_classes=num_classes, metrics=metrics, **options
    )


def whole(batches=BATCHES):
    logits, targets = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return logits.argmax(dim=1), logits.softmax(dim=1), targets


def errors(statistics):
    return statistics.n_samples - np.trace(statistics.confusion)


def test_names_of_the_catalogue_replace_the_battery():
    statistics = evaluate(["accuracy", "miou"])
    assert list(statistics.arrays()) == ["confusion"]
    assert statistics.scores == {}


@pytest.mark.parametrize("predict_fn", [None, default_predict])
def test_objects_get_labels_or_probabilities_batch_by_batch(predict_fn):
    metrics = {
        "kappa": CustomMetric(theirs.MulticlassCohenKappa(3), higher_is_better=True),
        "auroc": theirs.MulticlassAUROC(3),
        "brier": CustomMetric(
            theirs.MulticlassCalibrationError(3, norm="l2"), long_name="L2", valid_range=(0, 1)
        ),
        "accuracy": "accuracy",
    }
    prob_metrics = ["auroc", "brier"]
    scores = evaluate(metrics, prob_metrics=prob_metrics, predict_fn=predict_fn).scores
    predictions, probabilities, targets = whole()
    assert list(scores) == ["kappa", "auroc", "brier"]
    for name, shown in (("kappa", predictions), ("auroc", probabilities), ("brier", probabilities)):
        metric = getattr(metrics[name], "metric", metrics[name])
        expected = float(metric.clone()(shown, targets))
        assert scores[name].value == pytest.approx(expected, abs=1e-6)
    assert scores["brier"] == CustomScore(
        value=scores["brier"].value, higher_is_better=False, long_name="L2", valid_range=(0.0, 1.0)
    )
    assert scores["kappa"].valid_range == (-math.inf, math.inf)
    assert scores["auroc"].long_name == "auroc"


def test_objects_are_left_as_they_were_and_start_anew():
    metric = theirs.MulticlassAccuracy(3)
    metric.update(torch.tensor([0, 0]), torch.tensor([1, 1]))
    before = {name: value.clone() for name, value in metric.metric_state.items()}
    first = evaluate({"mine": metric}).scores["mine"].value
    assert first == evaluate({"mine": metric}).scores["mine"].value > 0
    for name, value in metric.metric_state.items():
        assert torch.equal(value, before[name])


def test_functions_of_the_statistics_are_scored_at_the_end():
    def no_calibration(statistics):
        return float(statistics.calibration_count is None)

    metrics = {
        "errors": CustomMetric(errors, higher_is_better=False, units="samples"),
        "bare": CustomMetric(no_calibration, higher_is_better=True),
    }
    predictions, _, targets = whole()
    statistics = evaluate(metrics)
    assert statistics.scores["errors"].value == int((predictions != targets).sum())
    assert statistics.scores["errors"].units == "samples"
    assert statistics.scores["bare"].value == 1
    with_bins = evaluate(metrics, prob_metrics=["bare"])
    assert with_bins.scores["bare"].value == 0
    assert with_bins.mann_whitney_u is not None


def test_a_score_outside_its_declared_range_is_refused():
    def metrics(value):
        return {"mine": CustomMetric(lambda s: value, higher_is_better=True, valid_range=(0, 1))}

    with pytest.raises(
        PredictionError, match=r"'mine' came to 1\.5, outside its declared valid_range \(0\.0, 1\.0\)"
    ):
        evaluate(metrics(1.5))
    for value in (1 + 1e-7, math.inf):
        assert evaluate(metrics(value)).scores["mine"].value == value
    assert math.isnan(evaluate(metrics(math.nan)).scores["mine"].value)


def test_objects_score_a_regression():
    targets = torch.arange(5.0)
    batches = [(targets[:3, None] * 2, targets[:3]), (targets[3:, None] * 2, targets[3:])]
    metrics = {"mape": torchmetrics.MeanAbsolutePercentageError(), "rmse": "rmse"}
    statistics = evaluate(metrics, batches, "regression", None)
    expected = torchmetrics.MeanAbsolutePercentageError()(targets * 2, targets)
    assert statistics.scores["mape"].value == pytest.approx(float(expected), rel=1e-6)
    assert not statistics.scores["mape"].higher_is_better
    assert "predicted_value" not in statistics.arrays()
    kept = evaluate({"n": CustomMetric(lambda s: s.target_value.size, True)}, batches, "regression", None)
    assert kept.scores["n"].value == 5


def test_collections_are_scored_metric_by_metric():
    collection = torchmetrics.MetricCollection([theirs.MulticlassRecall(3), theirs.MulticlassPrecision(3)])
    bare = evaluate(collection).scores
    inner = evaluate({"macro": collection}).scores
    assert list(bare) == [name for name, _ in collection.items()]
    assert list(inner) == [f"macro_{name}" for name in bare]
    assert [score.value for score in inner.values()] == [score.value for score in bare.values()]


def test_custom_battery_belongs_to_a_task():
    task = Task("mine", {"errors": CustomMetric(errors, higher_is_better=False), "f1": "f1"})
    assert task.metrics == ("errors", "f1")
    assert task.renamed("other").custom == task.custom
    assert (
        evaluate(task=task).scores["errors"].value == evaluate(task=task.renamed("b")).scores["errors"].value
    )
    assert evaluate(task=task, prob_metrics=["errors"]).mann_whitney_u is not None
    assert hash(task) == hash(task.renamed("mine"))


def test_labels_twice_are_enough_for_objects_that_take_labels():
    def twice(model, x):
        predictions = model(x).argmax(dim=1)
        return predictions, predictions

    def without(model, x):
        return model(x).argmax(dim=1), None

    metrics = {"recall": theirs.MulticlassRecall(3)}
    expected = evaluate(metrics).scores
    assert (
        evaluate(metrics, predict_fn=twice).scores == evaluate(metrics, predict_fn=without).scores == expected
    )
    with pytest.raises(PredictionError, match="auroc needs probabilities, but predict_fn returned None"):
        evaluate({"auroc": theirs.MulticlassAUROC(3)}, predict_fn=without)


@pytest.mark.parametrize("ignore_index", [None, 0, 255, -1])
def test_segmentation_battery_equals_the_task(ignore_index):
    logits, targets = draw(3, 4, 5, (9, 8))
    if ignore_index is not None:
        targets[:, :3] = ignore_index
    options = {"task": "segmentation", "num_classes": 5, "ignore_index": ignore_index}
    ours = evaluate(batches=[(logits, targets)], **options).arrays()
    battery = segmentation_battery(5, ignore_index)
    scores = evaluate(battery, [(logits, targets)], **options).scores
    assert sorted(scores) == sorted(get_task("segmentation").metrics)
    direct = battery(logits.argmax(dim=1), targets)
    for name, score in scores.items():
        expected = float(get_metric(name).score(ours, ignore_index=ignore_index))
        assert score.value == pytest.approx(expected, abs=1e-6), name
        assert float(direct[name]) == pytest.approx(expected, abs=1e-6), name
        assert score.higher_is_better == get_metric(name).higher_is_better


def test_classification_battery_equals_the_task():
    ours = evaluate().arrays()
    battery = classification_battery(3)
    scores = evaluate(battery).scores
    assert sorted(scores) == sorted(get_task("classification").metrics)
    direct = battery(*whole()[1:])
    for name, score in scores.items():
        assert score.value == pytest.approx(float(get_metric(name).score(ours)), abs=1e-6), name
        assert float(direct[name]) == pytest.approx(score.value, abs=1e-6), name
        assert score.higher_is_better == get_metric(name).higher_is_better


@pytest.mark.parametrize("num_classes", [1, "3", 2.0, True])
def test_batteries_need_a_number_of_classes(num_classes):
    for battery in (classification_battery, segmentation_battery):
        with pytest.raises(ConfigError, match=r"num_classes is .*; accepted is an integer of 2 or more"):
            battery(num_classes)


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ({"cm": theirs.MulticlassConfusionMatrix(3)}, ConfigError, r"'cm' does not say which direction .*"),
        ({"errors": errors}, ConfigError, r"metrics={'errors': mushin\.CustomMetric\(\.\.\., higher_is_bett"),
        ({"a": theirs.MulticlassAccuracy}, ConfigError, r"is the class MulticlassAccuracy; give an object"),
        ({"a": 3}, ConfigError, r"metric 'a': the metric is 3; accepted are a torchmetrics object"),
        ({"a": "accuracy"}, ConfigError, r"'accuracy' keeps its name; write it for 'a'"),
        ({"confusion": errors}, ConfigError, r"'confusion' cannot have this name \(and is taken by"),
        ({"my metric": errors}, ConfigError, r"'my metric' cannot have this name; accepted are letters"),
        (theirs.MulticlassAccuracy(3), ConfigError, r"is a MulticlassAccuracy; give a mapping"),
        ({}, ConfigError, "metrics is empty"),
        (["mIoU"], UnknownNameError, "did you mean 'miou'"),
        (["accuracy", "rmse"], ConfigError, "metric 'rmse' scores values, but the task is on classes"),
    ],
)
def test_metrics_that_cannot_be_are_refused(metrics, error, message):
    with pytest.raises(error, match=message):
        evaluate(metrics)


@pytest.mark.parametrize(
    ("prob_metrics", "error", "message"),
    [
        (["acuracy"], UnknownNameError, "prob_metrics: metric 'acuracy' is unknown; did you mean 'accuracy'"),
        (["accuracy"], ConfigError, "metric 'accuracy' of the catalogue is computed from labels"),
        ("auroc", ConfigError, "prob_metrics is the text 'auroc'; give a list"),
    ],
)
def test_prob_metrics_that_cannot_be_are_refused(prob_metrics, error, message):
    with pytest.raises(error, match=message):
        evaluate(["accuracy", "auroc"], prob_metrics=prob_metrics)


def test_values_have_no_probabilities():
    metrics = {"mine": torchmetrics.MeanSquaredError()}
    with pytest.raises(ConfigError, match="a task on values has no probabilities"):
        evaluate(metrics, [], "regression", None, prob_metrics=["mine"])
    with pytest.raises(ConfigError, match="target_kind is 'reals'; accepted are 'classes' and 'values'"):
        Task("mine", metrics, target_kind="reals")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"higher_is_better": 1}, "higher_is_better is 1; accepted are True and False"),
        ({"valid_range": (1, 0)}, "the lowest must lie below the highest"),
        ({"valid_range": (1,)}, r"accepted is \(lowest, highest\)"),
    ],
)
def test_description_of_a_metric_is_checked(options, message):
    with pytest.raises(ConfigError, match=message):
        CustomMetric(errors, **options)


def test_object_that_wants_probabilities_says_how_to_get_them():
    message = (
        r"batch 0: metric 'area' \(MulticlassAUROC\) refused predictions torch\.int64 of shape \(40,\): .*;"
        r" if it takes probabilities, name it: prob_metrics=\['area'\]"
    )
    with pytest.raises(PredictionError, match=message):
        evaluate({"area": theirs.MulticlassAUROC(3)})


def test_object_that_counts_ignored_samples_is_refused():
    message = (
        r"'mine' has ignore_index=None, but the evaluation leaves out 1; make it MulticlassRecall\(\.\.\., ig"
    )
    with pytest.raises(ConfigError, match=message):
        evaluate({"mine": theirs.MulticlassRecall(3)}, ignore_index=1)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (
            theirs.MulticlassRecall(3, average=None),
            r"came to an array of shape \(3,\); a score is one number",
        ),
        (CustomMetric(lambda s: None, True), "came to a NoneType; a score is one number"),
        (CustomMetric(lambda s: s.no, True), "metric 'mine' could not be computed: AttributeError: .* 'no'"),
    ],
)
def test_metric_that_is_no_number_is_refused(metric, message):
    with pytest.raises(PredictionError, match=message):
        evaluate({"mine": metric})


def test_faults_of_the_model_are_named_before_objects_see_them():
    wrong = [(torch.full((2, 3), torch.nan), torch.tensor([0, 1]))]
    with pytest.raises(PredictionError, match="batch 0: the logits hold NaN"):
        evaluate({"mine": theirs.MulticlassRecall(3)}, wrong)


def test_torchmetrics_is_not_imported_without_such_metrics():
    code = """
import sys, torch, mushin
from mushin.evaluation.evaluate import evaluate_model
metrics = {"n": mushin.CustomMetric(lambda s: s.n_samples, True)}
batches = [(torch.eye(3), torch.arange(3))]
evaluate_model(torch.nn.Identity(), batches, task="classification", num_classes=3, metrics=metrics)
assert "torchmetrics" not in sys.modules
mushin.classification_battery(3)
assert "torchmetrics" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
