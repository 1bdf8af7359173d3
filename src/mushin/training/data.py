"""The data of a study: splits of (input, target) pairs, checked when they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from mushin.errors import DataError, did_you_mean

Array: TypeAlias = "torch.Tensor | np.ndarray[Any, Any]"
Split: TypeAlias = "Dataset[Any] | tuple[Array, Array]"

_SPLITS = ("train", "test", "validation")
_KEYS = (*_SPLITS, "class_names")
_WITHOUT_AMINMAX = (torch.uint16, torch.uint32, torch.uint64)
_ACCEPTED = "a torch Dataset of (input, target) pairs, or a pair (inputs, targets) of tensors or numpy arrays"


@dataclass(frozen=True, eq=False, repr=False)
class Data:
    """The splits of one data set, as a data callable named in ``conf/data/`` returns them.

    Parameters
    ----------
    train : Dataset or (inputs, targets)
        What methods learn from. A torch Dataset of (input, target) pairs, or two tensors or numpy arrays of
        equal length, samples first: inputs of shape (N, ...), targets of shape (N,) for classes or (N, H, W)
        for masks.
    test : Dataset or (inputs, targets), optional
        What methods are scored on. No training code sees it.
    validation : Dataset or (inputs, targets), optional
        What the loss is watched on during training.
    class_names : sequence of str, optional
        One name per class, in the order of the labels 0, 1, ...

    Raises
    ------
    DataError
        If a split is not one of the accepted kinds, is empty, or its halves differ in length; or if a class
        name is no text or occurs twice.

    Examples
    --------
    >>> Data(train=(torch.zeros(8, 4), torch.zeros(8, dtype=torch.int64)), class_names=["a", "b"])
    Data(train=8 samples, test=None, validation=None, class_names=('a', 'b'))
    """

    train: Split
    test: Split | None = None
    validation: Split | None = None
    class_names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name in _SPLITS:
            split = getattr(self, name)
            if split is not None or name == "train":
                object.__setattr__(self, name, _checked_split(name, split))
        if self.class_names is not None:
            object.__setattr__(self, "class_names", _checked_names(self.class_names))

    def __repr__(self) -> str:
        counts = (
            f"{name}={None if split is None else f'{count_samples(split)} samples'}"
            for name, split in ((name, getattr(self, name)) for name in _SPLITS)
        )
        return f"Data({', '.join(counts)}, class_names={self.class_names})"


def as_data(value: object) -> Data:
    """Convert what a data callable returned to `Data`.

    Parameters
    ----------
    value : Data or mapping
        A mapping has the key ``train``, and may have ``test``, ``validation`` and ``class_names``.

    Raises
    ------
    DataError
        If `value` is neither, a key is unknown, ``train`` is missing, or a split is faulty (see `Data`).

    Examples
    --------
    >>> as_data({"train": (torch.zeros(8, 4), torch.zeros(8, dtype=torch.int64))})
    Data(train=8 samples, test=None, validation=None, class_names=None)
    """
    if isinstance(value, Data):
        return value
    if not isinstance(value, Mapping):
        raise DataError(
            f"the data callable returned {_kind(value)}; accepted: mushin.Data, or a mapping with the keys "
            f"{', '.join(_KEYS)}"
        )
    for key in value:
        if key not in _KEYS:
            hint = did_you_mean(str(key), _KEYS)
            raise DataError(f"the data's key {key!r} is unknown{hint or ';'} Accepted: {', '.join(_KEYS)}")
    if "train" not in value:
        raise DataError(f"the data has no 'train' split; it has: {', '.join(value) or 'nothing'}")
    return Data(**value)


def count_samples(split: Split) -> int:
    """Count the samples of a split.

    Examples
    --------
    >>> count_samples((torch.zeros(8, 4), torch.zeros(8)))
    8
    """
    return len(split[0]) if isinstance(split, tuple) else len(cast(Any, split))


def as_pair(split: Split) -> tuple[Array, Array] | None:
    """Return the whole inputs and targets where they lie in memory, or None.

    True of a pair, and of a `TensorDataset` of two tensors.
    """
    if isinstance(split, tuple):
        return split
    if type(split) is TensorDataset and len(split.tensors) == 2:
        return split.tensors[0], split.tensors[1]
    return None


def check_labels(targets: Array, num_classes: int, ignore_index: int | None = None) -> None:
    """Check that every label is a class or the ignored label.

    Parameters
    ----------
    targets : integer tensor or numpy array, any shape
        Class labels.
    num_classes : int
        Labels 0 to ``num_classes - 1`` are classes.
    ignore_index : int, optional
        The label of samples or pixels that count nowhere.

    Raises
    ------
    DataError
        If the labels are not integers, or one of them is out of range.

    Examples
    --------
    >>> check_labels(torch.tensor([0, 2, 255]), num_classes=3, ignore_index=255)
    """
    if isinstance(targets, np.ndarray):
        targets = torch.from_numpy(np.require(targets, requirements=["C", "W"]))
    if targets.is_floating_point() or targets.is_complex() or targets.dtype is torch.bool:
        raise DataError(f"the targets are {targets.dtype}; class labels are integers, such as torch.int64")
    if targets.numel() == 0:
        return
    if targets.dtype in _WITHOUT_AMINMAX:
        targets = targets.long()
    lowest, highest = (int(label) for label in targets.aminmax())
    if lowest >= 0 and highest < num_classes:
        return
    labels = targets.long()
    strays = labels[(labels < 0) | (labels >= num_classes)]
    if ignore_index is not None:
        strays = strays[strays != ignore_index]
    if strays.numel():
        raise DataError(_stray_label_message(strays, num_classes, ignore_index))


def _stray_label_message(strays: torch.Tensor, num_classes: int, ignore_index: int | None) -> str:
    label = int(strays[0])
    accepted = f"0 to {num_classes - 1} (num_classes is {num_classes})"
    if ignore_index is not None:
        accepted += f", and {ignore_index} (ignore_index)"
        advice = "correct the labels or num_classes"
    else:
        advice = (
            f"correct the labels or num_classes, or set ignore_index if {label} marks what does not count"
        )
    count = int((strays == label).sum())
    return f"the label {label} ({count} times) is out of range; accepted: {accepted}; {advice}"


def _checked_split(name: str, split: object) -> Split:
    if isinstance(split, (tuple, list)):
        return _checked_pair(name, split)
    if isinstance(split, DataLoader):
        raise DataError(f"the {name} split is a DataLoader; give its data set: loader.dataset")
    if isinstance(split, IterableDataset):
        raise DataError(f"the {name} split is an IterableDataset, which cannot be shuffled; give {_ACCEPTED}")
    if not isinstance(split, Dataset):
        raise DataError(f"the {name} split is {_kind(split)}; accepted: {_ACCEPTED}")
    if not hasattr(split, "__len__"):
        raise DataError(f"the {name} split is {_kind(split)} without __len__; give it a length")
    if len(split) == 0:
        raise DataError(f"the {name} split is empty")
    return split


def _checked_pair(name: str, split: Sequence[object]) -> tuple[Array, Array]:
    if len(split) != 2:
        raise DataError(f"the {name} split has {len(split)} parts; accepted: {_ACCEPTED}")
    inputs = _checked_array(f"{name} inputs", split[0])
    targets = _checked_array(f"{name} targets", split[1])
    if len(inputs) != len(targets):
        raise DataError(f"the {name} split has {len(inputs)} inputs and {len(targets)} targets; give as many")
    if len(inputs) == 0:
        raise DataError(f"the {name} split is empty")
    return split if isinstance(split, tuple) else (inputs, targets)


def _checked_array(name: str, array: object) -> Array:
    if not isinstance(array, (torch.Tensor, np.ndarray)):
        raise DataError(f"the {name} are {_kind(array)}; accepted: a tensor or a numpy array")
    if array.ndim == 0:
        raise DataError(
            f"the {name} are a single number; accepted: one entry per sample along the first axis"
        )
    if isinstance(array, np.ndarray) and array.dtype.kind not in "biufc":
        raise DataError(f"the {name} are a numpy array of {array.dtype}; accepted: numbers")
    return array


def _checked_names(class_names: Sequence[str]) -> tuple[str, ...]:
    names = (class_names,) if isinstance(class_names, str) else tuple(class_names)
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in names):
        raise DataError(f"class_names is {class_names!r}; accepted: a list with one text per class")
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"class_names: {name!r} appears twice; name each class differently")
    return names


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
