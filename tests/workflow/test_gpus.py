"""Several GPUs on one machine, pretended by ``CUDA_VISIBLE_DEVICES``."""

from __future__ import annotations

import pytest

from tiny_study import Study

pytestmark = pytest.mark.workflow

# Each training notes its device and goes on when the other one has done so too.
MEET = """    import os, time
    from pathlib import Path
    Path(f"device-{seed}").write_text(os.environ["CUDA_VISIBLE_DEVICES"])
    deadline = time.monotonic() + 60
    while not Path(f"device-{1 - seed}").exists():
        assert time.monotonic() < deadline, "the other cell does not train at the same time"
        time.sleep(0.05)
    inputs, targets = data.train
"""


def test_two_cells_train_at_once_each_with_a_gpu_of_its_own(
    fresh: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    fresh.edit("near.py", "    inputs, targets = data.train\n", MEET)
    with (fresh.folder / "conf/config.yaml").open("a") as config:
        config.write("resources: {train: {gpu: 1}}\n")
    cells = [f"results/blobs/near/{seed}/model.pt" for seed in (0, 1)]
    ran = fresh.run(*cells, "--resources", "gpu=2")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    devices = {(fresh.folder / f"device-{seed}").read_text() for seed in (0, 1)}
    assert devices == {"5", "7"}


def test_one_gpu_trains_one_cell_after_the_other(fresh: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    with (fresh.folder / "conf/config.yaml").open("a") as config:
        config.write("resources: {train: {gpu: 1}}\n")
    ran = fresh.run("results/compare.nc")
    assert ran.returncode == 0, ran.stdout + ran.stderr
