"""A run of one's own whose jobs are started by hand, as the rules start them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mushin.config.make_plan import make_plan
from mushin.warm.run import VARIABLE, WarmRun
from tiny_study import environment

TRIAL = """
import os, random, signal, sys, time
import numpy as np
from near import fit_centroids

def fit(data, *, seed, num_classes):
    exec(os.environ["BLOCK"])
    return fit_centroids(data, seed=seed, num_classes=num_classes, scale=1.0)
"""
METHOD = """_target_: near.Centroids
num_classes: ${data.num_classes}
scale: 1.0
fit: {_target_: trial.fit, num_classes: "${data.num_classes}"}
"""


@dataclass
class Run:
    """A results folder, a process that stands for Snakemake, and the jobs of both."""

    folder: Path
    libraries: tuple[str, ...] = ()
    snakemake: subprocess.Popen[bytes] = field(init=False)
    warm: WarmRun = field(init=False)

    def __post_init__(self) -> None:
        self.snakemake = subprocess.Popen(["sleep", "600"])
        begun = WarmRun.begin(self.libraries, self.folder / "workers.log")
        self.warm = WarmRun(self.snakemake.pid, begun.token, begun.libraries, begun.log)

    @property
    def log(self) -> str:
        return Path(self.warm.log).read_text()

    @cached_property
    def settings(self) -> dict[str, str]:
        """The settings of the method under trial, as the rules pass them on."""
        with contextlib.chdir(self.folder):
            return make_plan().settings["blobs", "trial"].texts

    def start(
        self, rule: str = "train", block: str = "pass", *, new_session: bool = False, **variables: str
    ) -> subprocess.Popen[str]:
        """Start a job of a rule for a cell whose method runs a piece of Python first."""
        if rule == "train":  # Or what an earlier training of this cell left would be put back.
            shutil.rmtree(self.folder / "results", ignore_errors=True)
        groups = ("data", "method", "training", "task")[: 3 + (rule == "evaluate")]
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "mushin", rule, "blobs/trial/0"),
                *("--settings", *(self.settings[group] for group in groups)),
            ],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **environment(),
                "OMP_NUM_THREADS": "1",
                "BLOCK": block,
                VARIABLE: str(self.warm),
                **variables,
            },
            **({"start_new_session": True} if new_session else {"process_group": 0}),
        )

    def finish(self, rule: str = "train", block: str = "pass", **variables: str) -> tuple[int, str, str]:
        """Run a job to its end and return its status, what it printed, and its errors."""
        process = self.start(rule, block, **variables)
        out, errors = process.communicate(timeout=120)
        return process.returncode, out, errors

    def server(self) -> int | None:
        """Find the server of this run among all processes."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if b"mushin.warm.server" in words and str(self.snakemake.pid).encode() in words:
                return int(entry.name)
        return None

    def end(self) -> None:
        self.snakemake.kill()
        self.snakemake.wait()
        wait_until(lambda: self.server() is None)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and is no zombie that waits for its burial."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
