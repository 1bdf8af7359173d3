from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from mushin.labelled import ResultsArray, ResultsDataset, as_results

METHODS = ["cnn", "mlp", "vit"]
SCORES = np.arange(12.0).reshape(2, 3, 2)
Change = Callable[[Any], Any]


def plain_dataset() -> xr.Dataset:
    dims = ("dataset", "method", "seed")
    return xr.Dataset(
        {"accuracy": (dims, SCORES, {"units": "1"}), "f1": (dims, SCORES / 2)},
        coords={"dataset": ["digits", "wine"], "method": METHODS, "seed": [0, 1]},
        attrs={"task": "classification"},
    )


def plain(labelled: Any) -> Any:
    """The same content as an object of xarray's own class."""
    if isinstance(labelled, xr.Dataset):
        variables = {name: array.variable for name, array in labelled.data_vars.items()}
        return xr.Dataset(variables, labelled.coords, labelled.attrs)
    return xr.DataArray(labelled.variable, labelled.coords, name=labelled.name)


@pytest.fixture
def ds() -> ResultsDataset:
    converted = as_results(plain_dataset())
    assert isinstance(converted, ResultsDataset)
    return converted


@pytest.fixture(params=["dataset", "array"])
def labelled(request: pytest.FixtureRequest, ds: ResultsDataset) -> Any:
    return ds if request.param == "dataset" else ds["accuracy"]


def scores_of(labelled: Any) -> np.ndarray[Any, Any]:
    return np.asarray(labelled["accuracy"] if isinstance(labelled, xr.Dataset) else labelled)


def assert_selects(found: Any) -> None:
    """`sel(method=…)` selects, on the object and on each of its arrays, and refuses what is not there."""
    arrays = list(found.values()) if isinstance(found, xr.Dataset) else []
    assert isinstance(found, (ResultsDataset, ResultsArray))
    for one in (found, *arrays):
        assert isinstance(one, (ResultsDataset, ResultsArray))
        assert "method" not in one.sel(method="mlp").dims
        xr.testing.assert_identical(one.sel(method="mlp"), one.isel(method=1))
        with pytest.raises(KeyError, match="not among"):
            one.sel(method="unheard of")


def test_plain_dataset_ignores_the_method_silently() -> None:
    """The trap. Once xarray honours the label, the subclasses can go."""
    assert plain_dataset().sel(method="cnn").sizes["method"] == 3


def test_label_selects_one_method(labelled: Any) -> None:
    np.testing.assert_array_equal(scores_of(labelled.sel(method="mlp")), SCORES[:, 1])
    np.testing.assert_array_equal(scores_of(labelled.sel(method="mlp", seed=1)), SCORES[:, 1, 1])
    np.testing.assert_array_equal(scores_of(labelled.sel({"seed": 1}, "mlp")), SCORES[:, 1, 1])
    np.testing.assert_array_equal(scores_of(labelled.sel({"method": "mlp"})), SCORES[:, 1])
    assert "method" not in labelled.sel(method="mlp", drop=True).coords
    assert_selects(labelled)


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        (["vit", "cnn"], [2, 0]),
        (np.array(["vit", "cnn"]), [2, 0]),
        (slice("mlp", "vit"), [1, 2]),
        (slice("mlp"), [0, 1]),
        (slice(None), [0, 1, 2]),
        ([], []),
        (np.array([False, True, True]), [1, 2]),
        (xr.DataArray(["vit"], dims="method"), [2]),
    ],
)
def test_several_methods_are_selected_in_the_order_asked_for(
    labelled: Any, wanted: Any, positions: list[int]
) -> None:
    np.testing.assert_array_equal(scores_of(labelled.sel(method=wanted)), SCORES[:, positions])


@pytest.mark.parametrize("wanted", ["resnet", ["cnn", "resnet"], np.array(["resnet"]), 1])
def test_unknown_method_lists_the_methods(labelled: Any, wanted: Any) -> None:
    with pytest.raises(KeyError, match=r"method .* is not among \['cnn', 'mlp', 'vit'\]"):
        labelled.sel(method=wanted)
    with pytest.raises(KeyError, match=r"method .* is not among \['cnn', 'mlp', 'vit'\]"):
        labelled.sel({"method": wanted})


@pytest.mark.parametrize("word", ["nearest", "pad", "ffill", "backfill", "bfill"])
def test_inexact_lookup_of_other_labels_works_as_in_xarray(labelled: Any, word: str) -> None:
    found = labelled.sel(seed=0.8, method=word)
    xr.testing.assert_identical(plain(found), plain(labelled).sel(seed=0.8, method=word))
    assert found.sizes["method"] == 3


def test_tolerance_of_an_inexact_lookup_is_kept(labelled: Any) -> None:
    assert int(labelled.sel(seed=1.2, method="nearest", tolerance=0.5)["seed"]) == 1
    with pytest.raises(KeyError, match="seed"):
        labelled.sel(seed=1.2, method="nearest", tolerance=0.1)


def test_label_wins_where_a_method_is_called_like_a_keyword(ds: ResultsDataset) -> None:
    renamed = ds.assign_coords(method=["nearest", "mlp", "vit"])
    np.testing.assert_array_equal(scores_of(renamed.sel(method="nearest")), SCORES[:, 0])


def test_method_is_selected_once(labelled: Any) -> None:
    with pytest.raises(KeyError, match="method 'mlp' cannot be selected: 'cnn' is selected already"):
        labelled.sel(method="cnn").sel(method="mlp")
    with pytest.raises(ValueError, match="method is given twice: 'cnn' and 'mlp'"):
        labelled.sel({"method": "cnn"}, method="mlp")
    assert int(labelled.sel(method="cnn").sel(seed=0.8, method="nearest")["seed"]) == 1


def test_method_cannot_be_selected_where_none_is_left(labelled: Any) -> None:
    with pytest.raises(KeyError, match="there is no dimension 'method'"):
        labelled.mean("method").sel(method="mlp")
    with pytest.raises(KeyError, match="there is no dimension 'method'"):
        labelled.rename(method="model").sel(method="mlp")


def test_methods_without_labels_are_selected_by_position(ds: ResultsDataset) -> None:
    np.testing.assert_array_equal(scores_of(ds.drop_vars("method").sel(method=2)), SCORES[:, 2])


def test_method_in_a_stacked_index_is_selected(labelled: Any) -> None:
    stacked = labelled.stack(run=("method", "seed"))
    assert stacked.sel(method="mlp").sizes["seed"] == 2
    with pytest.raises(KeyError, match=r"not among \['cnn', 'mlp', 'vit'\]"):
        stacked.sel(method="resnet")


@pytest.mark.parametrize("symbol", ["add", "sub", "mul", "truediv", "pow", "mod", "lt", "ge", "eq", "ne"])
def test_operators_keep_the_labels(labelled: Any, symbol: str) -> None:
    apply = getattr(operator, symbol)
    for found in (
        apply(labelled, 2),
        apply(2, labelled),
        apply(labelled, labelled),
        apply(labelled, plain(labelled)),
        apply(plain(labelled), labelled),
        apply(labelled, labelled.sel(seed=0, drop=True)),
    ):
        assert_selects(found)


def test_operators_between_a_dataset_and_an_array_keep_the_labels(ds: ResultsDataset) -> None:
    for found in (ds - ds["f1"], ds["f1"] - ds, plain(ds["f1"]) - ds, ds["f1"] @ ds["f1"]):
        assert isinstance(found, (ResultsDataset, ResultsArray))


def test_operators_in_place_keep_the_labels(labelled: Any) -> None:
    labelled += 1
    labelled *= labelled
    assert_selects(labelled)


UNARY: dict[str, Change] = {
    "negative": operator.neg,
    "absolute": abs,
    "inverted": lambda x: ~(x > 1),
    "sqrt": np.sqrt,
    "isnan": np.isnan,
    "maximum": lambda x: np.maximum(x, 3),
    "number first": lambda x: np.add(1, x),
    "isel": lambda x: x.isel(seed=0),
    "isel by brackets": lambda x: x[{"seed": 0}],
    "sel": lambda x: x.sel(seed=[1]),
    "loc": lambda x: x.loc[{"seed": 1}],
    "head": lambda x: x.head(seed=1),
    "squeeze": lambda x: x.isel(seed=[0]).squeeze(),
    "drop_sel": lambda x: x.drop_sel(seed=1),
    "where": lambda x: x.where(x > 3),
    "where otherwise": lambda x: x.where(x > 3, -1),
    "fillna": lambda x: x.where(x > 3).fillna(0),
    "dropna": lambda x: x.where(x["seed"] == 0).dropna("seed"),
    "combine_first": lambda x: x.where(x > 3).combine_first(x),
    "interpolate_na": lambda x: x.interpolate_na("seed"),
    "isnull": lambda x: x.isnull(),
    "isin": lambda x: x.isin([1, 2]),
    "clip": lambda x: x.clip(0, 1),
    "round": lambda x: x.round(),
    "astype": lambda x: x.astype("float32"),
    "mean": lambda x: x.mean("seed"),
    "mean over all but methods": lambda x: x.mean(["dataset", "seed"]),
    "std": lambda x: x.std("seed", ddof=1),
    "median": lambda x: x.median("seed"),
    "max": lambda x: x.max("seed"),
    "quantile": lambda x: x.quantile([0.1, 0.9], dim="seed"),
    "count": lambda x: x.count("seed"),
    "all": lambda x: (x > 1).all("seed"),
    "reduce": lambda x: x.reduce(np.ptp, "seed"),
    "weighted": lambda x: x.weighted(xr.DataArray([1, 2], dims="seed")).mean("seed"),
    "groupby": lambda x: x.groupby("dataset").mean(),
    "groupby map": lambda x: x.groupby("dataset").map(lambda group: group - group.mean("seed")),
    "cumsum": lambda x: x.cumsum("seed"),
    "diff": lambda x: x.diff("seed"),
    "shift": lambda x: x.shift(seed=1),
    "pad": lambda x: x.pad(seed=1),
    "transpose": lambda x: x.transpose("seed", "method", "dataset"),
    "expand_dims": lambda x: x.expand_dims("split"),
    "stack": lambda x: x.stack(run=("dataset", "seed")),
    "unstack": lambda x: x.stack(run=("dataset", "seed")).unstack("run"),
    "sortby": lambda x: x.sortby("seed", ascending=False),
    "reindex": lambda x: x.reindex(seed=[0, 1, 2]),
    "interp": lambda x: x.interp(seed=0.5),
    "query": lambda x: x.query(seed="seed == 0"),
    "rename": lambda x: x.rename(seed="run"),
    "assign_coords": lambda x: x.assign_coords(depth=("method", [1, 2, 3])),
    "reset_coords": lambda x: x.assign_coords(depth=("method", [1, 2, 3])).reset_coords("depth"),
    "assign_attrs": lambda x: x.assign_attrs(title="t"),
    "pipe": lambda x: x.pipe(lambda y: y + 1),
    "map_blocks": lambda x: x.map_blocks(lambda y: y + 1),
    "copy": lambda x: x.copy(deep=True),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "load": lambda x: x.load(),
    "concat": lambda x: xr.concat([x.isel(seed=[0]), x.isel(seed=[1])], "seed"),
    "align": lambda x: xr.align(x, x.isel(seed=[0]), join="inner")[0],
    "broadcast": lambda x: xr.broadcast(x, x.isel(seed=0))[1],
}


@pytest.mark.parametrize("change", UNARY.values(), ids=UNARY)
def test_methods_keep_the_labels_and_compute_what_xarray_does(labelled: Any, change: Change) -> None:
    found, expected = change(labelled), change(plain(labelled))
    assert_selects(found)
    xr.testing.assert_identical(plain(found), plain(expected))


def test_columns_of_a_dataset_keep_the_labels(ds: ResultsDataset) -> None:
    for found in (
        ds["accuracy"],
        ds.accuracy,
        ds.get("accuracy"),
        ds.data_vars["accuracy"],
        ds[["accuracy"]],
        ds.drop_vars("f1"),
        ds.rename(f1="dice"),
        ds.assign(mean=(ds["accuracy"] + ds["f1"]) / 2),
        ds.map(np.sqrt),
        ds.to_dataarray("metric"),
        ds["accuracy"].to_dataset(name="acc"),
        ds["accuracy"].to_dataset(dim="dataset"),
        ds["accuracy"].T,
        ds["accuracy"].dot(ds["f1"], "seed"),
    ):
        assert_selects(found)
    assert isinstance(ds["method"], ResultsArray)


def test_plain_objects_become_ours_with_everything_they_hold() -> None:
    for original in (plain_dataset(), plain_dataset()["accuracy"]):
        converted = as_results(original)
        assert_selects(converted)
        xr.testing.assert_identical(plain(converted), plain(original))
        assert converted.attrs == original.attrs
        assert as_results(converted) is converted
    assert as_results("text") == "text"


def test_functions_of_xarray_return_plain_objects_that_can_be_converted(ds: ResultsDataset) -> None:
    """The limit that the module's docstring names."""
    for found in (xr.merge([ds]), xr.where(ds > 1, ds, 0), ds.rolling(seed=2).mean()):
        assert type(found) is xr.Dataset
        assert_selects(as_results(found))
