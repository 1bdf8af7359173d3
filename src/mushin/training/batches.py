"""Iterate a split in batches, the same ones for the same generator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

from mushin.errors import ConfigError, DataError
from mushin.training.data import Array, Split, as_pair, count_samples
from mushin.training.seeding import derive_seed, isolated_randomness, worker_init

CheckFn: TypeAlias = Callable[[torch.Tensor], None]


class Batches:
    """The batches of a split; each iteration is one pass, in a new order where they are shuffled.

    Made by `batches`. ``len()`` is the number of batches of a pass.
    """

    def __init__(
        self, source: Iterable[Any], count: int, device: torch.device | None, check_targets: CheckFn | None
    ) -> None:
        self._source = source
        self._count = count
        self._device = device
        self._check_targets = check_targets

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for batch in self._source:
            inputs, targets = _checked_batch(batch)
            if self._check_targets is not None:
                self._check_targets(targets)
            if self._device is not None:
                non_blocking = self._device.type == "cuda"
                inputs = inputs.to(self._device, non_blocking=non_blocking)
                targets = targets.to(self._device, non_blocking=non_blocking)
            yield inputs, targets


def batches(
    split: Split,
    batch_size: int,
    *,
    device: torch.device | None = None,
    generator: torch.Generator | None = None,
    shuffle: bool = False,
    num_workers: int = 0,
    check_targets: CheckFn | None = None,
) -> Batches:
    """Iterate a split in batches of ``(inputs, targets)`` tensors.

    The batches depend on the split, the batch size and the generator only: a Dataset that draws from the
    global state of Python, numpy or torch's CPU draws the same numbers whatever `num_workers`, and leaves the
    main process's state as it was. A pair of arrays is indexed directly, without a DataLoader.

    Parameters
    ----------
    split : Dataset or (inputs, targets)
        The samples. A numpy array of float64 gives batches of torch's default dtype, since float64 is what
        numpy makes unasked; other dtypes are kept. Batches are copies, so that a model may change them in
        place.
    batch_size : int
        Samples per batch, at least 1. The last batch of a pass may be smaller.
    device : torch.device, optional
        Where the batches shall lie; by default where the split's tensors lie.
    generator : torch.Generator, optional
        A CPU generator, the source of the order and of a Dataset's draws. Without one, a Dataset's draws are
        the same in every pass.
    shuffle : bool
        Draw a new order for each pass; needs a generator. A last batch of a single sample joins the batch
        before it, since batch normalisation cannot train on one sample.
    num_workers : int
        Processes that load a Dataset's samples; 0 loads them in this process. A pair needs none.
    check_targets : callable, targets -> None, optional
        Called with each batch's targets before they move to `device`; raises what it finds wrong.

    Raises
    ------
    ConfigError
        If `batch_size` or `num_workers` is out of range, or `shuffle` comes without a generator.
    DataError
        While iterating, if the samples of a Dataset are not (input, target) pairs.

    Examples
    --------
    >>> split = (torch.arange(5.0), torch.arange(5))
    >>> [targets.tolist() for _, targets in batches(split, 2)]
    [[0, 1], [2, 3], [4]]
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size: {batch_size}; accepted: a whole number of at least 1")
    if num_workers < 0:
        raise ConfigError(f"num_workers: {num_workers}; accepted: a whole number of at least 0")
    if shuffle and generator is None:
        raise ConfigError("shuffle needs a generator, so that the order can be repeated; give generator=")
    draws = _Draws(count_samples(split), batch_size, generator, shuffle)
    pair = as_pair(split)
    source: Iterable[Any]
    if pair is not None:
        source = _PairBatches(pair, draws)
    else:
        source = _load_batches(cast("Dataset[Any]", split), draws, num_workers, device)
    return Batches(source, len(draws), device, check_targets)


class _Draw(NamedTuple):
    indices: torch.Tensor
    base_seed: int
    number: int


class _Draws:
    """What each batch of a pass holds, and the seed of its random choices."""

    def __init__(
        self, n_samples: int, batch_size: int, generator: torch.Generator | None, shuffle: bool
    ) -> None:
        self._n_samples = n_samples
        self._batch_size = batch_size
        self._generator = generator
        self._shuffle = shuffle
        full, rest = divmod(n_samples, batch_size)
        self._joins_last = shuffle and full > 0 and rest == 1
        self._count = full + (rest > 0) - self._joins_last

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[_Draw]:
        base_seed, order = 0, torch.arange(self._n_samples)
        if self._generator is not None:
            base_seed = int(torch.randint(2**63 - 1, (), generator=self._generator))
        if self._shuffle:
            order = torch.randperm(self._n_samples, generator=self._generator)
        chunks = list(torch.split(order, self._batch_size))
        if self._joins_last:
            chunks[-2:] = [torch.cat(chunks[-2:])]
        for number, indices in enumerate(chunks):
            yield _Draw(indices, base_seed, number)


class _PairBatches:
    def __init__(self, pair: tuple[Array, Array], draws: _Draws) -> None:
        self._pair = pair
        self._draws = draws

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        inputs, targets = self._pair
        for draw in self._draws:
            yield _take(inputs, draw.indices), _take(targets, draw.indices)


def _take(array: Array, indices: torch.Tensor) -> torch.Tensor:
    if isinstance(array, torch.Tensor):
        return array[indices.to(array.device)]
    rows = torch.from_numpy(np.take(array, indices.numpy(), axis=0))
    return rows.to(torch.get_default_dtype()) if rows.dtype is torch.float64 else rows


class _DatasetBatches(Dataset[Any]):
    """A Dataset whose items are whole batches, each drawn under a seed of its own."""

    def __init__(self, samples: Dataset[Any]) -> None:
        self._samples = samples

    def __getitem__(self, draw: _Draw) -> list[Any]:
        indices = draw.indices.tolist()
        with isolated_randomness(derive_seed(draw.base_seed, draw.number)):
            fetch_many = getattr(self._samples, "__getitems__", None)
            if fetch_many is not None:
                return list(fetch_many(indices))
            return [self._samples[index] for index in indices]


def _load_batches(
    split: Dataset[Any], draws: _Draws, num_workers: int, device: torch.device | None
) -> DataLoader[Any]:
    return DataLoader(
        _DatasetBatches(split),
        batch_size=None,
        sampler=draws,
        collate_fn=default_collate,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
        pin_memory=device is not None and device.type == "cuda",
        worker_init_fn=worker_init,
        # Without a generator of its own, a DataLoader draws from the global state in each pass.
        generator=torch.Generator().manual_seed(0),
    )


def _checked_batch(batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    is_pair = isinstance(batch, (tuple, list)) and len(batch) == 2
    if not is_pair or not all(isinstance(part, torch.Tensor) for part in batch):
        parts = [type(part).__name__ for part in batch] if isinstance(batch, (tuple, list)) else []
        found = f"{len(parts)} parts ({', '.join(parts)})" if parts else f"a {type(batch).__name__}"
        raise DataError(
            f"a batch of the Dataset's samples has {found}; accepted: samples (input, target) whose two "
            "parts are tensors, arrays or numbers"
        )
    return batch[0], batch[1]
