from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mushin.errors import ConfigError
from mushin.training.gpu_lease import leased_gpus

HOLDER = """
import sys
from pathlib import Path
from mushin.training.gpu_lease import leased_gpus
with leased_gpus(int(sys.argv[1]), folder=Path(sys.argv[2])) as devices:
    print(*devices, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0, GPU-7b/1")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


def hold(count: int, folder: Path) -> subprocess.Popen[str]:
    """Start a process that holds a lease until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(count), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_lease_sets_what_cuda_sees_and_puts_it_back(tmp_path: Path) -> None:
    with leased_gpus(1, folder=tmp_path):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0, GPU-7b/1"


def test_a_device_is_free_again_after_the_lease(tmp_path: Path) -> None:
    for _ in range(2):
        with leased_gpus(2, folder=tmp_path) as devices:
            assert devices == ("0", "GPU-7b/1")


def test_two_processes_get_a_device_each_and_a_third_waits_until_one_is_killed(tmp_path: Path) -> None:
    holders = [hold(1, tmp_path) for _ in range(2)]
    devices = [read_line(holder) for holder in holders]
    third = hold(1, tmp_path)
    try:
        assert sorted(devices) == ["0", "GPU-7b/1"]
        assert read_line(third) == "waiting for 1 of the GPUs 0, GPU-7b/1"
        holders[0].send_signal(signal.SIGKILL)
        assert read_line(third) == devices[0]
    finally:
        for process in (*holders, third):
            process.communicate()


def test_what_asks_for_two_takes_none_while_only_one_is_free(tmp_path: Path) -> None:
    one = hold(1, tmp_path)
    assert read_line(one) == "0"
    both = hold(2, tmp_path)
    try:
        assert read_line(both).startswith("waiting for 2")
        one.communicate()
        assert read_line(both) == "0 GPU-7b/1"
    finally:
        both.communicate()


def test_more_gpus_than_there_are_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"gpu: 3, but this machine shows 2: 0, GPU-7b/1; ask for fewer"),
        leased_gpus(3, folder=tmp_path),
    ):
        pass


def test_slurm_hands_out_the_devices_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    with leased_gpus(1, folder=tmp_path) as devices:
        assert devices == ()
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0, GPU-7b/1"


def test_without_gpus_nothing_is_leased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with leased_gpus(1, folder=tmp_path) as devices:
        assert devices == ()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("PATH", str(tmp_path))
    with leased_gpus(1, folder=tmp_path) as devices:
        assert devices == ()


def test_nvidia_smi_lists_the_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = tmp_path / "nvidia-smi"
    listing.write_text('#!/bin/sh\n[ "$1" = --query-gpu=uuid ] && printf "GPU-aa\\nGPU-bb\\n"\n')
    listing.chmod(0o755)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with leased_gpus(2, folder=tmp_path) as devices:
        assert devices == ("GPU-aa", "GPU-bb")
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-aa,GPU-bb"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
