from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mushin import SweepError, multirun, sweep
from mushin.errors import ConfigError
from sweep_tasks import counted, fragile

KILLED = """
import os, signal, sys
from pathlib import Path
from mushin import multirun, sweep

@sweep
def task(x, y, log):
    done = Path(log).read_text().split() if Path(log).exists() else []
    if "--kill" in sys.argv and len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    with open(log, "a") as file:
        file.write(f"{x}-{y}\\n")
    return {"z": 10 * x + y, "curve": [x, y]}

def run(folder, log, resume):
    return task.run(
        x=multirun([1, 2, 3]), y=multirun([0, 1]), params={"log": log}, working_dir=folder, resume=resume
    )

if __name__ == "__main__":
    folder, log, *others = sys.argv[1:]
    run(folder, log, "--resume" in others).to_xarray().to_netcdf(f"{folder}.nc")
    resumed = Path(log).rename(f"{log}.resumed")
    run(f"{folder}-whole", log, False).to_xarray().to_netcdf(f"{folder}-whole.nc")
"""


def lines(log: Path) -> list[str]:
    return log.read_text().split()


def start(script: Path, *arguments: Any) -> int:
    return subprocess.run([sys.executable, script, *map(str, arguments)], check=False).returncode


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    script, folder, log = tmp_path / "script.py", tmp_path / "sweep", tmp_path / "log"
    script.write_text(KILLED)
    assert start(script, folder, log, "--kill") == -signal.SIGKILL
    assert len(lines(log)) == 3
    half = sweep(os.getpid).load(folder)
    assert [half.to_xarray()["z"].isnull().sum().item(), len(half.unfinished)] == [3, 3]

    # One of the finished jobs is cut short, as a full disk might leave it.
    (first, *_) = sorted((folder / "jobs").glob("x=1,y=0-*/result.json"))
    first.write_bytes(first.read_bytes()[:-30])
    assert start(script, folder, log, "--resume") == 0
    assert sorted(lines(tmp_path / "log.resumed")) == ["1-0", "1-0", "1-1", "2-0", "2-1", "3-0", "3-1"]
    assert (tmp_path / "sweep.nc").read_bytes() == (tmp_path / "sweep-whole.nc").read_bytes()


def test_nothing_finished_runs_again_and_values_may_be_added(tmp_path: Path) -> None:
    log = tmp_path / "log"
    counted.run(x=multirun([1, 2]), log=str(log), working_dir=tmp_path / "sweep")
    counted.run(x=multirun([1, 2]), log=str(log), working_dir=tmp_path / "sweep", resume=True)
    result = counted.run(x=multirun([3, 2, 1]), log=str(log), working_dir=tmp_path / "sweep", resume=True)
    assert lines(log) == ["1", "2", "3"]
    assert result.to_xarray()["square"].values.tolist() == [9, 4, 1]


def test_nan_as_a_value_is_recognized(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _ in range(2):
        result = counted.run(x=float("nan"), log=str(log), working_dir=tmp_path / "sweep", resume=True)
    assert lines(log) == ["nan"]
    assert result.unfinished == ()


def test_failed_jobs_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        result = fragile.run(lr=multirun([-1, 1]), seed=0, working_dir=tmp_path, on_error="skip", resume=True)
        assert len(result.failures) == 1
    log = next((tmp_path / "jobs").glob("lr=-1*")) / "fragile.log"
    assert log.exists()


def test_other_fixed_parameters_are_other_jobs(tmp_path: Path) -> None:
    fragile.run(lr=multirun([1, 2]), seed=0, working_dir=tmp_path)
    result = fragile.run(lr=multirun([1, 2]), seed=5, working_dir=tmp_path, resume=True)
    assert result.to_xarray()["loss"].values.tolist() == [6, 7]


def test_a_changed_task_runs_again_and_says_so(tmp_path: Path) -> None:
    def make(offset: int) -> Any:
        def task(x: int) -> dict[str, Any]:
            return {"y": x + offset}

        return sweep(task)

    make(0).run(x=multirun([1, 2]), working_dir=tmp_path)
    with pytest.warns(
        UserWarning, match="task 'task' has changed since 2 of 3 jobs were run; these run again"
    ):
        result = make(10).run(x=multirun([1, 2, 3]), working_dir=tmp_path, resume=True)
    assert result.to_xarray()["y"].values.tolist() == [11, 12, 13]


def test_results_of_an_earlier_version_are_not_read(tmp_path: Path) -> None:
    fragile.run(lr=multirun([1, 2]), seed=0, working_dir=tmp_path)
    file = next((tmp_path / "jobs").glob("lr=1*")) / "result.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "source": "another"}))
    assert fragile.load(tmp_path).unfinished == ({"lr": 1},)


def test_an_earlier_sweep_is_not_mixed_with_a_new_one(tmp_path: Path) -> None:
    fragile.run(lr=1, seed=0, working_dir=tmp_path)
    with pytest.raises(ConfigError, match="holds a sweep of 'fragile' already; go on with it by resume=True"):
        fragile.run(lr=2, seed=0, working_dir=tmp_path)
    with pytest.raises(
        ConfigError, match="holds a sweep of 'fragile', not of 'counted'; name another folder"
    ):
        counted.run(x=1, log="", working_dir=tmp_path, resume=True)


def test_a_task_without_source_is_known_by_its_instructions(tmp_path: Path) -> None:
    def typed(text: str) -> Any:
        names: dict[str, Any] = {}
        exec(text, names)
        return sweep(names["task"])

    typed("def task(lr):\n    return {'a': lr}").run(lr=1, working_dir=tmp_path)
    typed("def task(lr): return {'a': lr}").run(lr=1, working_dir=tmp_path, resume=True)
    with pytest.warns(UserWarning, match="task 'task' has changed since 1 of 1 jobs were run"):
        typed("def task(lr): return {'a': 2 * lr}").run(lr=1, working_dir=tmp_path, resume=True)


def test_a_folder_without_a_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match=r"holds no sweep.*sweep\.json"):
        fragile.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 1', "sweep.json is damaged"),
        ('{"format": 2}', "has format 2; this"),
        ("[]", "is damaged"),
    ],
)
def test_a_damaged_description_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "sweep.json").write_text(content)
    with pytest.raises(SweepError, match=message):
        fragile.load(tmp_path)
