import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName
from mushin.dataset import aggregate_cells
from mushin.errors import CellError, ConfigError, DataError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.tasks import get_task
from mushin.layout import CELL, cell_folder
from mushin.variance_table import variance_components


def _study(correct):
    """Label records of right and wrong, shape (method, seed, item), as counts of two classes."""
    right = correct.sum(axis=-1)
    n = correct.shape[-1]
    confusion = np.zeros((*right.shape, 2, 2), dtype=np.int64)
    confusion[..., 0, 0], confusion[..., 0, 1] = right, n - right
    coords = {"method": [f"m{i}" for i in range(len(right))], "seed": range(right.shape[1])}
    return xr.Dataset(
        {
            "accuracy": (("method", "seed"), right / n, {"higher_is_better": True}),
            "confusion": (("method", "seed", "target", "prediction"), confusion),
        },
        coords=coords,
    )


def test_the_test_sets_share_is_that_of_new_test_sets():
    rng = np.random.default_rng(0)
    skill = rng.beta(8, 2, 200_000)  # how easy each item is
    row = variance_components(_study(rng.random((1, 5, 400)) < rng.choice(skill, 400))).iloc[0]
    over_test_sets = [np.mean(rng.random(400) < rng.choice(skill, 400)) for _ in range(4_000)]
    assert row["sd_test_set"] == pytest.approx(np.std(over_test_sets), rel=0.05)
    assert row["n_test"] == 400


def test_the_parts_add_up():
    table = variance_components(_study(np.random.default_rng(1).random((3, 6, 50)) < 0.8))
    np.testing.assert_allclose(table["sd_total"] ** 2, table["sd_seeds"] ** 2 + table["sd_test_set"] ** 2)
    np.testing.assert_allclose(table["share_test_set"], table["sd_test_set"] ** 2 / table["sd_total"] ** 2)
    assert (table["sd_seeds_low"] <= table["sd_seeds"]).all()


def test_seeds_that_only_flip_items_may_have_no_spread_of_their_own():
    rng = np.random.default_rng(2)
    table = variance_components(_study(rng.random((400, 20, 100)) < 0.9))
    assert np.mean(table["sd_seeds"] ** 2) == pytest.approx(np.mean(table["sd_test_set"] ** 2), rel=0.05)


def test_missing_cells_are_left_out_and_data_sets_stay_apart():
    one = _study(np.random.default_rng(3).random((2, 4, 60)) < 0.7)
    one["accuracy"][0, 1] = np.nan
    one["confusion"][0, 1] = 0
    both = xr.concat([one, one], xr.DataArray(["x", "y"], dims="dataset", name="dataset"))
    table = variance_components(both)
    assert table["n_seeds"].tolist() == [3, 4, 3, 4]
    assert table["dataset"].tolist() == ["x", "x", "y", "y"]
    np.testing.assert_array_equal(table["sd_total"][:2], variance_components(one)["sd_total"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.drop_vars("accuracy"), "hold no accuracy"),
        (lambda ds: ds.drop_vars("confusion"), "hold no confusion matrices .*open_results"),
        (lambda ds: ds.assign(confusion=ds["confusion"].sum("target")), "must have the dimensions"),
        (lambda ds: ds.assign(accuracy=ds["accuracy"] * 0.5), "not the share on the diagonal"),
    ],
)
def test_results_without_what_it_takes_are_refused(change, message):
    ds = _study(np.random.default_rng(0).random((2, 3, 20)) < 0.7)
    attrs = ds["accuracy"].attrs
    changed = change(ds)
    if "accuracy" in changed:
        changed["accuracy"].attrs.update(attrs)
    with pytest.raises(DataError, match=message):
        variance_components(changed)


RUNS = {(method, seed): f"{method}/{seed}" for method in ("mlp", "cnn") for seed in (0, 1, 2)}


def _write_labels(folder, *, n=300, keep=True, dataset="digits"):
    """Write cells of random labels with records, merge them, and return the right answers by method."""
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, n)
    batches, right = {}, {"mlp": [], "cnn": []}
    for method, seed in RUNS:
        predictions = np.where(rng.random(n) < 0.7, targets, (targets + 1) % 3)
        batches[method, seed] = [(torch.eye(3)[predictions], torch.from_numpy(targets))]
        right[method].append(predictions == targets)
    task = get_task("classification").with_metrics(["accuracy", "f1", "auroc"])
    _write(folder, batches, task.keeping_samples() if keep else task, dataset, num_classes=3)
    return aggregate_cells(folder, [dataset], ["mlp", "cnn"], [0, 1, 2]).scores, right


def _write(folder, batches, task, dataset, num_classes=None):
    for (method, seed), of_run in batches.items():
        name = CellName(dataset, method, seed)
        write_cell(
            cell_folder(folder, name) / CELL,
            Cell(
                name=name,
                task=task.name,
                metrics=task.metrics,
                class_names=tuple("abc"[: num_classes or 0]),
                ignore_index=None,
                statistics=evaluate_model(torch.nn.Identity(), of_run, task=task, num_classes=num_classes),
            ),
        )


def test_the_bootstrap_agrees_with_the_analytic_answer_for_accuracy(tmp_path):
    ds, _ = _write_labels(tmp_path)
    drawn = variance_components(ds, cells=tmp_path, resamples=4_000)
    assert drawn["metric"].tolist() == ["accuracy"] * 2 + ["f1"] * 2
    assert set(drawn["how"]) == {"bootstrap"}
    analytic = variance_components(ds)
    assert analytic["how"].tolist() == ["analytic"] * 2
    by_accuracy = drawn[drawn["metric"] == "accuracy"]
    np.testing.assert_allclose(by_accuracy["sd_test_set"], analytic["sd_test_set"], rtol=0.04)
    for name in ("sd_seeds", "mean", "n_seeds", "n_test"):
        np.testing.assert_array_equal(by_accuracy[name], analytic[name])
    pd.testing.assert_frame_equal(drawn, variance_components(ds, cells=str(tmp_path), resamples=4_000))
    other = variance_components(ds, cells=tmp_path, resamples=4_000, seed=1)
    assert (other["sd_test_set"] != drawn["sd_test_set"]).all()


def test_what_flips_is_what_the_same_items_say(tmp_path):
    ds, right = _write_labels(tmp_path)
    table = variance_components(ds, cells=tmp_path, resamples=4_000).set_index(["metric", "method"])
    for method, of_method in right.items():
        row = table.loc["accuracy", method]
        of_items = np.array(of_method, dtype=float)
        # Of a crossed design: the interaction of seeds and items, over the number of items.
        apart = of_items - of_items.mean(axis=0) - of_items.mean(axis=1, keepdims=True) + of_items.mean()
        flips = (apart**2).sum() / (2 * 300) / 300
        expected = np.sqrt(max(row["sd_seeds"] ** 2 - flips, 0.0))
        assert row["sd_seeds_low"] == pytest.approx(expected, abs=0.15 * np.sqrt(flips))


def test_for_a_mean_squared_error_it_is_the_variance_of_a_mean(tmp_path):
    rng = np.random.default_rng(3)
    targets = torch.from_numpy(rng.normal(0, 1, 200))
    errors = rng.normal(0, 0.5, (6, 200))
    batches = {
        run: [(targets + torch.from_numpy(error), targets)] for run, error in zip(RUNS, errors, strict=True)
    }
    task = get_task("regression").with_metrics(["mse", "r2"]).keeping_samples()
    _write(tmp_path, batches, task, "made")
    ds = aggregate_cells(tmp_path, ["made"], ["mlp", "cnn"], [0, 1, 2]).scores
    table = variance_components(ds, cells=tmp_path, resamples=4_000).set_index(["metric", "method"])
    expected = np.sqrt(((errors**2).var(axis=1) / 200).reshape(2, 3).mean(axis=1))
    found = [table.loc["mse", method]["sd_test_set"] for method in ("mlp", "cnn")]
    np.testing.assert_allclose(found, expected, rtol=0.04)
    assert np.isfinite(table.loc["r2", "sd_test_set"]).all()


def test_a_data_set_is_named_where_the_folder_holds_several(tmp_path):
    ds, _ = _write_labels(tmp_path)
    _write_labels(tmp_path, dataset="letters", n=200)
    with pytest.raises(DataError, match=r"of 2 data sets \(digits, letters\).*expand_dims\(dataset=\[NAME"):
        variance_components(ds, cells=tmp_path)
    named = variance_components(ds.expand_dims(dataset=["digits"]), cells=tmp_path, resamples=10)
    assert set(named["dataset"]) == {"digits"}
    both = aggregate_cells(tmp_path, ["digits", "letters"], ["mlp", "cnn"], [0, 1, 2]).scores
    table = variance_components(both, cells=tmp_path, resamples=10)
    assert table[table["metric"] == "f1"]["n_test"].tolist() == [300, 300, 200, 200]
    assert table["sd_test_set"].notna().all()


def test_missing_cells_need_no_file_and_a_lost_one_is_named(tmp_path):
    ds, _ = _write_labels(tmp_path)
    (tmp_path / "digits/cnn/1/cell.nc").unlink()
    gap = ds[["accuracy"]].where(~((ds["method"] == "cnn") & (ds["seed"] == 1)))
    gap["accuracy"].attrs = ds["accuracy"].attrs
    assert variance_components(gap, cells=tmp_path, resamples=10)["n_seeds"].tolist() == [3, 2]
    with pytest.raises(CellError, match=r"cnn.1.cell\.nc: no such file; run the cell first"):
        variance_components(ds, cells=tmp_path)


def test_cells_that_cannot_tell_are_refused(tmp_path):
    ds, _ = _write_labels(tmp_path, keep=False)
    with pytest.raises(DataError, match="keeps no record of any item; say keep_samples: true"):
        variance_components(ds, cells=tmp_path)
    ds, _ = _write_labels(tmp_path)
    with pytest.raises(DataError, match="none of auroc can be computed from records of items"):
        variance_components(ds[["auroc"]], cells=tmp_path)
    changed = ds.assign(f1=ds["f1"] * 0.9)
    changed["f1"].attrs = ds["f1"].attrs
    with pytest.raises(DataError, match=r"f1 is 0\.\d+, but 0\.\d+ in the results; merge the cells again"):
        variance_components(changed, cells=tmp_path)
    with pytest.raises(DataError, match=r"has the cell .* of 0 data sets \(none\)"):
        variance_components(ds, cells=tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="resamples is 1; it must be a whole number from 2"):
        variance_components(ds, cells=tmp_path, resamples=1)
