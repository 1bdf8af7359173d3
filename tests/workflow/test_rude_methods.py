"""What a method cannot spoil for the others, and how it is named when it fails."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from mushin.cells import read_cell
from tiny_study import Command, Study, add_vote, replace_once

RUDE = """
import os, random, sys
import numpy as np
import torch
from near import fit_centroids

def fit_rudely(data, *, seed, num_classes):
    model = fit_centroids(data, seed=seed, num_classes=num_classes, scale=1.0)
    print("x" * 100_000)
    sys.stdout.write("no end of line")
    os.write(1, b"past Python")
    os.chdir("/")
    for number in range(5):
        random.seed(number), np.random.seed(number), torch.manual_seed(number)
    os.environ["OMP_NUM_THREADS"] = "7"
    return model
"""
FAILING = """
import os, signal, time
from near import Centroids, fit_centroids

def fit(data, *, seed, num_classes, how):
    if how == "killed":
        held = bytearray(300 * 2**20)
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "hanging":
        time.sleep(600)
    if how == "leaving":
        os._exit(0)
    return fit_centroids(data, seed=seed, num_classes=num_classes, scale=1.0)
"""
METHOD = """_target_: near.Centroids
num_classes: ${{data.num_classes}}
scale: 1.0
fit: {{_target_: {fit}, num_classes: "${{data.num_classes}}"{more}}}
"""


def add_method(folder: Path, name: str, *, fit: str, more: str = "") -> None:
    (folder / f"conf/method/{name}.yaml").write_text(METHOD.format(fit=fit, more=more))


def test_rude_method_changes_no_byte_of_its_own_results_or_of_others(here: Path, command: Command) -> None:
    """It prints, leaves the working directory, and reseeds what others draw from."""
    (here / "rude.py").write_text(RUDE)
    add_method(here, "rude", fit="rude.fit_rudely")
    replace_once(here / "conf/config.yaml", "[near, far]", "[near, far, rude]")
    for cell in ("far/1", "near/0", "rude/0"):
        assert command("train", cell)[0] == 0
    drawn = random.random(), np.random.rand()  # noqa: NPY002
    assert command("evaluate", "rude/0")[0] == 0
    assert Path.cwd() == here
    results = here / "results/blobs"
    assert (results / "rude/0/model.pt").read_bytes() == (results / "near/0/model.pt").read_bytes()
    alone = (results / "far/1/model.pt").read_bytes()
    assert command("train", "far/1")[0] == 0
    assert (results / "far/1/model.pt").read_bytes() == alone
    assert drawn != (random.random(), np.random.rand())  # noqa: NPY002
    assert command("evaluate", "near/0")[0] == 0
    np.testing.assert_array_equal(
        read_cell(results / "rude/0/cell.nc").statistics.confusion,
        read_cell(results / "near/0/cell.nc").statistics.confusion,
    )


def test_method_that_predicts_elsewhere_leaves_its_predictions_here(here: Path, command: Command) -> None:
    add_vote(here)
    replace_once(
        here / "vote.py", "    return weights", "    import os\n    os.chdir('/')\n    return weights"
    )
    replace_once(here / "conf/config.yaml", "[near, far]", "[near, vote]")
    assert command("train", "vote/0")[0] == 0
    assert (here / "results/blobs/vote/0/predictions.npz").is_file()


@pytest.mark.workflow
def test_methods_that_hang_are_killed_or_leave_are_named_and_spare_the_others(fresh: Study) -> None:
    (fresh.folder / "failing.py").write_text(FAILING)
    ways = ("killed", "hanging", "leaving")
    for how in ways:
        add_method(fresh.folder, how, fit="failing.fit", more=f", how: {how}")
    fresh.edit("conf/config.yaml", "[near, far]", f"[near, {', '.join(ways)}]")
    fresh.edit("conf/config.yaml", "[0, 1]", "[0]")
    with (fresh.folder / "conf/config.yaml").open("a") as config:
        config.write("resources: {train: {time_limit: 0.5}}\n")
    ran = fresh.run("--keep-going")
    printed = ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert "cell blobs/killed/0: killed (SIGKILL) after it had used up to" in printed
    assert "cell blobs/hanging/0: ended after its time limit of 0.5 minutes" in printed
    assert "cell blobs/leaving/0: its own code ended the process, with exit status 0" in printed
    assert (
        'failing.py", line 10 in fit' in (fresh.folder / "logs/results/train/blobs/hanging/0.log").read_text()
    )
    done = sorted(str(cell.parent.relative_to(fresh.folder)) for cell in fresh.folder.rglob("cell.nc"))
    assert done == ["results/blobs/near/0"]
