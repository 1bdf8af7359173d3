"""Set and isolate the random state of Python, numpy and torch.

One training run draws in this order. The caller calls ``seed_everything(seed)`` directly before it builds the
model, so that the initial weights are the seed's first draws. What the model draws while it trains (dropout)
continues that global stream. Shuffling and the random choices of a Dataset draw from streams of their own,
made by `derive_seed`, so that neither a validation split nor the number of workers changes the model's draws.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from mushin.errors import ConfigError

_SEED_LIMIT = 2**32


def seed_everything(seed: int, *, deterministic: bool = False) -> None:
    """Seed the global random state of Python, numpy and torch, on the CPU and on every GPU.

    Parameters
    ----------
    seed : int
        From 0 to 4294967295, what numpy's global state takes.
    deterministic : bool
        Have torch refuse operations whose result depends on the order of threads, which can be slower. It
        sets ``torch.use_deterministic_algorithms(True)``, cuDNN's flags, and ``CUBLAS_WORKSPACE_CONFIG``
        where the environment does not. False leaves these settings as they are.

    Raises
    ------
    ConfigError
        If the seed is out of range.

    Examples
    --------
    >>> seed_everything(3)
    >>> first = torch.rand(2)
    >>> seed_everything(3)
    >>> torch.equal(torch.rand(2), first)
    True
    """
    check_seed(seed)
    random.seed(int(seed))
    np.random.seed(seed)  # noqa: NPY002 - users' code may draw from numpy's global state
    torch.manual_seed(int(seed))
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False


def check_seed(seed: int) -> None:
    """Check that `seed` is one that Python, numpy and torch all take.

    Raises
    ------
    ConfigError
        If the seed is not a whole number from 0 to 4294967295.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < _SEED_LIMIT:
        raise ConfigError(f"seed: {seed!r}; accepted: a whole number from 0 to {_SEED_LIMIT - 1}")


def derive_seed(seed: int, stream: int) -> int:
    """Derive the seed of an independent stream, by numpy's `SeedSequence`.

    Parameters
    ----------
    seed, stream : int
        Not negative. Other pairs give unrelated seeds.

    Returns
    -------
    int
        From 0 to 4294967295.

    Examples
    --------
    >>> derive_seed(0, 1) == derive_seed(0, 1)
    True
    """
    return int(np.random.SeedSequence([seed, stream]).generate_state(1)[0])


@contextmanager
def isolated_randomness(seed: int) -> Iterator[None]:
    """Seed Python, numpy and torch's CPU state within the block, and restore them after it.

    Examples
    --------
    >>> with isolated_randomness(7):
    ...     first = random.random()
    >>> with isolated_randomness(7):
    ...     random.random() == first
    True
    """
    python_state, torch_state = random.getstate(), torch.get_rng_state()
    numpy_state = np.random.get_state()  # noqa: NPY002
    try:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - users' Datasets may draw from numpy's global state
        torch.default_generator.manual_seed(seed)
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(torch_state)


def worker_init(worker_id: int) -> None:
    """Seed Python and numpy in a DataLoader's worker from the seed that torch gave it.

    Parameters
    ----------
    worker_id : int
        What a DataLoader passes to its ``worker_init_fn``. torch has added it to the worker's seed already.
    """
    seed = torch.initial_seed() % _SEED_LIMIT
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - users' Datasets may draw from numpy's global state
