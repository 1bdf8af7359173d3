from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from mushin import Data
from mushin.errors import DataError
from mushin.training.data import as_data, as_pair, check_labels, count_samples


def tensors(n=6):
    return torch.zeros(n, 3), torch.zeros(n, dtype=torch.int64)


class Unsized(Dataset):
    def __getitem__(self, index):
        return torch.zeros(3), 0


class Stream(IterableDataset):
    def __iter__(self):
        yield torch.zeros(3), 0


def test_a_mapping_becomes_data():
    data = as_data({"train": tensors(6), "test": tensors(2), "class_names": ["a", "b"]})
    assert repr(data) == "Data(train=6 samples, test=2 samples, validation=None, class_names=('a', 'b'))"


def test_data_comes_back_as_it_is():
    data = Data(train=tensors())
    assert as_data(data) is data


def test_data_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Data(train=tensors()).test = tensors()


def test_the_test_split_can_be_left_out():
    assert replace(Data(train=tensors(), test=tensors()), test=None).test is None


@pytest.mark.parametrize("split", [tensors(4), list(tensors(4)), (np.zeros((4, 2)), np.zeros(4, dtype=int))])
def test_pairs_of_tensors_and_arrays_are_splits(split):
    assert count_samples(Data(train=split).train) == 4


def test_a_tensor_dataset_lies_in_memory_and_another_dataset_does_not():
    inputs, targets = tensors()
    inside = as_pair(TensorDataset(inputs, targets))
    assert inside is not None
    assert inside[0] is inputs
    assert as_pair(Unsized()) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"train": tensors(), "tset": tensors()}, "'tset' is unknown; did you mean 'test'"),
        ({"test": tensors()}, "no 'train' split; it has: test"),
        ((tensors(), tensors()), r"returned a tuple; accepted: mushin\.Data, or a mapping"),
        (None, "returned None"),
    ],
)
def test_what_is_no_data_is_refused(value, message):
    with pytest.raises(DataError, match=message):
        as_data(value)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (None, "train split is None"),
        ("digits", "train split is a str"),
        ((torch.zeros(3, 2), torch.zeros(4)), "3 inputs and 4 targets"),
        ((torch.zeros(0, 2), torch.zeros(0)), "train split is empty"),
        ((torch.zeros(3, 2),), "has 1 parts"),
        ((torch.zeros(3, 2), [0, 1, 2]), "train targets are a list"),
        ((torch.tensor(1.0), torch.tensor(1)), "train inputs are a single number"),
        ((np.array(["a", "b"]), np.zeros(2)), "numpy array of <U1"),
        (TensorDataset(torch.zeros(0, 2), torch.zeros(0)), "train split is empty"),
        (DataLoader(TensorDataset(*tensors())), r"is a DataLoader; give its data set: loader\.dataset"),
        (Stream(), "IterableDataset, which cannot be shuffled"),
        (Unsized(), "without __len__"),
    ],
)
def test_what_is_no_split_is_refused(split, message):
    with pytest.raises(DataError, match=message):
        Data(train=split)


@pytest.mark.parametrize(
    ("names", "message"),
    [("ab", "class_names is 'ab'"), ([0, 1], r"class_names is \[0, 1\]"), (["a", "a"], "'a' appears twice")],
)
def test_faulty_class_names_are_refused(names, message):
    with pytest.raises(DataError, match=message):
        Data(train=tensors(), class_names=names)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int32, torch.uint32, torch.int64])
def test_labels_in_range_pass(dtype):
    check_labels(torch.tensor([0, 9], dtype=dtype), 10)
    check_labels(torch.tensor([[0, 255]], dtype=dtype), 10, ignore_index=255)


def test_labels_of_a_read_only_array_pass():
    labels = np.array([0, 1, 2])
    labels.flags.writeable = False
    check_labels(labels, 3)


@pytest.mark.parametrize(
    ("targets", "ignore_index", "message"),
    [
        (torch.tensor([1, 10, 10]), None, r"label 10 \(2 times\) is out of range; accepted: 0 to 9"),
        (torch.tensor([-1, 3]), None, "label -1 .* set ignore_index if -1 marks"),
        (torch.tensor([255, 11], dtype=torch.uint8), 255, r"label 11 \(1 times\).*and 255 \(ignore_index\)"),
        (torch.tensor([255], dtype=torch.uint8), -1, "label 255"),
        (np.array([1, 65535], dtype=np.uint16), None, r"label 65535 \(1 times\)"),
        (torch.tensor([0.0, 1.0]), None, r"torch\.float32; class labels are integers"),
        (torch.tensor([True]), None, r"torch\.bool"),
    ],
)
def test_a_stray_label_is_named(targets, ignore_index, message):
    with pytest.raises(DataError, match=message):
        check_labels(targets, 10, ignore_index)
