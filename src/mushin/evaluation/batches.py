"""Take the batches of a loader: check their form, move their inputs, name the one at fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mushin.errors import DataError, PredictionError


@contextmanager
def naming_batch(batch: int) -> Iterator[None]:
    """Put the number of the batch before the message of an error."""
    try:
        yield
    except (DataError, PredictionError) as error:
        raise type(error)(f"batch {batch}: {error}") from error


def each_batch(batches: Iterable[Any]) -> Iterator[Any]:
    """Return an iterator over the batches; DataError if there can be none."""
    if not isinstance(batches, Iterable):
        raise DataError(
            f"the data is a {type(batches).__name__}; accepted is an iterable of (inputs, targets) batches,"
            " such as a torch DataLoader"
        )
    return iter(batches)


def read_batch(batch: object) -> tuple[Any, Tensor]:
    """Return the inputs and the targets of a batch; DataError if it is not ``(inputs, targets)``."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        size = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
        raise DataError(
            f"it is a {type(batch).__name__}{size}; accepted is a pair (inputs, targets). Pass a DataLoader"
            " whose data set gives (input, target), or set its collate_fn"
        )
    inputs, targets = batch
    if isinstance(targets, np.ndarray):
        targets = torch.tensor(targets)  # a copy, for an array may be read-only
    if not isinstance(targets, Tensor):
        raise DataError(
            f"the targets are a {type(targets).__name__}; accepted is a tensor. Pass a DataLoader,"
            " not the data set itself"
        )
    return inputs, targets


def moved(inputs: Any, device: torch.device) -> Any:
    """Return inputs with every tensor in them on `device`; dicts, lists and tuples may nest."""
    if isinstance(inputs, Tensor):
        return inputs.to(device, non_blocking=True)
    if isinstance(inputs, Mapping):
        return {key: moved(value, device) for key, value in inputs.items()}
    if isinstance(inputs, (tuple, list)):
        parts = [moved(value, device) for value in inputs]
        return type(inputs)(*parts) if hasattr(inputs, "_fields") else type(inputs)(parts)
    return inputs
