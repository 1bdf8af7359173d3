"""Run a study on SLURM, hold its cells at a point, and look at its jobs."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tiny_study import SNAKEFILE, SNAKEMAKE, Study, environment

REPOSITORY = SNAKEFILE.parent
PATIENCE = 600
POLL = 8  # each poll that finds nothing new adds 10 s to the time until the next

_WAIT = """import os
import time
from pathlib import Path

import torch


def wait_while_held(point):
    Path("reached", point).write_text(str(os.getpid()))
    while Path("hold", point).exists():
        time.sleep(0.1)
"""
_NOTE = """    with open("trained", "a") as file:
        file.write(f"{seed}\\n")
    return model
"""


@dataclass(frozen=True)
class SlurmStudy(Study):
    """The tiny study with one method and two seeds, whose cells can be held where a drill needs them.

    ``train SEED`` holds a training at its beginning, ``evaluate`` every evaluation.
    """

    runs: list[Run] = field(default_factory=list)

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        return [
            str(SNAKEMAKE),
            *("--snakefile", str(SNAKEFILE)),
            "results/compare.nc",
            *("--profile", "slurm", "--slurm-init-seconds-before-status-checks", str(POLL)),
            *arguments,
        ]

    def start(self, *arguments: str) -> Run:
        log = self.folder / "run.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                stdout=output,
                stderr=output,
                env=environment(),
                # a shell's background job ignores SIGINT, and so do its children
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        self.runs.append(Run(process, log))
        return self.runs[-1]

    def finish(self, *arguments: str) -> str:
        """Run to the end; return what was printed."""
        return self.start(*arguments).wait(0)

    def hold(self, point: str) -> None:
        (self.folder / "hold" / point).touch()

    def release(self, point: str) -> None:
        (self.folder / "hold" / point).unlink()

    def wait_until_reached(self, point: str, run: Run) -> None:
        reached = self.folder / "reached" / point
        wait_until(lambda: reached.exists() or run.process.poll() is not None, point, run)
        assert reached.exists(), run.printed()

    def wait_until_ended(self, point: str, run: Run) -> None:
        """Wait for the end of the process that reached a point."""
        process = Path("/proc", (self.folder / "reached" / point).read_text())
        wait_until(lambda: not process.exists(), f"the end of {point}", run)

    @property
    def trained(self) -> list[str]:
        """The seeds whose training came to its end, once for each time."""
        file = self.folder / "trained"
        return sorted(file.read_text().split()) if file.exists() else []

    @property
    def kept(self) -> list[str]:
        """The seeds whose training is complete, so that no later run repeats it."""
        return sorted(file.parent.name for file in (self.folder / "results/.kept").glob("*/*/*/train.json"))

    @property
    def merged(self) -> bytes:
        return (self.folder / "results/compare.nc").read_bytes()


@dataclass(frozen=True)
class Run:
    """A snakemake that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    def printed(self) -> str:
        return self.log.read_text()

    def wait(self, status: int) -> str:
        assert self.process.wait(PATIENCE) == status, self.printed()
        return self.printed()


def make_study(folder: Path) -> SlurmStudy:
    """Make the tiny study of two cells in a folder, with the profile."""
    shutil.copytree(REPOSITORY / "tests/workflow/study", folder)
    shutil.copytree(REPOSITORY / "slurm", folder / "slurm")
    study = SlurmStudy(folder)
    study.edit("conf/config.yaml", "[near, far]", "[near]")
    study.edit("near.py", "import torch\n", _WAIT)
    study.edit("near.py", "    kept = ", "    wait_while_held(f'train {seed}')\n    kept = ")
    study.edit("near.py", "    return model\n", _NOTE)
    study.edit("near.py", "        return -self", "        wait_while_held('evaluate')\n        return -self")
    for name in ("hold", "reached"):
        (folder / name).mkdir()
    return study


def ask_slurm(*command: str) -> str:
    """Run a command of SLURM and return what it prints."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def jobs(*states: str) -> dict[str, str]:
    """Return job number → state for the jobs in these states; without states, for those not ended."""
    wanted = ["--states", ",".join(states)] if states else []
    lines = ask_slurm("squeue", "--noheader", "--format=%i %T", *wanted).splitlines()
    return dict(line.split() for line in lines)


def cancel_all_jobs() -> None:
    """Return when the jobs there are have ended; snakemake may have submitted others by then."""
    cancelled = jobs().keys()
    for number in cancelled:
        ask_slurm("scancel", number)
    wait_until(lambda: cancelled.isdisjoint(jobs()), "the end of the cancelled jobs")


def wait_until(condition: Callable[[], object], what: str, run: Run | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not in time\n{run.printed() if run else ''}"
        time.sleep(0.1)
