"""What happens when a cell fails, or the run is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tiny_study import Study, environment

pytestmark = pytest.mark.workflow


def test_failing_cell_spares_the_others_and_is_named(fresh: Study) -> None:
    fresh.edit(
        "far.py",
        "    model = Blurred(num_classes)\n",
        "    model = Blurred(num_classes)\n    assert seed != 1, 'an unlucky seed'\n",
    )
    ran = fresh.run("--keep-going")
    printed = ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert "AssertionError: an unlucky seed" in printed
    assert "logs/results/train/blobs/far/1.log" in printed
    done = sorted(str(cell.parent.relative_to(fresh.folder)) for cell in fresh.folder.rglob("cell.nc"))
    assert done == ["results/blobs/far/0", "results/blobs/near/0", "results/blobs/near/1"]
    assert not (fresh.folder / "results/compare.nc").exists()
    plan = fresh.mushin("plan").stdout
    assert "4 cells: 3 complete, 1 to run" in plan
    fresh.edit("far.py", "    assert seed != 1, 'an unlucky seed'\n", "")
    assert sum(fresh.planned().values()) >= 4


def test_killed_run_completes_without_repeating_finished_cells(fresh: Study) -> None:
    log = fresh.folder / "run.log"
    with log.open("w") as output:
        started = subprocess.Popen(
            fresh.command(), stdout=output, stderr=output, env=environment(), start_new_session=True
        )
    try:
        _wait_for(lambda: _finished_cells(log), started)
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    finished = {name: _changed(fresh, name) for name in _finished_cells(log)}
    assert 0 < len(finished) < 4
    locked = fresh.run()
    assert locked.returncode == 1
    assert "--unlock" in locked.stdout + locked.stderr
    assert fresh.run("--unlock").returncode == 0
    again = fresh.run()
    assert again.returncode == 0, again.stderr
    assert (fresh.folder / "results/compare.nc").is_file()
    assert {name: _changed(fresh, name) for name in finished} == finished


def _finished_cells(log: Path) -> set[str]:
    """Return the cells whose evaluation Snakemake has recorded as finished."""
    text = log.read_text()
    started = dict(re.findall(r"^Job (\d+): evaluate (\S+)", text, flags=re.MULTILINE))
    return {
        started[job]
        for job in re.findall(r"^Finished jobid: (\d+) \(Rule: evaluate\)", text, flags=re.MULTILINE)
    }


def _changed(study: Study, cell: str) -> int:
    return (study.folder / "results" / cell / "cell.nc").stat().st_mtime_ns


def _wait_for(condition: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "nothing finished in time"
        time.sleep(0.02)
