"""Kills at random moments of a run: of everything, of Snakemake alone, and of one job."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tiny_study import Command, Study, environment, replace_once

CELLS = [f"blobs/{method}/{seed}" for method in ("near", "far") for seed in (0, 1)]
NOTED = "    with open('trained.txt', 'a') as log:\n        print(sys.argv[2], file=log)\n"
KINDS = ("everything", "snakemake", "a job")
LONGEST = 20.0
"""Seconds. About what a run takes here; a later kill finds the run at its end."""


@pytest.fixture
def expected(here: Path, command: Command) -> bytes:
    """What a run leaves that nobody interrupts; the commands by hand leave the same bytes, but sooner."""
    for cell in CELLS:
        assert command("train", cell)[0] == command("evaluate", cell)[0] == 0
    assert command("aggregate")[0] == 0
    return (here / "results/compare.nc").read_bytes()


@pytest.fixture
def noting(fresh: Study) -> Study:
    """The tiny study, which notes every training that has ended."""
    fresh.edit("near.py", "import torch\n", "import sys\n\nimport torch\n")
    fresh.edit("near.py", "    return model\n", f"{NOTED}    return model\n")
    return fresh


@pytest.mark.workflow
@pytest.mark.parametrize("points", [5, pytest.param(40, marks=pytest.mark.slow)])
def test_kills_at_random_moments_repeat_nothing_and_change_no_byte(
    noting: Study, expected: bytes, points: int
) -> None:
    generator = random.Random(points)
    finished: set[str] = set()
    for point in range(points):
        before = len(trainings(noting))
        finished |= killed(noting, KINDS[point % len(KINDS)], generator.uniform(0.0, LONGEST))
        repeated = finished & set(trainings(noting)[before:])
        ...
