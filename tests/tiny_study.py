"""Run real Snakemake, and the command line, on a tiny study of four cells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SNAKEFILE = Path(__file__).parent.parent / "Snakefile"
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


Command = Callable[..., tuple[int, str, str]]
"""Runs a ``mushin`` command and returns its status, what it printed, and its errors."""


@dataclass(frozen=True)
class Study:
    """A working directory with the tiny study."""

    folder: Path

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        return [
            str(SNAKEMAKE),
            *("--snakefile", str(SNAKEFILE)),
            *("--directory", str(self.folder)),
            *("--cores", str(cores)),
            *arguments,
        ]

    def run(self, *arguments: str, cores: int = 2) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments, cores=cores),
            capture_output=True,
            text=True,
            env=environment(),
            timeout=600,
            check=False,
        )

    def mushin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mushin", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=environment(),
            timeout=300,
            check=False,
        )

    def planned(self, *arguments: str) -> Counter[str]:
        """Count what a dry run would do: whole cells by name, and the rules without wildcards."""
        dry = self.run("--dry-run", *arguments)
        assert dry.returncode == 0, dry.stdout + dry.stderr
        printed = dry.stdout + dry.stderr
        jobs = re.findall(r"^Job \d+: (train|evaluate) (\S+)", printed, flags=re.MULTILINE)
        planned = Counter(f"{rule} {cell}" for rule, cell in jobs)
        if re.search(r"^Job \d+: merge ", printed, flags=re.MULTILINE):
            planned["aggregate"] += 1
        if re.search(r"^Job \d+: compare ", printed, flags=re.MULTILINE):
            planned["stats"] += 1
        if re.search(r"^Job \d+: write ", printed, flags=re.MULTILINE):
            planned["report"] += 1
        return planned

    def edit(self, name: str, old: str, new: str) -> None:
        replace_once(self.folder / name, old, new)


def replace_once(file: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    content = file.read_text()
    assert content.count(old) == 1, f"{old!r} occurs {content.count(old)} times in {file.name}"
    file.write_text(content.replace(old, new))


def environment() -> dict[str, str]:
    """Return the environment without what pytest or a caller's BLAS settings would add."""
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb"}


def cells(*names: str) -> Counter[str]:
    """Return what running these cells and everything after them amounts to."""
    jobs = [f"{rule} {name}" for name in names for rule in ("train", "evaluate")]
    return Counter([*jobs, "aggregate", "stats", "report"])


VOTE = '''"""A nearest-centroid classifier in numpy, on a random half of the data, that leaves predictions."""

import random

import numpy as np


def vote(data, *, seed, num_classes, softness):
    inputs, labels = (np.asarray(part) for part in data.train)
    kept = np.random.permutation(len(inputs))[: len(inputs) // 2]
    inputs, labels = inputs[kept], labels[kept]
    centers = np.stack([inputs[labels == label].mean(axis=0) for label in range(num_classes)])
    distances = np.linalg.norm(np.asarray(data.test_inputs)[:, None] - centers, axis=2)
    weights = np.exp(-distances / softness)
    print(f"voted on {len(distances)} samples under seed {seed}, having drawn {random.random()}")
    return weights / weights.sum(axis=1, keepdims=True)
'''
VOTE_YAML = """predict:
  _target_: vote.vote
  num_classes: ${data.num_classes}
  softness: 0.5
"""


def add_vote(folder: Path) -> None:
    """Add a method that leaves predictions to the tiny study."""
    (folder / "vote.py").write_text(VOTE)
    (folder / "conf/method/vote.yaml").write_text(VOTE_YAML)
