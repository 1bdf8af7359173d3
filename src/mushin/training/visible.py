"""What a method may see that predicts by itself: all splits, but not the targets of the test split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from torch.utils.data import Dataset

from mushin.errors import DataError
from mushin.training.data import Array, Data, Split, as_pair, count_samples

Inputs: TypeAlias = "Dataset[Any] | Array"


@dataclass(frozen=True, eq=False, repr=False)
class VisibleData:
    """The splits of one data set, without the targets of the test split.

    Attributes
    ----------
    train : Dataset or (inputs, targets)
        As in `mushin.Data`.
    test_inputs : Dataset or tensor or numpy array
        The inputs of the test split: an array (N, ...) where the split is a pair of arrays, otherwise a torch
        Dataset whose items are inputs. Predictions are wanted in this order.
    validation : Dataset or (inputs, targets), optional
        As in `mushin.Data`.
    class_names : sequence of str, optional
        One name per class.
    """

    train: Split
    test_inputs: Inputs
    validation: Split | None = None
    class_names: Sequence[str] | None = None

    def __len__(self) -> int:
        """Return the number of predictions that are wanted."""
        return len(self.test_inputs)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        held_out = None if self.validation is None else f"{count_samples(self.validation)} samples"
        return (
            f"VisibleData(train={count_samples(self.train)} samples,"
            f" test_inputs={len(self)} samples,"
            f" validation={held_out}, class_names={self.class_names})"
        )


class PredictMethod(Protocol):
    """Trains in its own way, in any framework, and predicts the test split.

    Python's, numpy's and torch's global random states are seeded with `seed` directly before the call. The
    settings of ``conf/method/`` are bound beforehand. What it returns goes through
    `mushin.predictions.arrays.as_predictions`.
    """

    def __call__(self, data: VisibleData, *, seed: int, **settings: Any) -> Any:
        """Return labels, probabilities, a mapping of both, or values for ``data.test_inputs``."""
        ...


class InputsOnly(Dataset[Any]):
    """A Dataset of the inputs of another one."""

    def __init__(self, samples: Dataset[Any]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._samples)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Any:
        """Return the input of one sample."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")  # ends a 'for' over a Dataset without a check
        return self._samples[index][0]


def hide_test_targets(data: Data) -> VisibleData:
    """Return what a method may see that predicts by itself.

    Raises
    ------
    DataError
        If there is no test split.

    Examples
    --------
    >>> import torch
    >>> pair = torch.zeros(8, 4), torch.zeros(8, dtype=torch.int64)
    >>> hide_test_targets(Data(train=pair, test=pair)).test_inputs.shape
    torch.Size([8, 4])
    """
    if data.test is None:
        raise DataError("the data set has no test split to predict; return one beside the training split")
    pair = as_pair(data.test)
    inputs: Inputs = pair[0] if pair is not None else InputsOnly(data.test)  # type: ignore[arg-type]
    return VisibleData(data.train, inputs, data.validation, data.class_names)
