from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from hydra.core.config_store import ConfigStore

from mushin import multirun
from mushin.errors import ConfigError, SweepError
from mushin.sweeps.launchers import is_basic, launcher_overrides
from sweep_tasks import Line, deadly, fragile

NOTEBOOK = """
import sys
from mushin import multirun, sweep

def helper(x):
    return 2 * x

@sweep
def task(x):
    return {"y": helper(x)}

if __name__ == "__main__":
    launcher = {"name": "submitit_local", "timeout_min": 1}
    result = task.run(x=multirun([1, 2]), working_dir=sys.argv[1], launcher=launcher)
    print(result.to_xarray()["y"].values.tolist(), "torch" in sys.modules)
"""


def test_joblib_runs_jobs_in_other_processes(tmp_path: Path) -> None:
    result = Line().run(
        slope=multirun([1, 2]),
        seed=multirun([0, 1]),
        working_dir=tmp_path,
        launcher={"name": "joblib", "n_jobs": 2},
    )
    ds = result.to_xarray()
    assert ds["height"].values.tolist() == [[10, 11], [20, 21]]
    assert os.getpid() not in ds["process"].values
    assert len(list(tmp_path.glob("jobs/*/.hydra/config.yaml"))) == 4
    assert len(list(tmp_path.glob("jobs/*/Line.log"))) == 4


def test_joblib_keeps_what_finished_beside_a_failure(tmp_path: Path) -> None:
    launcher = {"name": "joblib", "n_jobs": 2}
    with pytest.raises(SweepError, match="job lr=-1 failed: UnpicklableError: 1 and 2"):
        fragile.run(lr=multirun([-1, 1]), seed=0, working_dir=tmp_path, launcher=launcher)
    np.testing.assert_array_equal(fragile.load(tmp_path).to_xarray()["loss"], [np.nan, 1])


def test_a_killed_process_ends_the_sweep_and_keeps_what_finished(tmp_path: Path) -> None:
    launcher = {"name": "joblib", "n_jobs": 2}
    with pytest.raises(BrokenProcessPool) as caught:
        deadly.run(x=multirun([0, 1]), working_dir=tmp_path, launcher=launcher, on_error="skip")
    assert "What is finished is kept: go on with resume=True" in caught.value.__notes__[0]


def test_submitit_runs_a_task_of_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(NOTEBOOK)
    command = [sys.executable, str(script), str(tmp_path / "sweep")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout == "[2, 4] False\n", ran.stderr


def test_a_missing_plugin_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfigStore, "list", lambda self, path: ["basic.yaml"])
    with pytest.raises(
        ConfigError,
        match=r"'submitit_slurm' needs the package hydra-submitit-launcher, .*mushin\[launchers\]",
    ):
        launcher_overrides("submitit_slurm")
    with pytest.raises(ConfigError, match="launcher 'jobli' is unknown; did you mean 'joblib'"):
        launcher_overrides("jobli")


def test_options_are_overrides() -> None:
    assert launcher_overrides({"name": "submitit_slurm", "partition": "a,b", "mem_gb": 4}) == [
        "hydra/launcher=submitit_slurm",
        "hydra.launcher.partition='a,b'",
        "hydra.launcher.mem_gb=4",
    ]


@pytest.mark.parametrize(
    ("launcher", "basic"), [(None, True), ("basic", True), ({"name": "basic"}, True), ("joblib", False)]
)
def test_the_default_launcher_is_hydras_own(launcher: str | None, basic: bool) -> None:
    assert is_basic(launcher) is basic
