import random

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset, TensorDataset

from mushin.errors import ConfigError, DataError
from mushin.training.batches import batches
from mushin.training.data import check_labels

# Python 3.12 and later warn of any fork beside threads; torch's workers are forked on Linux.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


def pair(n=10):
    return torch.arange(float(n)).reshape(n, 1), torch.arange(n)


class Noisy(Dataset):
    """Draws from all three global states, as augmentations do."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        noise = [random.random(), np.random.rand(), float(torch.rand(()))]  # noqa: NPY002
        return torch.tensor(noise, dtype=torch.float32), index


class InBulk(Noisy):
    def __getitems__(self, indices):
        return [(torch.full((1,), -1.0), index) for index in indices]


class Listed(Dataset):
    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def passes(split, n_passes=2, **options):
    source = batches(split, 4, shuffle=True, generator=generator(), **options)
    return [(inputs.tolist(), targets.tolist()) for _ in range(n_passes) for inputs, targets in source]


@pytest.mark.parametrize("split", [pair(), TensorDataset(*pair()), Listed(list(zip(*pair(), strict=True)))])
def test_unshuffled_batches_keep_the_order(split):
    source = batches(split, 4)
    assert [targets.tolist() for _, targets in source] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(source) == 3


@pytest.mark.parametrize("split", [pair(), Noisy()])
def test_each_shuffled_pass_holds_every_sample_once_in_a_new_order(split):
    source = batches(split, 4, shuffle=True, generator=generator())
    first, second = ([label for _, targets in source for label in targets.tolist()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_inputs_and_targets_stay_together():
    for inputs, targets in batches(pair(), 3, shuffle=True, generator=generator()):
        assert inputs[:, 0].tolist() == targets.tolist()


def test_a_pair_and_a_dataset_are_shuffled_alike():
    as_dataset = Listed(list(zip(*pair(), strict=True)))
    assert passes(pair()) == passes(as_dataset)


def test_a_dataset_draws_the_same_whatever_the_number_of_workers():
    alone = passes(Noisy())
    assert alone == passes(Noisy(), num_workers=1) == passes(Noisy(), num_workers=2)


def test_a_dataset_draws_anew_for_each_sample_and_pass():
    drawn = [number for inputs, _ in passes(Noisy()) for row in inputs for number in row]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_iterating_leaves_the_global_random_state_alone(num_workers):
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    passes(Noisy(), num_workers=num_workers)
    passes(pair())
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])


def test_a_dataset_that_fetches_in_bulk_is_asked_in_bulk():
    assert all((inputs == -1).all() for inputs, _ in batches(InBulk(), 4))


def test_a_lone_last_sample_joins_the_batch_before_it_when_shuffled():
    shuffled = batches(pair(9), 4, shuffle=True, generator=generator())
    assert [len(targets) for _, targets in shuffled] == [4, 5]
    assert len(shuffled) == 2
    assert [len(targets) for _, targets in batches(pair(9), 4)] == [4, 4, 1]
    assert [len(targets) for _, targets in batches(pair(1), 4, shuffle=True, generator=generator())] == [1]


def test_changing_a_batch_in_place_leaves_the_split_alone():
    inputs, targets = pair()
    arrays = inputs.numpy().copy(), targets.numpy().copy()
    for split in ((inputs, targets), arrays):
        for batch, _ in batches(split, 4):
            batch += 100
    assert inputs.max() == arrays[0].max() == 9


def test_numpy_splits_become_tensors_also_where_they_are_read_only_and_reversed():
    values = np.arange(12.0).reshape(6, 2)[:, ::-1]
    values.flags.writeable = False
    labels = np.arange(6, dtype=np.uint8)
    inputs, targets = next(iter(batches((values, labels), 6)))
    assert inputs.dtype is torch.float32
    assert inputs.tolist() == values.tolist()
    assert targets.dtype is torch.uint8


def test_the_dtype_of_tensors_is_kept():
    inputs, _ = next(iter(batches((torch.zeros(2, 1, dtype=torch.float64), torch.zeros(2)), 2)))
    assert inputs.dtype is torch.float64


def test_batches_move_to_the_device():
    inputs, targets = next(iter(batches(pair(), 4, device=torch.device("meta"))))
    assert inputs.device.type == targets.device.type == "meta"


def test_targets_are_checked_batch_by_batch():
    with pytest.raises(DataError, match="label 3 "):
        list(batches(pair(), 4, check_targets=lambda targets: check_labels(targets, 3)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size: 0"),
        ({"num_workers": -1}, "num_workers: -1"),
        ({"shuffle": True}, "shuffle needs a generator"),
    ],
)
def test_a_setting_out_of_range_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        batches(pair(), **{"batch_size": 4, **options})


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([(1, 2, 3)] * 2, "has 3 parts"),
        ([torch.zeros(3)] * 2, "has a Tensor"),
        ([{"x": 1, "y": 2}] * 2, "has a dict"),
        ([("text", 1)] * 2, r"2 parts \(tuple, Tensor\)"),
    ],
)
def test_samples_that_are_no_pairs_are_refused(samples, message):
    with pytest.raises(DataError, match=message):
        list(batches(Listed(samples), 2))


@pytest.mark.parametrize("num_workers", [0, 1])
def test_what_a_dataset_raises_comes_through(num_workers):
    class Broken(Noisy):
        def __getitem__(self, index):
            raise OSError("image 7 is truncated")

    with pytest.raises(OSError, match="image 7 is truncated"):
        list(batches(Broken(), 2, num_workers=num_workers))
