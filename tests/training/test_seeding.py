import os
import random

import numpy as np
import pytest
import torch

from mushin.errors import ConfigError
from mushin.training.seeding import derive_seed, isolated_randomness, seed_everything, worker_init


def draw():
    return random.random(), np.random.rand(), float(torch.rand(()))  # noqa: NPY002


@pytest.fixture
def _restored_settings(monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    cudnn = torch.backends.cudnn
    before = torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark
    yield
    torch.use_deterministic_algorithms(before[0])
    cudnn.deterministic, cudnn.benchmark = before[1:]
    os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


def test_a_seed_repeats_the_draws_of_python_numpy_and_torch():
    seed_everything(5)
    first = draw()
    seed_everything(5)
    assert draw() == first


def test_other_seeds_give_other_draws():
    seed_everything(0)
    first = draw()
    seed_everything(1)
    assert all(a != b for a, b in zip(draw(), first, strict=True))


@pytest.mark.parametrize("seed", [0, 2**32 - 1, np.int64(3)])
def test_every_seed_in_range_is_taken(seed):
    seed_everything(seed)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "1", True, None])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ConfigError, match=r"seed: .*accepted: a whole number from 0 to 4294967295"):
        seed_everything(seed)


@pytest.mark.usefixtures("_restored_settings")
def test_deterministic_sets_torch_cudnn_and_cublas():
    seed_everything(0, deterministic=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


@pytest.mark.usefixtures("_restored_settings")
def test_deterministic_keeps_the_workspace_that_the_environment_sets(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    seed_everything(0, deterministic=True)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


@pytest.mark.usefixtures("_restored_settings")
def test_without_deterministic_the_settings_stay():
    seed_everything(0)
    assert not torch.are_deterministic_algorithms_enabled()
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


def test_isolated_draws_repeat_and_leave_the_global_state_alone():
    seed_everything(0)
    expected = draw()
    seed_everything(0)
    with isolated_randomness(7):
        first = draw()
    assert draw() == expected
    with isolated_randomness(7):
        assert draw() == first


def test_the_state_comes_back_where_the_block_raises():
    seed_everything(0)
    expected = draw()
    seed_everything(0)
    with pytest.raises(OSError, match="gone"), isolated_randomness(7):
        raise OSError("gone")
    assert draw() == expected


def test_derived_seeds_differ_by_seed_and_stream():
    derived = {derive_seed(seed, stream) for seed in range(20) for stream in range(20)}
    assert len(derived) == 400
    assert all(0 <= seed < 2**32 for seed in derived)


def test_a_worker_is_seeded_from_torchs_seed_for_it():
    with isolated_randomness(0):
        torch.manual_seed(2**40 + 3)
        worker_init(1)
        first = random.random(), np.random.rand()  # noqa: NPY002
        worker_init(1)
        assert (random.random(), np.random.rand()) == first  # noqa: NPY002
