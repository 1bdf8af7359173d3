"""A merged file scored again, with the command line on top."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import mushin
from mushin.cells import Cell, write_cell
from mushin.cli import main
from mushin.dataset import aggregate_cells
from mushin.errors import ConfigError, DataError, UnknownNameError
from mushin.labelled import ResultsDataset
from mushin.layout import CELL, cell_folder
from mushin.results_file import write_results
from mushin.stages.score import check_output, format_scores, score_file

Write = Callable[..., Path]
Command = Callable[..., tuple[int, str, str]]
CLASSES = {
    "pets": ("cat", "dog", "car"),
    "zoo": ("cat", "dog", "car"),
    "wine": ("red", "white", "cat", "dog"),
}


@pytest.fixture
def write(tmp_path: Path, make_cell: Callable[..., Cell]) -> Write:
    """Write the compare.nc of some data sets, two methods and three seeds."""

    def make(*datasets: str) -> Path:
        for dataset in datasets:
            size = len(CLASSES[dataset])
            for method in ("mlp", "cnn"):
                for seed in range(3):
                    confusion = np.random.default_rng(seed + len(method + dataset)).integers(
                        1, 9, (size, size)
                    )
                    cell = make_cell(
                        f"{dataset}/{method}/{seed}", confusion=confusion, class_names=CLASSES[dataset]
                    )
                    cell.statistics.confusion[...] += 20 * np.eye(size, dtype=np.int64)
                    fixed = make_cell(
                        f"{dataset}/{method}/{seed}",
                        confusion=_with_equal_rows(cell.statistics.confusion),
                        class_names=CLASSES[dataset],
                    )
                    write_cell(cell_folder(tmp_path, fixed.name) / CELL, fixed)
        path = tmp_path / "compare.nc"
        write_results(path, aggregate_cells(tmp_path, datasets, ["mlp", "cnn"], range(3)))
        return path

    return make


def _with_equal_rows(confusion: np.ndarray) -> np.ndarray:
    """Give every class 100 samples, as runs on one test split have."""
    filled = confusion.copy()
    filled[:, 0] += 100 - filled.sum(axis=1)
    return filled


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(("score", *arguments))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_one_group_of_classes_is_scored_at_the_top(write: Write) -> None:
    file = write("pets", "zoo")
    scored = score_file(file, ["mcc", "iou_per_class"])
    assert scored.groups == {}
    expected = mushin.score(mushin.open_results(file), ["mcc", "iou_per_class"])
    xr.testing.assert_identical(scored.scores, expected)


def test_data_sets_with_classes_of_their_own_are_joined_where_they_can_be(write: Write) -> None:
    file = write("pets", "wine")
    scored = score_file(file, ["mcc", "iou_per_class"])
    assert isinstance(scored.scores, ResultsDataset)
    assert scored.scores["mcc"].dims == ("dataset", "method", "seed")
    assert "iou_per_class" not in scored.scores
    for name in ("pets", "wine"):
        alone = mushin.score(mushin.open_results(file, name), ["mcc", "iou_per_class"])
        np.testing.assert_array_equal(scored.scores["mcc"].sel(dataset=name), alone["mcc"])
        xr.testing.assert_identical(scored.groups[name], alone)
        xr.testing.assert_identical(score_file(file, ["mcc", "iou_per_class"], group=name).scores, alone)


def test_classes_are_merged_in_every_data_set(write: Write) -> None:
    scored = score_file(write("pets", "wine"), "mcc", merge_classes={"animal": ["cat", "dog"]})
    assert json.loads(scored.scores.attrs["classes"]) == {
        "pets": {"animal": ["cat", "dog"], "car": ["car"]},
        "wine": {"red": ["red"], "white": ["white"], "animal": ["cat", "dog"]},
    }
    assert scored.groups == {}


def test_class_that_one_data_set_lacks_is_named_with_it(write: Write) -> None:
    with pytest.raises(UnknownNameError, match=r"^data set 'wine': classes: class 'car' is unknown"):
        score_file(write("pets", "wine"), "mcc", classes=["cat", "dog", "car"])


def test_file_without_counts_is_refused(write: Write, tmp_path: Path) -> None:
    write_results(tmp_path / "mcc.nc", score_file(write("pets"), "mcc"))
    with pytest.raises(DataError, match="hold no confusion matrices"):
        score_file(tmp_path / "mcc.nc", "mcc")


def test_study_itself_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--output .*: is the study itself; name another file"):
        check_output(tmp_path / "x" / ".." / "compare.nc", tmp_path / "compare.nc")


def test_table_shows_methods_and_below_them_classes(write: Write) -> None:
    shown = format_scores(score_file(write("pets", "wine"), ["mcc", "iou_per_class"]))
    of_methods, of_classes = shown.split("\n\n")
    assert of_methods.splitlines()[0].split() == ["dataset", "method", "mcc", "↑"]
    assert of_classes.splitlines()[0].split() == ["dataset", "class", "method", "iou_per_class", "↑"]
    assert len(of_classes.splitlines()) == 2 + 2 * (3 + 4) + 1
    assert "mcc" not in format_scores(score_file(write("pets"), "iou_per_class"))


def test_command_prints_json_for_programs(write: Write, command: Command, tmp_path: Path) -> None:
    write("pets", "wine")
    arguments = ("compare.nc", "--metric", "mcc", "--metric", "iou_per_class", "--json", "--output", "mcc.nc")
    status, out, _ = command(*arguments)
    found = json.loads(out)
    assert (status, found["format"], found["notes"]) == (0, "mushin-scores/1", [])
    assert {(row["dataset"], row["method"]) for row in found["scores"]} == {
        (dataset, method) for dataset in ("pets", "wine") for method in ("mlp", "cnn")
    }
    assert {row["class"] for row in found["classes"]} == {"cat", "dog", "car", "red", "white"}
    assert (tmp_path / "mcc.nc").is_file()
    alone = json.loads(command("compare.nc", "--metric", "iou_per_class", "--group", "pets", "--json")[1])
    assert alone["scores"] is None


def test_metrics_are_listed_for_programs(command: Command) -> None:
    status, out, _ = command("--list", "--json")
    content = json.loads(out)
    metrics = {metric["name"]: metric for metric in content["metrics"]}
    assert (status, content["format"]) == (0, "mushin-metrics/1")
    assert metrics["mcc"]["valid_range"] == [-1, 1]
    assert metrics["mse"]["valid_range"] == [0, None]


@pytest.mark.parametrize("datasets", [("pets",), ("pets", "zoo"), ("pets", "wine")])
def test_command_prints_the_scores_and_writes_them(
    write: Write, command: Command, tmp_path: Path, datasets: tuple[str, ...]
) -> None:
    write(*datasets)
    status, out, err = command(
        "compare.nc", "--metric", "mcc", "--metric", "iou_per_class", "--output", "out/scores.nc"
    )
    assert (status, err) == (0, "")
    assert "mcc ↑" in out
    assert "± half of the 95% t interval" in out
    assert out.endswith("wrote out/scores.nc\n")
    opened = mushin.open_results(tmp_path / "out/scores.nc")
    expected = score_file(tmp_path / "compare.nc", ["mcc", "iou_per_class"])
    xr.testing.assert_identical(opened, expected.scores)
    for name, group in expected.groups.items():
        xr.testing.assert_identical(mushin.open_results(tmp_path / "out/scores.nc", name), group)
    assert set(mushin.compare_methods(opened)["metric"]) == {"mcc"}


def test_command_merges_and_chooses_classes(write: Write, command: Command, tmp_path: Path) -> None:
    write("wine")
    given = ("--merge", "animal=cat,dog", "--merge", "drink=red", "--classes", "white,animal")
    status, _, err = command("compare.nc", "--metric", "f1_per_class", *given, "--output", "scores.nc")
    assert status == 0
    assert err.startswith("mushin: note: classes: up to ")
    assert len(err.splitlines()) == 1
    assert mushin.open_results("scores.nc")["class"].values.tolist() == ["white", "animal"]


def test_command_scores_one_data_set_of_several(write: Write, command: Command) -> None:
    write("pets", "wine")
    status, out, _ = command(
        "compare.nc", "--metric", "mcc", "--group", "wine", "--classes", "red,white,cat,dog"
    )
    assert status == 0
    assert "pets" not in out


def test_same_scores_give_the_same_bytes(write: Write, command: Command, tmp_path: Path) -> None:
    write("pets", "wine")
    for name in ("a.nc", "b.nc"):
        command("compare.nc", "--metric", "iou_per_class", "--output", name)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_command_lists_the_metrics(command: Command) -> None:
    status, out, _ = command("--list")
    assert status == 0
    listed = [line.split()[0] for line in out.splitlines()[2:]]
    assert listed == list(mushin.available_metrics())
    [ece] = [line for line in out.splitlines() if line.startswith("ece ")]
    assert "lower" in ece
    assert "of probabilities" in ece


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "command line: give a file and metrics, such as 'mushin score results/compare.nc --metric mcc'"),
        (("compare.nc",), "'mushin score --list' lists them"),
        (("compare.nc", "--metric", "mmc"), "metric 'mmc' is unknown; did you mean 'mcc'"),
        (("compare.nc", "--metric", "mcc", "--merge", "cat,dog"), "--merge 'cat,dog'; accepted: NEW=A,B"),
        (
            ("compare.nc", "--metric", "mcc", "--merge", "a=cat", "--merge", "a=dog"),
            "--merge names 'a' twice",
        ),
        (
            ("compare.nc", "--metric", "mcc", "--merge", "a=cat,dig"),
            "class 'dig' is unknown; did you mean 'dog'",
        ),
        (("compare.nc", "--metric", "mcc", "--classes", "cat"), "classes: leaves only 'cat'"),
        (
            ("compare.nc", "--metric", "auroc"),
            "metric 'auroc' needs mann_whitney_u, which these results do not",
        ),
        (("compare.nc", "--metric", "mcc", "--group", "wine"), "compare.nc: no group 'wine'; it has none"),
        (("compare.nc", "--metric", "mcc", "--output", "./compare.nc"), "is the study itself"),
        (("nowhere.nc", "--metric", "mcc"), "nowhere.nc: no such file"),
        (("pets/mlp/0/cell.nc", "--metric", "mcc"), "no results of mushin"),
    ],
)
def test_mistake_is_one_line_and_exit_status_1(
    write: Write, command: Command, tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    write("pets")
    before = sorted(tmp_path.rglob("*"))
    status, out, err = command(*arguments)
    assert (status, out) == (1, "")
    [line] = err.splitlines()
    assert line.startswith("mushin: error: ")
    assert expected in line
    assert sorted(tmp_path.rglob("*")) == before
