"""Metrics that conf/task/ lists: what a plan accepts, what it refuses, and a study with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import mushin
from mushin.cells import read_cell
from mushin.config.battery import metrics_of
from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError
from mushin.stages.aggregate import aggregate_study
from mushin.stages.build import find_task
from mushin.stages.compare import compare_study
from mushin.stages.evaluate import evaluate_cell
from mushin.stages.train import train_cell

OWN = """
metrics:
  kappa:
    _target_: mushin.CustomMetric
    metric: {_target_: torchmetrics.classification.MulticlassCohenKappa, num_classes: "${data.num_classes}"}
    higher_is_better: true
    valid_range: [-1, 1]
  accuracy: accuracy
  area:
    _target_: torchmetrics.classification.MulticlassAUROC
    num_classes: ${data.num_classes}
prob_metrics: [area]
"""


def write_task(study: Path, text: str) -> None:
    with (study / "conf/task/classification.yaml").open("a") as file:
        file.write(text)


def test_battery_is_the_tasks_own_by_default(study: Path) -> None:
    settings = make_plan(Selection.from_arguments([])).settings["digits", "mlp"]
    assert settings.task["metrics"] is settings.task["prob_metrics"] is None
    assert find_task(settings.task) is mushin.get_task("classification")


def test_list_of_names_replaces_the_battery(study: Path) -> None:
    write_task(study, "metrics: [miou, auroc]\n")
    settings = make_plan(Selection.from_arguments([])).settings["digits", "mlp"]
    task = find_task(settings.task)
    assert (task.metrics, task.prob_metrics) == (("miou", "auroc"), ("auroc",))


def test_own_metrics_survive_the_whole_study(study: Path) -> None:
    write_task(study, OWN)
    plan = make_plan(
        Selection.from_arguments(["methods=linear,mlp", "seeds=0,1", "overrides=training.epochs=1"])
    )
    for cell in plan.cells():
        settings = plan.settings[cell.dataset, cell.method]
        train_cell(cell, settings, plan.folder)
        evaluate_cell(cell, settings, plan.folder)
    path = aggregate_study(plan.folder, plan.datasets, plan.methods, plan.seeds)
    ds = mushin.open_results(path)
    assert ds.attrs["metrics"] == "kappa accuracy area"
    assert ds["kappa"].dtype == np.float64
    assert ds["kappa"].attrs["long_name"] == "kappa"
    assert ds["kappa"].attrs["higher_is_better"] == 1
    np.testing.assert_array_equal(ds["kappa"].attrs["valid_range"], [-1, 1])
    np.testing.assert_array_equal(ds["area"].attrs["valid_range"], [-np.inf, np.inf])
    for cell in plan.cells():
        statistics = read_cell(plan.folder / str(cell) / "cell.nc").statistics
        assert float(ds["kappa"].sel(method=cell.method, seed=cell.seed)) == statistics.scores["kappa"].value
        kappa = _kappa(statistics.confusion)
        assert statistics.scores["kappa"].value == pytest.approx(kappa, abs=1e-6)
    compare_study(path, plan.stats)
    assert "area" in (plan.folder / "comparisons.csv").read_text()


def _kappa(confusion: np.ndarray) -> float:
    """Cohen 1960, doi:10.1177/001316446002000104."""
    share = confusion / confusion.sum()
    chance = float(share.sum(0) @ share.sum(1))
    return (float(np.trace(share)) - chance) / (1 - chance)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("metrics: [mIoU]", "metrics: 'mIoU' is no metric of this task; did you mean 'miou'? accepted: acc"),
        (
            "metrics: [accuracy, iou_per_class]",
            "metrics: 'iou_per_class' has a score per class, and a task lists metrics of one number; compute"
            " it from the finished study: mushin score results/compare.nc --metric iou_per_class",
        ),
        ("metrics: [mc]", "metrics: 'mc' is no metric of this task; did you mean 'mcc'?"),
        ("metrics: [rmse]", "metrics: 'rmse' is no metric of this task"),
        ("metrics: [f1, f1]", "metrics: 'f1' appears twice; list each metric once"),
        ("metrics: []", "metrics: is empty; list at least one metric, or null for the task's own"),
        ("metrics: {}", "metrics: is empty"),
        ("metrics: f1", "metrics: 'f1' came; accepted: a list of accuracy, accuracy_macro, "),
        ("metrics: {a: {num_classes: 3}}", "metrics.a: has no _target_; accepted: a mapping with _target_"),
        ("metrics: {a: 3}", "metrics.a: 3 came; accepted: a mapping with _target_, or 'a' for that of the c"),
        ("metrics: {ff: ff}", "metrics.ff: 'ff' is no metric of this task"),
        (
            "metrics: {a: {_target_: torchmetricz.A}}",
            "metrics.a._target_: 'torchmetricz.A' cannot be imported",
        ),
        ("metrics: [f1]\nprob_metrics: [ff1]", "prob_metrics: 'ff1' is not in metrics; did you mean 'f1'?"),
        (
            "prob_metrics: [foo]",
            "prob_metrics: 'foo' is not in metrics; accepted: accuracy, f1, precision, re",
        ),
        (
            "metrics: {f1: f1, own: {_target_: torch.nn.Identity}}\nprob_metrics: [own, f1]",
            "prob_metrics: 'f1' of the catalogue is computed from labels; leave it out",
        ),
        (
            "predict_fn: segmentr.predict",
            "predict_fn: 'segmentr.predict' cannot be imported: there is no mod",
        ),
        (
            "predict_fn: mushin.zoo.cnn.predct",
            "predict_fn: 'mushin.zoo.cnn.predct' does not exist: module 'mushin.zoo.cnn' has no 'predct'",
        ),
        ("prob_metrics: 3", "prob_metrics: 3 came; accepted: a list of texts, or null"),
    ],
)
def test_fault_of_the_metrics_is_found_by_the_plan(study: Path, text: str, fault: str) -> None:
    write_task(study, f"{text}\n")
    with pytest.raises(ConfigError) as caught:
        make_plan(Selection.from_arguments([]))
    assert f"conf/task/classification.yaml: {fault}" in str(caught.value)


def test_regression_has_no_probabilities(study: Path) -> None:
    (study / "conf/task/classification.yaml").write_text("name: regression\nprob_metrics: [rmse]\n")
    with pytest.raises(
        ConfigError, match="prob_metrics: a task on values has no probabilities; leave it out"
    ):
        make_plan(Selection.from_arguments([]))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("metrics: [auroc, f1]\nprob_metrics: [auroc]\n", ("auroc", "f1")),
        ("metrics: null\nprob_metrics: [ece]\n", mushin.get_task("classification").metrics),
        ("metrics: {a: {_target_: own.A}}\nprob_metrics: [a]\n", ("a",)),
        ("_target_: own.A\nprob_metrics: [anything]\n", None),
    ],
)
def test_metrics_of_a_task_are_known_before_it_is_built(
    study: Path, text: str, names: tuple[str, ...] | None
) -> None:
    (study / "own.py").write_text("A = print\n")
    (study / "conf/task/classification.yaml").write_text(text)
    settings = make_plan(Selection.from_arguments([])).settings["digits", "mlp"]
    assert metrics_of(settings.task) == names


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{_target_: torchmetrics.classification.MulticlassRecall}",
            "task: metrics: a: .* raised ValueError: .*num_classes",
        ),
        ("{_target_: torchmetrics.classification.MulticlassConfusionMatrix, num_classes: 10}", "direction"),
        ("{_target_: torch.nn.Identity}", "does not say which direction is better"),
    ],
)
def test_metric_that_cannot_be_built_is_named(study: Path, entry: str, message: str) -> None:
    write_task(study, f"metrics: {{a: {entry}}}\n")
    settings = make_plan(Selection.from_arguments([])).settings["digits", "mlp"]
    with pytest.raises(ConfigError, match=message):
        find_task(settings.task)


SEGMENTER = '''
import torch


class Blobs(torch.nn.Module):
    """Returns a dict, as torchvision's segmentation models do."""

    def __init__(self, num_classes):
        super().__init__()
        self.head = torch.nn.Conv2d(1, num_classes, 1)

    def forward(self, x):
        return {"out": self.head(x)}


def load():
    generator = torch.Generator().manual_seed(0)
    masks = torch.randint(3, (12, 6, 5), generator=generator)
    inputs = masks[:, None] + 0.1 * torch.randn(12, 1, 6, 5, generator=generator)
    masks[:, 0] = 255
    return {"train": (inputs[:8], masks[:8]), "test": (inputs[8:], masks[8:])}


def out_loss(outputs, targets):
    return torch.nn.functional.cross_entropy(outputs["out"], targets, ignore_index=255)


def torchvision_seg_predict(model, x):
    """Adapt a torchvision segmentation model (returns {"out": logits})."""
    logits = model(x)["out"]
    probs = logits.softmax(dim=1)
    return probs.argmax(dim=1), probs
'''
STUDY = {
    "task/voc.yaml": "name: segmentation\npredict_fn: segmenter.torchvision_seg_predict\n",
    "data/voc.yaml": "_target_: segmenter.load\nnum_classes: 3\nignore_index: 255\n",
    "method/blobs.yaml": "_target_: segmenter.Blobs\nnum_classes: ${data.num_classes}\n",
    "experiment/voc.yaml": (
        "# @package _global_\ndefaults: [{override /data: voc}, {override /task: voc}]\n"
        "methods: [blobs]\nseeds: [0]\n"
        "training: {epochs: 1, loss: {_target_: segmenter.out_loss, _partial_: true}}\n"
    ),
}


def test_segmentation_model_that_returns_a_dict_is_scored_by_its_predict_fn(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(study)
    (study / "segmenter.py").write_text(SEGMENTER)
    for name, text in STUDY.items():
        (study / "conf" / name).write_text(text)
    plan = make_plan(Selection.from_arguments(["experiment=voc"]))
    (cell,) = plan.cells()
    settings = plan.settings[cell.dataset, cell.method]
    train_cell(cell, settings, plan.folder)
    written = read_cell(evaluate_cell(cell, settings, plan.folder))
    assert written.metrics == ("miou", "dice", "pixel_acc", "precision", "recall")
    assert written.statistics.n_samples == 4 * 5 * 5
    import segmenter

    model = segmenter.Blobs(3)
    model.load_state_dict(torch.load(plan.folder / str(cell) / "model.pt", weights_only=True))
    inputs, masks = segmenter.load()["test"]
    with torch.no_grad():
        hits = (model(inputs)["out"].argmax(dim=1) == masks).sum()
    assert int(np.trace(written.statistics.confusion)) == int(hits)
