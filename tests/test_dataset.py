from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    precision_score,
    r2_score,
    recall_score,
)

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName
from mushin.dataset import FORMAT, aggregate_cells
from mushin.errors import CellError, IncompleteStudyError
from mushin.evaluation.moments import MomentsAccumulator
from mushin.evaluation.sufficient import CustomScore, SufficientStatistics
from mushin.labelled import ResultsDataset
from mushin.layout import CELL, cell_folder

MakeCell = Callable[..., Cell]
Write = Callable[..., Cell]
METHODS, SEEDS = ["mlp", "cnn"], [3, 0, 10]


@pytest.fixture
def write(tmp_path: Path, make_cell: MakeCell) -> Write:
    def write_one(name: str, **changes: Any) -> Cell:
        cell = make_cell(name, **changes)
        write_cell(cell_folder(tmp_path, cell.name) / CELL, cell)
        return cell

    return write_one


@pytest.fixture
def grid(write: Write) -> dict[tuple[str, int], Cell]:
    return {
        (method, seed): write(f"digits/{method}/{seed}", probabilities=True)
        for method in METHODS
        for seed in SEEDS
    }


def test_scores_are_those_of_scikit_learn_on_the_raw_labels(tmp_path: Path, write: Write) -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 4, 200)
    predicted = {}
    for method in METHODS:
        for seed in SEEDS:
            labels = np.where(rng.random(200) < 0.6, targets, rng.integers(0, 4, 200))
            predicted[method, seed] = labels
            write(f"digits/{method}/{seed}", confusion=confusion_matrix(targets, labels))
    scores = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    for (method, seed), labels in predicted.items():
        cell = scores.sel(method=method, seed=seed)
        for name, oracle in (
            ("accuracy", accuracy_score(targets, labels)),
            ("f1", f1_score(targets, labels, average="macro")),
            ("precision", precision_score(targets, labels, average="macro")),
            ("recall", recall_score(targets, labels, average="macro")),
        ):
            assert float(cell[name]) == pytest.approx(oracle, rel=1e-12)
        np.testing.assert_array_equal(cell["confusion"], confusion_matrix(targets, labels))


def test_labels_keep_the_order_asked_for(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    scores = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    assert isinstance(scores, ResultsDataset)
    assert scores["method"].values.tolist() == ["mlp", "cnn"]
    assert scores["seed"].values.tolist() == [3, 0, 10]
    assert scores["target"].values.tolist() == ["class 0", "class 1", "class 2"]
    assert scores["accuracy"].dims == ("method", "seed")
    assert scores["confusion"].dims == ("method", "seed", "target", "prediction")
    assert scores["mann_whitney_u"].dims == ("method", "seed", "target")


def test_cells_are_joined_by_label_and_not_by_position(
    tmp_path: Path, grid: dict[tuple[str, int], Cell]
) -> None:
    found = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    turned = aggregate_cells(tmp_path, ["digits"], METHODS[::-1], sorted(SEEDS)).scores
    xr.testing.assert_identical(found.sel(method=METHODS[::-1], seed=sorted(SEEDS)), turned)
    for (method, seed), cell in grid.items():
        for name, counts in cell.statistics.arrays().items():
            np.testing.assert_array_equal(found[name].sel(method=method, seed=seed), counts)


def test_variables_describe_themselves(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    scores = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    for name in scores.attrs["metrics"].split():
        attributes = scores[name].attrs
        assert scores[name].dtype == np.float64
        assert attributes["higher_is_better"] == 1
        assert attributes["valid_range"].tolist() == [0, 1]
    assert all({"long_name", "units"} <= variable.attrs.keys() for variable in scores.data_vars.values())
    assert all("long_name" in scores[name].attrs for name in scores.coords)
    assert scores["confusion"].dtype == np.int64
    assert scores.attrs == {
        "format": FORMAT,
        "task": "classification",
        "metrics": "accuracy f1 precision recall",
    }


def test_missing_cells_are_listed(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    (tmp_path / "digits/cnn/10/cell.nc").unlink()
    expected = "3 of 8 cells are missing: digits/mlp/7, digits/cnn/10, digits/cnn/7; run them first"
    with pytest.raises(IncompleteStudyError, match=expected):
        aggregate_cells(tmp_path, ["digits"], METHODS, [*SEEDS, 7])


def test_long_list_of_missing_cells_is_cut(tmp_path: Path) -> None:
    with pytest.raises(IncompleteStudyError, match=r"50 of 50 cells are missing: d/m/0, .* d/m/9, …; run"):
        aggregate_cells(tmp_path, ["d"], ["m"], range(50), allow_incomplete=True)


def test_allowed_gap_is_nan_and_counts_nothing(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    whole = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    (tmp_path / "digits/mlp/3/cell.nc").unlink()
    gap = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS, allow_incomplete=True).scores
    missing = gap.sel(method="mlp", seed=3)
    for name in gap.attrs["metrics"].split():
        assert np.isnan(missing[name])
        assert gap[name].isnull().sum() == 1
    assert int(missing["confusion"].sum()) == 0
    assert gap["confusion"].dtype == np.int64
    xr.testing.assert_identical(gap.sel(method="cnn"), whole.sel(method="cnn"))


def test_data_set_without_any_cell_is_incomplete_even_where_gaps_are_allowed(
    tmp_path: Path, grid: dict[tuple[str, int], Cell]
) -> None:
    with pytest.raises(IncompleteStudyError, match="no cell of data set 'wine' exists"):
        aggregate_cells(tmp_path, ["digits", "wine"], METHODS, SEEDS, allow_incomplete=True)


def test_cell_in_the_folder_of_another_is_refused(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    path = tmp_path / "digits/mlp/3/cell.nc"
    path.write_bytes((tmp_path / "digits/cnn/0/cell.nc").read_bytes())
    expected = f"{path}: holds the cell digits/cnn/0, not digits/mlp/3; delete it and run the cell again"
    with pytest.raises(CellError, match=re.escape(expected)):
        aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS)


def test_damaged_cell_is_refused_even_where_gaps_are_allowed(
    tmp_path: Path, grid: dict[tuple[str, int], Cell]
) -> None:
    path = tmp_path / "digits/mlp/3/cell.nc"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CellError, match=re.escape(f"{path}: cut short")):
        aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS, allow_incomplete=True)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"task": "segmentation"}, "task differ"),
        ({"metrics": ("accuracy",)}, "metrics differ"),
        ({"class_names": ("a", "b", "c")}, "class names differ"),
        ({"ignore_index": 255}, "ignore_index differ"),
        ({"probabilities": True}, "kinds of counts differ"),
        ({"confusion": [[9, 0, 0], [0, 10, 0], [0, 0, 11]]}, "samples per class differ"),
        ({"provenance": {"targets_digest": "4567"}}, "test targets differ"),
    ],
)
def test_cells_that_cannot_be_compared_are_refused(
    tmp_path: Path, write: Write, changes: dict[str, Any], what: str
) -> None:
    write("digits/mlp/0")
    write("digits/cnn/0", **changes)
    with pytest.raises(CellError, match=f"digits/cnn/0: {what} from those of digits/mlp/0"):
        aggregate_cells(tmp_path, ["digits"], METHODS, [0])


def test_a_cell_that_does_not_know_the_order_of_its_samples_is_compared_by_its_counts(
    tmp_path: Path, write: Write
) -> None:
    write("digits/mlp/0")
    write("digits/cnn/0", provenance={})
    assert aggregate_cells(tmp_path, ["digits"], METHODS, [0]).scores.sizes["method"] == 2


def test_data_sets_with_the_same_classes_stand_side_by_side(tmp_path: Path, write: Write) -> None:
    cells = {
        (name, method): write(f"{name}/{method}/0", probabilities=True)
        for name in ("wine", "digits")
        for method in METHODS
    }
    merged = aggregate_cells(tmp_path, ["wine", "digits"], METHODS, [0])
    assert merged.groups == {}
    assert merged.scores["dataset"].values.tolist() == ["wine", "digits"]
    assert merged.scores["accuracy"].dims == ("dataset", "method", "seed")
    assert merged.scores["accuracy"].attrs["long_name"] == "Accuracy"
    assert merged.scores["confusion"].dtype == np.int64
    for (name, method), cell in cells.items():
        found = merged.scores.sel(dataset=name, method=method, seed=0)
        np.testing.assert_array_equal(found["confusion"], cell.statistics.confusion)


def test_data_sets_with_other_classes_keep_their_counts_in_groups(tmp_path: Path, write: Write) -> None:
    for method in METHODS:
        write(f"digits/{method}/0", probabilities=True)
        write(f"cancer/{method}/0", probabilities=True, confusion=[[3, 1], [0, 4]], ignore_index=255)
    merged = aggregate_cells(tmp_path, ["digits", "cancer"], METHODS, [0])
    assert set(merged.scores.dims) == {"dataset", "method", "seed"}
    assert float(merged.scores["accuracy"].sel(dataset="cancer", method="cnn", seed=0)) == 7 / 8
    assert list(merged.groups) == ["digits", "cancer"]
    assert merged.groups["cancer"].sizes["target"] == 2
    assert merged.groups["digits"]["confusion"].dims == ("method", "seed", "target", "prediction")
    assert isinstance(merged.groups["digits"], ResultsDataset)


def test_data_set_named_like_a_variable_cannot_have_a_group(tmp_path: Path, write: Write) -> None:
    write("accuracy/mlp/0")
    write("cancer/mlp/0", confusion=[[3, 1], [0, 4]])
    with pytest.raises(
        CellError, match="data set 'accuracy' has the name of a variable of the results; rename"
    ):
        aggregate_cells(tmp_path, ["accuracy", "cancer"], ["mlp"], [0])


def test_ignored_label_is_stated_for_each_where_they_differ(tmp_path: Path, write: Write) -> None:
    for name, ignored in (("voc", 255), ("city", 255), ("camvid", 11), ("ade", None)):
        write(f"{name}/mlp/0", ignore_index=ignored)
    shared = aggregate_cells(tmp_path, ["voc", "city"], ["mlp"], [0])
    mixed = aggregate_cells(tmp_path, ["voc", "camvid", "ade"], ["mlp"], [0])
    assert shared.scores.attrs["ignore_index"] == 255
    assert "ignore_index" not in shared.scores.coords
    assert "ignore_index" not in mixed.scores.attrs
    assert mixed.scores["ignore_index"].dims == ("dataset",)
    np.testing.assert_array_equal(mixed.scores["ignore_index"], [255, 11, np.nan])
    assert float(mixed.scores.sel(dataset="camvid")["ignore_index"]) == 11


def test_data_sets_of_different_tasks_have_no_common_table(tmp_path: Path, write: Write) -> None:
    write("digits/mlp/0")
    write("voc/mlp/0", task="segmentation")
    with pytest.raises(CellError, match=r"data sets of different tasks \(classification, segmentation\)"):
        aggregate_cells(tmp_path, ["digits", "voc"], ["mlp"], [0])


def test_cells_outside_the_study_are_left_alone(tmp_path: Path, grid: dict[tuple[str, int], Cell]) -> None:
    (cell_folder(tmp_path, CellName("digits", "old", 0))).mkdir(parents=True)
    (tmp_path / "digits/old/0/cell.nc").write_text("not a cell")
    assert aggregate_cells(tmp_path, ["digits"], ["cnn"], [10]).scores.sizes["method"] == 1


def of_values(value: float, **changes: Any) -> dict[str, Any]:
    """The facts of a regression cell with a metric of the user's."""
    targets, predictions = np.arange(6.0), np.array([0, 2, 1, 3, 5, 4.0]) * value
    moments = MomentsAccumulator()
    moments.update(targets, predictions)
    own = {"higher_is_better": False, "long_name": "Own", "units": "mg", "valid_range": (0.0, 9.0)}
    statistics = SufficientStatistics(
        n_samples=6,
        regression_moments=moments.moments(),
        target_value=targets,
        predicted_value=predictions,
        scores={"own": CustomScore(value=value, **{**own, **changes})},
    )
    return {
        "task": "regression",
        "metrics": ("own", "r2", "spearman"),
        "class_names": (),
        "statistics": statistics,
    }


def write_values(folder: Path, make_cell: MakeCell, name: str, value: float, **changes: Any) -> None:
    cell = replace(make_cell(name), **of_values(value, **changes))
    write_cell(cell_folder(folder, cell.name) / CELL, cell)


def test_regressions_merge_with_scores_of_their_own(tmp_path: Path, make_cell: MakeCell) -> None:
    for seed, value in enumerate((1.0, 2.0)):
        for name in ("diabetes", "houses"):
            write_values(tmp_path, make_cell, f"{name}/mlp/{seed}", value)
    merged = aggregate_cells(tmp_path, ["diabetes", "houses"], ["mlp"], [0, 1, 7], allow_incomplete=True)
    scores = merged.scores.sel(dataset="houses", method="mlp")
    np.testing.assert_array_equal(scores["own"], [1.0, 2.0, np.nan])
    assert scores["own"].attrs["units"] == "mg"
    assert scores["own"].attrs["higher_is_better"] == 0
    np.testing.assert_array_equal(scores["own"].attrs["valid_range"], [0, 9])
    targets, predictions = np.arange(6.0), np.array([0, 2, 1, 3, 5, 4.0])
    assert float(scores["r2"][0]) == pytest.approx(r2_score(targets, predictions), rel=1e-12)
    assert float(scores["spearman"][1]) == pytest.approx(spearmanr(targets, predictions).statistic, rel=1e-12)
    assert np.isnan(scores["r2"][2])
    assert np.isnan(scores["spearman"][2])
    assert merged.scores["regression_moments"].dims == ("dataset", "method", "seed", "moment")
    assert "target_value" not in merged.scores
    assert merged.groups == {}


def test_metrics_whose_direction_differs_cannot_be_compared(tmp_path: Path, make_cell: MakeCell) -> None:
    write_values(tmp_path, make_cell, "diabetes/mlp/0", 1.0)
    write_values(tmp_path, make_cell, "diabetes/mlp/1", 1.0, higher_is_better=True)
    with pytest.raises(CellError, match="directions of metrics differ from those of diabetes/mlp/0"):
        aggregate_cells(tmp_path, ["diabetes"], ["mlp"], [0, 1])


def test_metrics_of_confusion_matrices_are_merged_as_scikit_learn_has_them(
    tmp_path: Path, write: Write
) -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 4, 200)
    predicted = {}
    for method, seed in [(method, seed) for method in METHODS for seed in SEEDS]:
        labels = np.where(rng.random(200) < 0.6, targets, rng.integers(0, 4, 200))
        predicted[method, seed] = labels
        counts = confusion_matrix(targets, labels)
        write(f"digits/{method}/{seed}", confusion=counts, metrics=("accuracy", "mcc", "balanced_accuracy"))
    scores = aggregate_cells(tmp_path, ["digits"], METHODS, SEEDS).scores
    assert scores["mcc"].attrs["valid_range"].tolist() == [-1, 1]
    for (method, seed), labels in predicted.items():
        cell = scores.sel(method=method, seed=seed)
        assert float(cell["mcc"]) == pytest.approx(matthews_corrcoef(targets, labels), rel=1e-12)
        expected = balanced_accuracy_score(targets, labels)
        assert float(cell["balanced_accuracy"]) == pytest.approx(expected, rel=1e-12)
