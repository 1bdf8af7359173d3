from __future__ import annotations

import contextlib
import logging
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mushin
from mushin import SweepError, hydra_list, multirun, sweep
from mushin.errors import ConfigError, DataError, UnknownNameError
from sweep_tasks import Line, fragile
from sweeps.test_override_text import VALUES


@sweep
def train(lr: float, method: str, seed: int, epochs: int = 2) -> dict[str, Any]:
    logging.getLogger("training").info("begun with %s", method)
    return {
        "accuracy": lr + seed,
        "loss": np.arange(epochs) / 2,
        "note": method,
        "good": True,
        "steps": epochs,
    }


def test_dimensions_are_the_swept_parameters_and_variables_what_the_task_returns(tmp_path: Path) -> None:
    result = train.run(
        lr=multirun([0.1, 1e-3]), method=multirun(["cnn", "mlp"]), seed=0, epochs=3, working_dir=tmp_path
    )
    ds = result.to_xarray(dims={"loss": "epoch"}, higher_is_better={"accuracy": True})
    assert dict(ds.sizes) == {"lr": 2, "method": 2, "epoch": 3}
    assert ds["accuracy"].dims == ("lr", "method")
    assert ds["lr"].dtype == np.float64
    assert ds.sel(method="cnn", lr=1e-3)["accuracy"].item() == 1e-3
    assert ds["loss"].sel(method="mlp").shape == (2, 3)
    assert {name: ds[name].dtype.kind for name in ds} == {
        "accuracy": "f",
        "loss": "f",
        "note": "O",
        "good": "b",
        "steps": "i",
    }
    assert ds["accuracy"].attrs["higher_is_better"] == 1
    assert (ds.attrs["seed"], ds.attrs["epochs"], ds.attrs["mushin_task"]) == (0, 3, "train")
    ds.to_netcdf(tmp_path / "sweep.nc")
    with xr.open_dataset(tmp_path / "sweep.nc") as opened:
        assert opened.equals(ds)
        assert opened.attrs == ds.attrs


def test_each_job_has_its_folder_with_configuration_and_log(tmp_path: Path) -> None:
    train.run(lr=multirun([0.5, 1.0]), method="cnn", seed=0, working_dir=tmp_path)
    folders = sorted((tmp_path / "jobs").iterdir())
    assert [folder.name[:6] for folder in folders] == ["lr=0.5", "lr=1.0"]
    config = yaml.safe_load((folders[0] / ".hydra/config.yaml").read_text())
    assert config == {"lr": 0.5, "method": "cnn", "seed": 0, "epochs": 2}
    assert yaml.safe_load((folders[0] / ".hydra/overrides.yaml").read_text()) == ["lr=0.5"]
    assert "[training][INFO] - begun with cnn" in (folders[0] / "train.log").read_text()


def test_a_workflow_reads_its_last_sweep(tmp_path: Path) -> None:
    workflow = Line()
    with pytest.raises(SweepError, match=r"no sweep has run to its end here; call run\(...\), or load"):
        workflow.to_xarray()
    result = workflow.run(slope=multirun([1, 2]), seed=multirun(range(2)), working_dir=tmp_path)
    assert workflow.to_xarray().identical(result.to_xarray())
    assert workflow.failures == ()
    table = workflow.to_dataframe()
    assert table[["slope", "seed", "height", "status"]].values.tolist() == [
        [1, 0, 10, "finished"],
        [1, 1, 11, "finished"],
        [2, 0, 20, "finished"],
        [2, 1, 21, "finished"],
    ]
    assert Line.load(tmp_path).to_xarray().identical(result.to_xarray())
    assert "Line (slope: 2, seed: 2): 4 finished, 0 failed, 0 unfinished" in repr(result)


def test_calling_a_sweep_calls_the_function() -> None:
    assert train(1.0, "cnn", seed=1)["accuracy"] == 2.0
    assert train.__name__ == "train"
    assert mushin.sweep is sweep, "the function, not a module of that name"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, others=st.lists(VALUES, max_size=2), fixed=VALUES)
def test_the_task_gets_what_was_swept(
    value: Any, others: list[Any], fixed: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen = []

    def task(a: Any, b: Any) -> dict[str, Any]:
        seen.append((a, b))
        return {"index": len(seen) - 1}

    values = list({repr(item): item for item in (value, *others)}.values())
    assume_distinct = {item if isinstance(item, float | int) else repr(item) for item in values}
    if len(assume_distinct) < len(values):
        values = values[:1]
    folder = tmp_path_factory.mktemp("sweep")
    result = sweep(task).run(
        a=multirun([hydra_list(item) if isinstance(item, list) else item for item in values]),
        b=hydra_list(fixed) if isinstance(fixed, list) else fixed,
        working_dir=folder,
    )
    assert repr(seen) == repr([(item, fixed) for item in values])
    ds = result.to_xarray()
    for label, index in zip(ds["a"].values, ds["index"].values, strict=True):
        assert ds.sel(a=label)["index"].item() == index
    ds.to_netcdf(folder / "sweep.nc")


def test_a_nested_key_sweeps(tmp_path: Path) -> None:
    @sweep
    def nested(optimizer: dict[str, Any]) -> dict[str, Any]:
        return {"seen": f"{optimizer}"}

    ds = nested.run(
        optimizer={"name": "sgd"}, **{"optimizer.lr": multirun([0.1, None])}, working_dir=tmp_path
    ).to_xarray()
    assert ds["optimizer.lr"].values.tolist() == ["0.1", "None"]
    assert ds["seen"].values[1] == "{'name': 'sgd', 'lr': None}"
    assert ds.attrs["optimizer"] == '{"name": "sgd"}'


def test_params_holds_what_is_named_like_an_option(tmp_path: Path) -> None:
    @sweep
    def task(launcher: str, self: int) -> dict[str, Any]:
        return {"seen": launcher}

    ds = task.run(params={"launcher": multirun(["a", "b"]), "self": 1}, working_dir=tmp_path).to_xarray()
    assert ds.sel(launcher="b")["seen"].item() == "b"


def test_the_first_failure_ends_the_sweep_and_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(
        SweepError,
        match=r"job lr=-1 failed: UnpicklableError: 1 and 2\. .* resume=True and working_dir=",
    ) as caught:
        fragile.run(lr=multirun([1, -1, 2]), seed=0, params={}, working_dir=tmp_path, on_error="raise")
    assert "raise UnpicklableError(1, 2)" in caught.value.__notes__[0]
    loaded = fragile.load(tmp_path)
    assert loaded.to_xarray()["loss"].values.tolist()[:1] == [1.0]
    assert loaded.unfinished == ({"lr": 2},)


def test_skipped_failures_are_nan_and_listed(tmp_path: Path) -> None:
    result = fragile.run(lr=multirun([1, -1]), seed=multirun([0, 1]), working_dir=tmp_path, on_error="skip")
    np.testing.assert_array_equal(result.to_xarray()["loss"], [[1, 2], [np.nan, np.nan]])
    first, second = result.failures
    assert (first.parameters, second.parameters) == ({"lr": -1, "seed": 0}, {"lr": -1, "seed": 1})
    assert (first.exception, first.message) == ("UnpicklableError", "1 and 2")
    assert "raise UnpicklableError(1, 2)" in first.traceback.read_text()
    assert result.to_dataframe()["status"].tolist() == ["finished", "finished", "failed", "failed"]


def test_jobs_that_leave_nothing_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mushin.sweeps.run.launch", lambda *arguments, **options: None)
    with pytest.raises(
        SweepError, match="2 jobs left neither a result nor a failure, the first of them lr=1;"
    ):
        fragile.run(lr=multirun([1, 2]), seed=0, working_dir=tmp_path)
    assert len(fragile.run(lr=3, seed=0, working_dir=tmp_path, resume=True, on_error="skip").unfinished) == 1


def test_a_log_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    fragile.run(lr=1, seed=0, working_dir=tmp_path)
    (folder,) = (tmp_path / "jobs").iterdir()
    (folder / "result.json").unlink()
    (folder / "fragile.log").unlink()
    (folder / "fragile.log").mkdir()
    with pytest.raises(SweepError, match="the only job failed: IsADirectoryError"):
        fragile.run(lr=1, seed=0, working_dir=tmp_path, resume=True)


def test_a_task_that_exits_has_failed(tmp_path: Path) -> None:
    @sweep
    def leaves(x: int) -> dict[str, Any]:
        sys.exit(3)

    (failure,) = leaves.run(x=1, working_dir=tmp_path, on_error="skip").failures
    assert (failure.exception, failure.message) == ("SystemExit", "3")


def test_an_interrupt_ends_the_sweep_with_a_hint(tmp_path: Path) -> None:
    @sweep
    def interrupted(x: int) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted.run(x=1, working_dir=tmp_path, on_error="skip")
    assert "go on with resume=True" in caught.value.__notes__[0]


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    @sweep
    def changes(x: int) -> dict[str, Any]:
        os.chdir("/")
        return {"y": x}

    root = logging.getLogger()
    before = (Path.cwd(), list(sys.path), list(sys.argv), root.level, list(root.handlers), dict(os.environ))
    changes.run(x=1, working_dir=tmp_path)
    after = (Path.cwd(), list(sys.path), list(sys.argv), root.level, list(root.handlers), dict(os.environ))
    assert before == after


def test_the_default_folder_is_new_each_time(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        first, second = (train.run(lr=1, method="a", seed=0).working_dir for _ in range(2))
    assert first != second
    assert first.is_relative_to(tmp_path / "multirun")


@pytest.mark.parametrize("name", ["seed", "status"])
def test_table_has_no_two_columns_of_one_name(tmp_path: Path, name: str) -> None:
    @sweep
    def task(seed: int) -> dict[str, Any]:
        return {name: 7}

    result = task.run(seed=multirun([0]), working_dir=tmp_path)
    with pytest.raises(DataError, match=f"metric '{name}' has the name of .*; return it under another name"):
        result.to_dataframe()


def test_table_refuses_a_parameter_that_is_called_status(tmp_path: Path) -> None:
    @sweep
    def task(status: int) -> dict[str, Any]:
        return {"loss": 7}

    result = task.run(status=multirun([0]), working_dir=tmp_path)
    with pytest.raises(DataError, match="a swept parameter has the name 'status' of a column"):
        result.to_dataframe()


def test_metrics_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    @sweep
    def task(seed: int) -> dict[str, Any]:
        return {"seed": seed, "loss": [1.0, 2.0], "score": math.nan}

    result = task.run(seed=multirun([0]), working_dir=tmp_path)
    with pytest.raises(
        DataError, match=r"metric 'seed' has the name of a swept parameter; .* metrics=\[...\]"
    ):
        result.to_xarray()
    assert list(result.to_xarray(metrics=["loss"])) == ["loss"]
    assert result.to_xarray(metrics="loss")["loss"].dims == ("seed", "loss_dim0")
    for options, error, message in [
        ({"metrics": ["los"]}, UnknownNameError, "metric 'los' is unknown; did you mean 'loss'"),
        ({"dims": {"lss": "t"}}, UnknownNameError, "dims: metric 'lss' is unknown"),
        ({"dims": {"loss": ("t", "u")}}, ConfigError, "'loss' has 1 dimensions of its own, got the names"),
        ({"dims": {"loss": "seed"}}, ConfigError, "dims: 'seed' of 'loss' is the name of something else"),
        (
            {"higher_is_better": {"loss": 1}},
            ConfigError,
            "higher_is_better of 'loss' is 1; accepted: True or",
        ),
    ]:
        chosen: dict[str, Any] = {"metrics": ["loss"], **options}
        with pytest.raises(error, match=message):
            result.to_xarray(**chosen)
