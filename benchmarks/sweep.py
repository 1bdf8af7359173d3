"""Time what a sweep adds to each job: one command, one table.

    OMP_NUM_THREADS=1 python benchmarks/sweep.py [--jobs 50] [--repeats 5]

The task returns one number, so that all the time is overhead. The contenders run in turn, so that a busy
moment of the machine falls on all of them:

- loop: the same calls in a bare loop, collected into an array;
- launch: `hydra_zen.launch` over the same grid, with Hydra's own launcher;
- sweep: `mushin.sweep` over the same grid, from `run` to the Dataset;
- resumed: the same `run` again with `resume=True`, when all jobs are finished;
- joblib: the sweep with two processes, which an earlier sweep has started.

Times are medians per job with their range; the ratio to `launch` is the median of the ratios within a turn.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hydra_zen import launch
from tabulate import tabulate

from mushin import multirun, sweep

PARALLEL = {"name": "joblib", "n_jobs": 2}


def task(x: int, y: int) -> dict[str, Any]:
    """Return at once."""
    return {"z": x + y}


def contenders(jobs: int, folder: Path) -> dict[str, Callable[[], np.ndarray]]:
    """Return the contenders; each gives the results as an array of the same shape."""
    xs, ys = range(jobs // 5), range(5)
    swept = sweep(task)

    def loop() -> np.ndarray:
        return np.array([[task(x, y)["z"] for y in ys] for x in xs])

    def launched() -> np.ndarray:
        overrides = {"x": multirun(xs), "y": multirun(ys), "hydra.sweep.dir": str(folder / "launch")}
        with contextlib.redirect_stdout(io.StringIO()):
            (done,) = launch(
                {"x": None, "y": None},
                lambda config: task(config.x, config.y),
                overrides=overrides,
                multirun=True,
                version_base="1.3",
            )
        return np.array([job.return_value["z"] for job in done]).reshape(len(xs), len(ys))

    def run(name: str, **options: Any) -> np.ndarray:
        result = swept.run(x=multirun(xs), y=multirun(ys), working_dir=folder / name, **options)
        return result.to_xarray()["z"].values

    return {
        "loop": loop,
        "launch": launched,
        "sweep": lambda: run("sweep"),
        "resumed": lambda: run("sweep", resume=True),
        "joblib": lambda: run("joblib", launcher=PARALLEL),
    }


def timed(jobs: int, repeats: int) -> dict[str, list[float]]:
    """Return the seconds per job of each contender, one per turn."""
    seconds: dict[str, list[float]] = {}
    for turn in range(repeats + 1):
        with tempfile.TemporaryDirectory() as folder:
            expected = None
            for name, run in contenders(jobs, Path(folder)).items():
                begun = time.perf_counter()
                found = run()
                took = time.perf_counter() - begun
                expected = found if expected is None else expected
                if not np.array_equal(found, expected):
                    raise SystemExit(f"{name} gives other results")
                if turn:  # The first turn imports, and starts the processes of joblib.
                    seconds.setdefault(name, []).append(took / jobs)
    return seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    seconds = timed(arguments.jobs, arguments.repeats)
    rows = []
    for name, took in seconds.items():
        ratios = [mine / theirs for mine, theirs in zip(took, seconds["launch"], strict=True)]
        low, middle, high = (1000 * found(took) for found in (min, statistics.median, max))
        rows.append([name, f"{middle:.3g} ({low:.3g} - {high:.3g})", f"{statistics.median(ratios):.2g}"])
    print(tabulate(rows, headers=["contender", "ms per job", "/ launch"], tablefmt="pipe"))


if __name__ == "__main__":
    main()
