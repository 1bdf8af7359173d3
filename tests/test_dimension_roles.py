from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import mushin
from mushin import compare_methods, multirun, summarise_methods, sweep
from mushin.dimension_roles import with_roles
from mushin.errors import ConfigError, DataError, UnknownNameError


@sweep
def score(model: str, lr: float, trial: int) -> dict[str, Any]:
    noise = np.random.default_rng([len(model), round(100 * lr), trial]).normal()
    return {"accuracy": (model == "large") + lr + noise / 100, "loss": noise, "curve": [noise, noise]}


@pytest.fixture(scope="module")
def ds(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """A sweep whose dimensions are called model, lr and trial."""
    result = score.run(
        model=multirun(["small", "large"]),
        lr=multirun([0.1, 0.2]),
        trial=multirun(range(3)),
        working_dir=tmp_path_factory.mktemp("sweep"),
    )
    return result.to_xarray(higher_is_better={"accuracy": True}, metrics=["accuracy", "curve"])


def test_a_renamed_sweep_compares(tmp_path: Path) -> None:
    swept = score.run(
        model=multirun(["small", "large"]), trial=multirun(range(3)), lr=0.1, working_dir=tmp_path
    ).to_xarray(higher_is_better={"accuracy": True})
    renamed = swept.rename(model="method", trial="seed")
    table = mushin.compare_methods(renamed, metrics=["accuracy"])
    assert table[["method_a", "method_b", "decision"]].values.tolist() == [["small", "large", "worse"]]
    named = compare_methods(swept, metrics=["accuracy"], method="model", seed="trial")
    assert named.equals(table)


def test_a_further_dimension_can_be_compared_within_each_label(ds: xr.Dataset) -> None:
    table = compare_methods(ds, method="model", seed="trial", dataset="lr")
    assert table["dataset"].tolist() == [0.1, 0.2]
    alone = compare_methods(ds.sel(lr=0.2, drop=True), method="model", seed="trial")
    assert table["mean_diff"][1] == alone["mean_diff"][0]


def test_each_combination_can_be_a_method(ds: xr.Dataset) -> None:
    table = summarise_methods(ds, method=("model", "lr"), seed="trial")
    assert table["method"].tolist() == [
        "model=small, lr=0.1",
        "model=small, lr=0.2",
        "model=large, lr=0.1",
        "model=large, lr=0.2",
    ]
    np.testing.assert_allclose(table["mean"], ds["accuracy"].mean("trial").values.ravel())


def test_each_combination_can_be_a_dataset(ds: xr.Dataset) -> None:
    swapped = with_roles(ds, method="trial", seed="model", dataset=["lr"])
    assert swapped["accuracy"].sizes == {"seed": 2, "dataset": 2, "method": 3}
    wide = ds.expand_dims(noise=["a", "b"])
    joined = with_roles(wide, method="model", seed="trial", dataset=("noise", "lr"))
    assert joined["dataset"].values.tolist() == [
        "noise=a, lr=0.1",
        "noise=a, lr=0.2",
        "noise=b, lr=0.1",
        "noise=b, lr=0.2",
    ]


def test_the_direction_can_be_declared_where_metrics_are_compared(ds: xr.Dataset) -> None:
    bare = ds.assign(accuracy=ds["accuracy"].drop_attrs())
    with pytest.raises(
        DataError,
        match=r"'accuracy' does not say .* declare it: higher_is_better=\{'accuracy': True\} \(or False\)",
    ):
        compare_methods(bare, method="model", seed="trial", dataset="lr")
    table = compare_methods(
        bare, method="model", seed="trial", dataset="lr", higher_is_better={"accuracy": False}
    )
    assert table["decision"].tolist() == ["better", "better"]
    assert "higher_is_better" not in bare["accuracy"].attrs


def test_a_dimension_without_a_role_is_named(ds: xr.Dataset) -> None:
    with pytest.raises(
        DataError, match=r"extra dimension 'lr'; .* dataset='lr' compares within each label, method="
    ):
        compare_methods(ds, method="model", seed="trial", metrics=["accuracy"])
    with pytest.raises(
        DataError, match=r"no dimension 'method', only .*; rename the one that is, or name it with method="
    ):
        compare_methods(ds)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "modl"}, UnknownNameError, "method: dimension 'modl' is unknown; did you mean 'model'"),
        ({"method": "model", "dataset": ("model", "lr")}, ConfigError, "'model' is given twice; give each"),
        ({"method": ()}, ConfigError, "method names no dimension"),
        ({"seed": ("trial", "lr")}, ConfigError, "accepted: the name of one dimension, since only its runs"),
        ({"higher_is_better": {"acc": True}}, UnknownNameError, "higher_is_better: metric 'acc' is unknown"),
        ({"higher_is_better": {"accuracy": 1}}, ConfigError, "'accuracy' is 1; accepted: True or False"),
        ({"higher_is_better": {"accuracy": False}}, ConfigError, "is False, but the metric itself says True"),
    ],
)
def test_wrong_roles_are_refused(
    ds: xr.Dataset, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        with_roles(ds, **{"method": "model", "seed": "trial", **options})


def test_a_roles_name_cannot_stay_with_another_dimension(ds: xr.Dataset) -> None:
    with pytest.raises(
        ConfigError, match="'method' names something else in these results; give it a role as well"
    ):
        with_roles(ds.rename(lr="method"), method="model", seed="trial")


def test_labels_are_needed_to_join_dimensions(ds: xr.Dataset) -> None:
    with pytest.raises(DataError, match="dimension 'lr' has no labels; name them with"):
        with_roles(ds.drop_vars("lr"), method=("model", "lr"), seed="trial")
