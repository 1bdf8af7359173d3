import numpy as np
import pandas as pd
import pytest

from made_study import made_study
from mushin.cells import DIMENSIONS
from mushin.comparisons import compare_methods
from mushin.config.plan import CellName
from mushin.dataset import FORMAT, MergedResults
from mushin.errors import CellError, FigureError, UnknownNameError
from mushin.labelled import as_results
from mushin.report.tables import write_tables
from mushin.results_file import write_results
from mushin.stages.plot import plot_study, read_study
from mushin.stages.record import TrainingRecord, write_record
from mushin.summaries import summarise_methods


def _with_confusion(ds, n_classes):
    rng = np.random.default_rng(0)
    shape = (ds.sizes["method"], ds.sizes["seed"], n_classes, n_classes)
    names = [f"class {i}" for i in range(n_classes)]
    counts = (("method", "seed", *DIMENSIONS["confusion"]), rng.integers(1, 9, shape))
    return ds.assign(confusion=counts).assign_coords(target=names, prediction=names)


def _write(folder, ds, groups=None, *, datasets=("digits",)):
    marked = {name: as_results(group.assign_attrs(format=FORMAT)) for name, group in (groups or {}).items()}
    write_results(folder / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT)), marked))
    write_tables(compare_methods(ds), summarise_methods(ds), folder)
    rows = []
    for dataset in datasets:
        for method in ds["method"].values:
            for seed in ds["seed"].values:
                record = TrainingRecord("0123", {}, {}, {"loss": [1.0, 0.5]})
                write_record(folder / dataset / method / str(seed) / "train.json", record)
                rows.append((dataset, method, seed, 1.0 + seed, 0.5, 100.0))
    columns = ["dataset", "method", "seed", "train_seconds", "evaluate_seconds", "peak_memory_mb"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "costs.csv", index=False)


@pytest.fixture
def results(tmp_path):
    _write(tmp_path, _with_confusion(made_study(), 3))
    return tmp_path


def test_all_figures_are_drawn_that_the_study_has_the_data_for(results):
    drawn = plot_study(results)
    names = [
        "scores",
        "differences",
        "confusion",
        "learning_curves",
        "power_curve",
        "performance_profiles",
        "costs",
    ]
    assert [path.name for path in drawn.written] == [f"{name}.svg" for name in names]
    assert all(path.parent == results / "figures" for path in drawn.written)
    assert drawn.left_out == {
        "reliability": "the results hold no calibration bins, which need probabilities",
        "critical_difference": "mean ranks need two data sets at least; the results hold one",
    }


def test_same_study_same_bytes(results, tmp_path):
    first, second = (
        plot_study(results, kinds=["scores", "costs"], folder=tmp_path / name).written for name in ("a", "b")
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_cells_are_found_by_their_labels(results):
    study = read_study(results)
    assert list(study.histories) == [
        CellName("digits", method, seed) for method in ("cnn", "mlp", "linear") for seed in range(5)
    ]
    assert study.histories[CellName("digits", "mlp", 3)] == {"loss": [1.0, 0.5]}
    assert (study.comparisons["flags"] == "").all()


def test_cells_of_another_data_set_in_the_folder_stay_out(results):
    write_record(results / "old" / "cnn" / "0" / "train.json", TrainingRecord("0", {}, {}, {"loss": [9.0]}))
    assert {cell.dataset for cell in read_study(results).histories} == {"digits"}


def test_labels_that_look_like_missing_numbers_stay_text(tmp_path):
    _write(tmp_path, _with_confusion(made_study(["NA", "B"]), 3))
    study = read_study(tmp_path)
    assert set(study.comparisons["method_a"]) == {"NA"}
    assert set(study.costs["method"]) == {"NA", "B"}


def test_a_figure_of_one_data_set_is_drawn_for_each_with_its_own_classes(tmp_path):
    ds = made_study(datasets=["wine", "digits"])
    groups = {
        "wine": _with_confusion(ds.sel({"dataset": "wine"}, drop=True), 3),
        "digits": _with_confusion(ds.sel({"dataset": "digits"}, drop=True), 4),
    }
    _write(tmp_path, ds, groups, datasets=("wine", "digits"))
    written = plot_study(tmp_path, kinds=["confusion"], ending="png").written
    assert [path.name for path in written] == ["confusion-wine.png", "confusion-digits.png"]


def test_a_figure_that_was_asked_for_and_cannot_be_drawn_is_an_error(results):
    with pytest.raises(FigureError, match="two data sets at least"):
        plot_study(results, kinds=["critical_difference"])
    (results / "comparisons.csv").unlink()
    with pytest.raises(FigureError, match="cannot be drawn: there are no comparisons; 'mushin stats' writes"):
        plot_study(results, kinds=["differences"])


def test_missing_cells_leave_out_what_needs_all_of_them(tmp_path):
    ds = made_study()
    _write(tmp_path, ds)
    ds["accuracy"][0, 0] = np.nan
    write_results(tmp_path / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT))))
    drawn = plot_study(tmp_path)
    assert drawn.left_out["performance_profiles"] == "1 cell is missing: cnn, seed 0; run what is missing"
    assert "scores.svg" in [path.name for path in drawn.written]


def test_names_are_checked_before_anything_is_read(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'scores'"):
        plot_study(tmp_path, kinds=["score"])
    with pytest.raises(UnknownNameError, match="format 'svgz' is unknown; did you mean 'svg'"):
        plot_study(tmp_path, ending="svgz")
    with pytest.raises(CellError, match="no such file; make it with"):
        plot_study(tmp_path)


def test_results_without_cells_have_figures_too(tmp_path):
    ds = made_study().assign_attrs(format=FORMAT)
    write_results(tmp_path / "compare.nc", MergedResults(as_results(ds)))
    drawn = plot_study(tmp_path)
    assert [path.stem for path in drawn.written] == ["scores", "performance_profiles"]
    assert drawn.left_out["costs"].startswith("nobody noted what the cells cost; 'mushin aggregate' writes")
    assert "no cell recorded a learning curve" in drawn.left_out["learning_curves"]
