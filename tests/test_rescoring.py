"""Finished studies scored again: values, labels, gaps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sklearn
import xarray as xr

import mushin
from mushin.cells import Cell, write_cell
from mushin.dataset import aggregate_cells
from mushin.errors import DataError
from mushin.labelled import ResultsDataset
from mushin.layout import CELL, cell_folder
from mushin.metrics.catalog import get_metric
from mushin.results_file import write_results
from random_study import METHODS, NAMES, SEEDS, merge_study

Study = Callable[..., ResultsDataset]


@pytest.fixture
def study(tmp_path: Path, make_cell: Callable[..., Cell]) -> Study:
    return partial(merge_study, tmp_path, make_cell)


def labels_of(confusion: Any) -> tuple[Any, Any]:
    counts = np.asarray(confusion)
    targets, predictions = np.nonzero(counts)
    times = counts[targets, predictions]
    return np.repeat(targets, times), np.repeat(predictions, times)


@pytest.mark.parametrize("datasets", [("pets",), ("pets", "zoo")])
def test_every_cell_is_scored_as_scikit_learn_scores_its_labels(study: Study, datasets: Any) -> None:
    ds = study(*datasets)
    scored = mushin.score(ds, ["mcc", "f1_weighted", "recall_per_class"])
    assert isinstance(scored, ResultsDataset)
    assert scored["mcc"].dims == ds["accuracy"].dims
    assert scored["recall_per_class"].dims == (*ds["accuracy"].dims, "class")
    for place in np.ndindex(ds["accuracy"].shape):
        where = dict(zip(ds["accuracy"].dims, place, strict=True))
        targets, predictions = labels_of(ds["confusion"].isel(where))
        cell = scored.isel(where)
        assert float(cell["mcc"]) == pytest.approx(sklearn.matthews_corrcoef(targets, predictions))
        weighted = sklearn.f1_score(targets, predictions, average="weighted")
        assert float(cell["f1_weighted"]) == pytest.approx(weighted)
        recalls = sklearn.recall_score(targets, predictions, average=None)
        np.testing.assert_allclose(cell["recall_per_class"], recalls)


def test_metrics_of_the_study_come_out_as_they_were_stored(study: Study) -> None:
    ds = study("pets", "zoo", metrics=("accuracy", "miou", "auroc", "ece"))
    scored = mushin.score(ds, ["accuracy", "miou", "auroc", "ece"])
    for name in scored.data_vars:
        xr.testing.assert_identical(scored[name].variable, ds[name].variable)


def test_labels_are_kept_and_classes_are_named(study: Study) -> None:
    scored = mushin.score(study(), ["iou_per_class", "mcc"])
    assert scored["method"].values.tolist() == METHODS
    assert scored["seed"].values.tolist() == SEEDS
    assert scored["class"].values.tolist() == NAMES
    assert scored["class"].attrs == {"long_name": "Class"}
    assert set(scored.coords) == {"method", "seed", "class"}
    assert list(scored.data_vars) == ["iou_per_class", "mcc"]
    assert scored.attrs == {
        "format": "mushin-results/1",
        "task": "classification",
        "metrics": "iou_per_class mcc",
    }
    assert scored.sel({"method": "cnn", "class": "dog"})["iou_per_class"].dims == ("seed",)


def test_each_variable_says_what_it_is(study: Study) -> None:
    scored = mushin.score(study(), ["mcc", "ece", "f1_per_class"])
    assert scored["mcc"].attrs["long_name"] == "Matthews correlation coefficient"
    assert scored["mcc"].attrs["units"] == "1"
    assert scored["mcc"].attrs["valid_range"].tolist() == [-1, 1]
    assert [int(scored[name].attrs["higher_is_better"]) for name in ("mcc", "ece", "f1_per_class")] == [
        1,
        0,
        1,
    ]


def test_one_method_one_run_and_another_order_of_dimensions_are_scored_alike(study: Study) -> None:
    ds = study()
    whole = mushin.score(ds, ["mcc", "iou_per_class"])
    xr.testing.assert_identical(
        mushin.score(ds.sel(method="cnn"), ["mcc", "iou_per_class"]), whole.sel(method="cnn")
    )
    run = mushin.score(ds.sel(method="cnn", seed=0), ["mcc", "iou_per_class"])
    xr.testing.assert_identical(run, whole.sel(method="cnn", seed=0))
    turned = ds.transpose("prediction", "seed", "target", "method", "bin")
    xr.testing.assert_allclose(
        mushin.score(turned, ["mcc", "ece"]).transpose("method", "seed"), mushin.score(ds, ["mcc", "ece"])
    )


def test_plain_dataset_gives_ours(study: Study) -> None:
    plain = xr.Dataset(
        {"confusion": study()["confusion"].variable}, coords={"target": NAMES, "prediction": NAMES}
    )
    scored = mushin.score(plain, "mcc")
    assert type(scored) is ResultsDataset
    assert scored["mcc"].dims == ("method", "seed")


def test_parts_are_put_together(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = study("pets", "zoo")
    whole = mushin.score(ds, ["mcc", "auroc", "iou_per_class"])
    monkeypatch.setattr("mushin.rescoring._COUNTS_AT_ONCE", 20)
    xr.testing.assert_identical(mushin.score(ds, ["mcc", "auroc", "iou_per_class"]), whole)


@pytest.mark.parametrize("skip", ["pets/mlp/3", "pets/cnn/0"])
def test_missing_cell_is_nan_in_every_metric(study: Study, skip: str) -> None:
    ds = study(skip=(skip,))
    _, method, seed = skip.split("/")

    def finite(confusion: Any) -> Any:
        assert (confusion.sum(axis=(-2, -1)) > 0).all()
        return confusion.sum(axis=-1)

    own = {"mine": mushin.ScoreFunction(finite, higher_is_better=True)}
    scored = mushin.score(ds, ["accuracy", "mcc", "ece", "iou_per_class", own])
    for name in scored.data_vars:
        gap = scored[name].isnull()
        assert bool(gap.sel(method=method, seed=int(seed)).all()), name
        assert int(gap.any("class").sum() if "class" in gap.dims else gap.sum()) == 1, name


def test_no_cell_with_samples_gives_nan_alone(study: Study) -> None:
    ds = study()
    ds["confusion"] = ds["confusion"] * 0
    scored = mushin.score(ds, ["mcc", "iou_per_class"])
    assert scored["iou_per_class"].shape == (2, 3, 3)
    assert bool(scored["iou_per_class"].isnull().all())
    assert bool(scored["mcc"].isnull().all())


def test_merged_classes_are_scored_as_merged_labels(study: Study) -> None:
    ds = study()
    scored = mushin.score(ds, ["mcc", "f1_per_class"], merge_classes={"animal": ["cat", "dog"]})
    assert scored["class"].values.tolist() == ["animal", "car"]
    assert json.loads(scored.attrs["classes"]) == {"animal": ["cat", "dog"], "car": ["car"]}
    new = np.array([0, 0, 1])
    for place in np.ndindex(2, 3):
        targets, predictions = labels_of(ds["confusion"].values[place])
        expected = sklearn.f1_score(new[targets], new[predictions], average=None)
        np.testing.assert_allclose(scored["f1_per_class"].values[place], expected)
        correlation = sklearn.matthews_corrcoef(new[targets], new[predictions])
        assert float(scored["mcc"].values[place]) == pytest.approx(correlation)


def test_chosen_classes_are_scored_on_the_samples_of_which_both_labels_are_chosen(study: Study) -> None:
    ds = study()
    with pytest.warns(
        UserWarning, match=r"classes: up to .* % of a cell's samples .* merge the other classes"
    ):
        scored = mushin.score(ds, ["accuracy"], classes=["car", "cat"])
    for place in np.ndindex(2, 3):
        targets, predictions = labels_of(ds["confusion"].values[place])
        kept = (targets != 1) & (predictions != 1)
        expected = sklearn.accuracy_score(targets[kept], predictions[kept])
        assert float(scored["accuracy"].values[place]) == pytest.approx(expected)


def test_warning_says_how_much_is_left_out_at_most(study: Study) -> None:
    ds = study(confusion=[[6, 2, 0], [0, 9, 1], [0, 0, 7]])
    with pytest.warns(UserWarning, match=r"up to 13\.3 % of a cell's"):
        mushin.score(ds, "mcc", classes=["cat", "car"])


def test_nothing_is_said_where_nothing_is_lost(study: Study) -> None:
    ds = study(confusion=[[6, 0, 2], [1, 9, 1], [0, 0, 7]])
    scored = mushin.score(ds, "recall_per_class", classes=["cat", "car"])
    assert scored["recall_per_class"].values[0, 0].tolist() == [0.75, 1.0]
    mushin.score(ds, "mcc", classes=["car", "dog", "cat"])


def test_cell_without_a_sample_of_the_chosen_classes_is_nan(study: Study) -> None:
    ds = study(confusion=[[6, 0, 0], [0, 0, 0], [0, 0, 0]])
    scored = mushin.score(ds, ["accuracy", "f1_per_class"], classes=["dog", "car"])
    assert bool(scored["accuracy"].isnull().all())
    assert scored["f1_per_class"].shape == (2, 3, 2)


def test_ignored_class_keeps_its_part_only_by_itself(study: Study) -> None:
    confusion = [[0, 0, 0], [2, 6, 1], [1, 0, 7]]
    ds = study(confusion=confusion, ignore_index=0)
    counts = {"confusion": np.array(confusion)}
    expected = float(get_metric("miou").score(counts, ignore_index=0))
    assert float(mushin.score(ds, "miou")["miou"][0, 0]) == expected
    assert float(mushin.score(ds, "iou_macro")["iou_macro"][0, 0]) == expected
    turned = mushin.score(ds, "miou", classes=["car", "dog", "cat"])
    assert float(turned["miou"][0, 0]) == pytest.approx(expected)
    merged = mushin.score(ds, "miou", merge_classes={"animal": ["cat", "dog"]})
    of_merged = get_metric("miou").score({"confusion": np.array([[8, 1], [1, 7]])})
    assert float(merged["miou"][0, 0]) == pytest.approx(float(of_merged))


IGNORED_BY = {"voc": 0, "city": None, "camvid": 2, "ade": 255}


@pytest.fixture
def mixed(tmp_path: Path, make_cell: Callable[..., Cell]) -> ResultsDataset:
    """Data sets of the same classes, of which each ignores another label, as the file has them."""
    for dataset, ignored in IGNORED_BY.items():
        for method in METHODS:
            confusion = np.random.default_rng(len(dataset) + len(method)).integers(1, 9, (3, 3))
            if ignored in range(3):
                confusion[ignored] = 0
            facts = {"metrics": ("miou", "accuracy"), "ignore_index": ignored, "class_names": tuple(NAMES)}
            cell = make_cell(f"{dataset}/{method}/0", confusion=confusion, **facts)
            write_cell(cell_folder(tmp_path, cell.name) / CELL, cell)
    write_results(tmp_path / "compare.nc", aggregate_cells(tmp_path, list(IGNORED_BY), METHODS, [0]))
    return mushin.open_results(tmp_path / "compare.nc")


@pytest.mark.parametrize(
    "change",
    [
        lambda ds: ds,
        lambda ds: ds.isel(dataset=[2, 0]),
        lambda ds: ds.transpose("method", "seed", "dataset", ...),
        lambda ds: ds.isel(seed=0, method=0),
        lambda ds: ds.sel(dataset="camvid"),
    ],
    ids=["all", "some", "data sets last", "data sets only", "one"],
)
def test_each_data_set_is_scored_without_the_label_that_it_ignores(
    mixed: ResultsDataset, change: Callable[[ResultsDataset], ResultsDataset]
) -> None:
    ds = change(mixed)
    scored = mushin.score(ds, ["miou", "iou_macro", "recall_per_class"])
    for name in ("miou", "iou_macro"):
        np.testing.assert_allclose(scored[name].values, ds["miou"].values, rtol=1e-15)
    assert scored["recall_per_class"].dims == (*scored["miou"].dims, "class")
    assert "ignore_index" not in scored.coords
    assert (mushin.score(ds.drop_vars("ignore_index"), "miou")["miou"] != ds["miou"]).any()


def test_own_functions_are_computed_beside_named_metrics(study: Study) -> None:
    errors = mushin.ScoreFunction(
        lambda c: c.sum(axis=(-2, -1)) - np.trace(c, axis1=-2, axis2=-1),
        higher_is_better=False,
        long_name="Wrong samples",
        units="samples",
        valid_range=(0, np.inf),
    )
    support = mushin.ScoreFunction(lambda c: c.sum(axis=-1), higher_is_better=True)
    ds = study()
    scored = mushin.score(ds, ["accuracy", {"errors": errors, "support": support}])
    expected = ds["confusion"].sum(["target", "prediction"]) * (1 - scored["accuracy"])
    np.testing.assert_allclose(scored["errors"], expected)
    assert scored["errors"].attrs["long_name"] == "Wrong samples"
    assert scored["errors"].attrs["units"] == "samples"
    assert scored["errors"].attrs["higher_is_better"] == 0
    assert scored["support"].dims == ("method", "seed", "class")
    assert scored["support"].attrs["long_name"] == "support"
    xr.testing.assert_identical(mushin.score(ds, {"errors": errors})["errors"], scored["errors"])


def test_scores_can_be_compared_and_classes_only_when_one_is_selected(study: Study) -> None:
    scored = mushin.score(study("pets", "zoo"), ["mcc", "iou_per_class"])
    assert set(mushin.compare_methods(scored)["metric"]) == {"mcc"}
    assert set(mushin.summarise_methods(scored)["metric"]) == {"mcc"}
    of_dog = mushin.compare_methods(scored.sel({"class": "dog"}))
    assert set(of_dog["metric"]) == {"mcc", "iou_per_class"}
    message = re.escape("has the extra dimension 'class'") + ".*" + re.escape("ds.sel({'class': 'NAME'})")
    with pytest.raises(DataError, match=message):
        mushin.compare_methods(scored, metrics=["iou_per_class"])
    with pytest.raises(DataError, match=r"hold no metric.*select one class with"):
        mushin.compare_methods(scored[["iou_per_class"]])


def test_study_is_not_changed(study: Study) -> None:
    ds = study()
    before = ds.copy(deep=True)
    mushin.score(ds, ["mcc", "iou_per_class"], merge_classes={"animal": ["cat", "dog"]})
    xr.testing.assert_identical(ds, before)


def test_counts_of_a_large_study_are_scored_in_parts() -> None:
    """A thousand classes take 8 MB a cell; the counts here take no memory, and a copy of them would."""
    cell = np.eye(1000, dtype=np.int64) * 10**7
    cell[0, 1] = 10**10
    names = [f"k{place}" for place in range(1000)]
    ds = xr.Dataset(
        {
            "confusion": (
                ("method", "seed", "target", "prediction"),
                np.broadcast_to(cell, (4, 5, 1000, 1000)),
            )
        },
        coords={"target": names, "prediction": names},
    )
    scored = mushin.score(ds, ["mcc", "iou_per_class"], merge_classes={"first": names[:2]})
    assert scored["iou_per_class"].shape == (4, 5, 999)
    np.testing.assert_array_equal(scored["mcc"], np.ones((4, 5)))
