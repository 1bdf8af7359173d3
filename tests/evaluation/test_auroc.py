"""Exact AUROC: against scikit-learn and torchmetrics, with ties, absent classes, and blocks on disk."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from torchmetrics.functional.classification import multiclass_auroc

from mushin.evaluation.auroc import RankAccumulator
from mushin.metrics.scores import macro_auroc


def u_of(probabilities, targets, batch=10**6, **options):
    accumulator = RankAccumulator(probabilities.shape[1], **options)
    for start in range(0, len(targets), batch):
        accumulator.update(probabilities[start : start + batch], targets[start : start + batch])
    return accumulator.mann_whitney_u()


def areas_of(probabilities, targets):
    """The area of each class, and their mean."""
    statistic = u_of(probabilities, targets)
    positives = np.bincount(targets, minlength=len(statistic))
    negatives = len(targets) - positives
    each = macro_auroc(statistic[:, None], positives[:, None], negatives[:, None])
    return each, float(macro_auroc(statistic, positives, negatives))


def random_case(seed, n_samples, num_classes, decimals=None):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(num_classes), size=n_samples).astype(np.float32)
    targets = random.integers(0, num_classes, n_samples)
    return (probabilities if decimals is None else probabilities.round(decimals)), targets


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(2, 6), st.sampled_from([None, 0, 1, 2]))
def test_areas_equal_torchmetrics(seed, n_samples, num_classes, decimals):
    probabilities, targets = random_case(seed, n_samples, num_classes, decimals)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torchmetrics warns of classes without samples
        expected = multiclass_auroc(
            torch.from_numpy(probabilities), torch.from_numpy(targets), num_classes, average="none"
        )
    each, mean = areas_of(probabilities, targets)
    np.testing.assert_allclose(each, expected, atol=2e-6)
    assert mean == pytest.approx(float(expected.mean()), abs=2e-6)


@pytest.mark.parametrize("decimals", [None, 1])
def test_areas_equal_scikit_learn_to_the_last_digits(decimals):
    probabilities, targets = random_case(3, 5000, 4, decimals)
    each, _ = areas_of(probabilities, targets)
    expected = [roc_auc_score(targets == label, probabilities[:, label]) for label in range(4)]
    np.testing.assert_allclose(each, expected, rtol=1e-12)


def test_equal_probabilities_count_half():
    each, mean = areas_of(np.full((6, 3), 1 / 3, dtype=np.float32), np.array([0, 0, 1, 1, 2, 2]))
    np.testing.assert_array_equal(each, [0.5, 0.5, 0.5])
    assert mean == 0.5


def test_complement_of_the_scores_gives_the_complement_of_the_area():
    probabilities, targets = random_case(4, 500, 2)
    each, _ = areas_of(probabilities, targets)
    turned, _ = areas_of(-probabilities, targets)
    np.testing.assert_allclose(each + turned, 1.0, rtol=1e-12)


def test_blocks_on_disk_and_in_memory_rank_alike(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    probabilities, targets = random_case(5, 1000, 3)
    small = {"memory_bytes": 2000, "block_bytes": 600, "spilled_block_bytes": 1300}
    np.testing.assert_array_equal(
        u_of(probabilities, targets, batch=37, **small), u_of(probabilities, targets)
    )
    assert list(tmp_path.iterdir()) == []


def test_only_what_exceeds_the_memory_goes_to_disk():
    accumulator = RankAccumulator(2, memory_bytes=1600, block_bytes=800, spilled_block_bytes=4000)
    accumulator.update(*random_case(6, 1000, 2))
    on_disk = [isinstance(block, np.memmap) for block in accumulator._blocks]
    assert on_disk == [False, False, True, True]


@pytest.mark.parametrize("batch", [1, 7, 999, 1000])
def test_the_size_of_a_batch_does_not_matter(batch):
    probabilities, targets = random_case(7, 1000, 3)
    whole = u_of(probabilities, targets)
    np.testing.assert_array_equal(u_of(probabilities, targets, batch=batch, block_bytes=600), whole)


def test_no_sample_has_no_pairs():
    np.testing.assert_array_equal(RankAccumulator(3).mann_whitney_u(), np.zeros(3))


def test_few_samples_take_little_memory_and_many_take_large_blocks():
    accumulator = RankAccumulator(10)
    few = np.full((100, 10), 0.1, dtype=np.float32)
    accumulator.update(few, np.arange(100) % 10)
    assert sum(block.nbytes for block in accumulator._blocks) <= 2**18
    accumulator.update(np.tile(few, (8000, 1)), np.arange(800_000) % 10)
    assert [round(4 * block.nbytes / 2**20) for block in accumulator._blocks] == [1, 2, 4, 8, 16, 32, 64]
