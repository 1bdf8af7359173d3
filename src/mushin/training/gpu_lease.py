"""Give each process of one machine GPUs of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from mushin.errors import ConfigError

VISIBLE = "CUDA_VISIBLE_DEVICES"
_PAUSE = 0.2


@contextmanager
def leased_gpus(count: int, *, folder: Path | None = None) -> Iterator[tuple[str, ...]]:
    """Take `count` GPUs that no other lease holds, and show this process only these.

    While too few are free it waits. The devices are those of ``CUDA_VISIBLE_DEVICES``, or of ``nvidia-smi``
    where that is not set. Inside a job of SLURM, which hands out the devices itself, and on a machine without
    either, nothing is leased and nothing changes. Enter it before CUDA is used.

    A lease is a lock on a file, and ends with the process, however that ends.

    Parameters
    ----------
    count : int
        0 leases nothing.
    folder : Path, optional
        Where the lock files lie; by default one folder per user among the temporary ones.

    Yields
    ------
    tuple of str
        The devices, as in ``CUDA_VISIBLE_DEVICES``.

    Raises
    ------
    ConfigError
        If the machine has fewer GPUs.

    Examples
    --------
    >>> with leased_gpus(0) as devices:
    ...     devices
    ()
    """
    devices = () if count == 0 or "SLURM_JOB_ID" in os.environ else _devices()
    if not devices:
        yield ()
        return
    if count > len(devices):
        raise ConfigError(
            f"resources: gpu: {count}, but this machine shows {len(devices)}: {', '.join(devices)}; ask for"
            f" fewer, or set {VISIBLE}"
        )
    locks = folder or Path(tempfile.gettempdir()) / f"mushin-gpus-{os.getuid()}"
    locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = os.environ.get(VISIBLE)
    with ExitStack() as held:
        taken = _take(count, devices, locks, held)
        os.environ[VISIBLE] = ",".join(taken)
        try:
            yield taken
        finally:
            os.environ.pop(VISIBLE)
            if before is not None:
                os.environ[VISIBLE] = before


def _devices() -> tuple[str, ...]:
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        return tuple(device.strip() for device in listed.split(",") if device.strip())
    # Their identifiers, because the numbers of nvidia-smi and of CUDA may differ.
    query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    try:
        printed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ()
    return tuple(printed.split())


def _take(count: int, devices: Sequence[str], folder: Path, held: ExitStack) -> tuple[str, ...]:
    """Lock all or none, so that two processes that want several never wait for each other."""
    waits = False
    while True:
        with ExitStack() as tried:
            free: list[str] = []
            for device in devices:
                if len(free) < count and _lock(folder / quote(device, safe=""), tried):
                    free.append(device)
            if len(free) == count:
                held.enter_context(tried.pop_all())
                return tuple(free)
        if not waits:
            print(f"waiting for {count} of the GPUs {', '.join(devices)}", flush=True)
            waits = True
        time.sleep(_PAUSE)


def _lock(file: Path, held: ExitStack) -> bool:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    held.callback(os.close, descriptor)
    return True
