import numpy as np
import pytest
import xarray as xr

from mushin.errors import DataError
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
