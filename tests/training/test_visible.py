from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset, TensorDataset

from mushin import Data
from mushin.errors import DataError
from mushin.training.visible import hide_test_targets

TARGET = 77


class Samples(Dataset[Any]):
    """Samples that a Dataset loads one by one; a target is recognised by its number."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.full((2,), float(index)), TARGET


def pair(n: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.arange(2.0 * n).reshape(n, 2), torch.full((n,), TARGET)


@pytest.mark.parametrize(
    "as_split", [lambda p: p, lambda p: TensorDataset(*p), lambda p: (p[0].numpy(), p[1])]
)
def test_inputs_of_a_split_in_memory_come_whole(as_split: Any) -> None:
    inputs, targets = pair()
    visible = hide_test_targets(Data(train=pair(6), test=as_split((inputs, targets)), class_names=["a", "b"]))
    np.testing.assert_array_equal(np.asarray(visible.test_inputs), inputs)
    assert len(visible) == 4
    assert visible.class_names == ("a", "b")
    assert repr(visible) == (
        "VisibleData(train=6 samples, test_inputs=4 samples, validation=None, class_names=('a', 'b'))"
    )


def test_dataset_becomes_a_dataset_of_inputs() -> None:
    visible = hide_test_targets(Data(train=pair(), test=Samples(), validation=pair(2)))
    assert isinstance(visible.test_inputs, Dataset)
    assert len(visible) == 3
    assert [item.tolist() for item in visible.test_inputs] == [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]
    assert "validation=2 samples" in repr(visible)


@pytest.mark.parametrize("test", [pair(), TensorDataset(*pair()), Samples()])
def test_no_public_attribute_leads_to_a_test_target(test: Any) -> None:
    train = torch.zeros(4, 2), torch.zeros(4)
    visible = hide_test_targets(Data(train=train, test=test))
    assert not hasattr(visible, "test")
    assert all(part is not test for part in vars(visible).values())
    for part in (visible.train, visible.test_inputs, *visible.test_inputs):  # type: ignore[misc]
        assert str(TARGET) not in str(part)


def test_data_without_a_test_split_is_refused() -> None:
    with pytest.raises(DataError, match="no test split to predict"):
        hide_test_targets(Data(train=pair()))
