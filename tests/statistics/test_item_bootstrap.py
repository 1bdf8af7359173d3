import numpy as np
import pytest

from mushin.statistics.item_bootstrap import item_counts, spread_by_origin


@pytest.mark.parametrize("numbers", [0, 2**20])
def test_counts_are_those_of_a_multinomial_and_the_same_for_the_same_seed(numbers):
    parts = list(item_counts(20, 5_000, seed=1, numbers_per_resample=numbers))
    counts = np.concatenate([of_part for _, of_part in parts])
    assert [rows.start for rows, _ in parts[1:]] == [rows.stop for rows, _ in parts[:-1]]
    assert counts.shape == (5_000, 20)
    assert (counts.sum(axis=1) == 20).all()
    assert counts.mean() == 1
    assert counts.var() == pytest.approx(1 - 1 / 20, rel=0.02)
    assert np.cov(counts[:, 0], counts[:, 1])[0, 1] == pytest.approx(-1 / 20, abs=0.05)
    again = np.concatenate([of_part for _, of_part in item_counts(20, 5_000, seed=1)])
    np.testing.assert_array_equal(again, counts)


def _resampled(right, *, resamples=2_000):
    (counts,) = (c for _, c in item_counts(right.shape[1], resamples, seed=0))
    return right @ counts.T / right.shape[1]


def test_items_that_flip_between_seeds_are_told_from_seeds_that_are_better():
    rng = np.random.default_rng(0)
    hard = rng.random(400)
    flipping = (rng.random((30, 400)) < 0.8).astype(float)
    better = (hard < rng.uniform(0.6, 1.0, (30, 1))).astype(float)
    for right, share in ((flipping, 1.0), (better, 0.0)):
        observed = right.mean(axis=1)
        test_set, flips = spread_by_origin(observed, _resampled(right))
        expected = (observed * (1 - observed) / 400).mean()
        assert test_set == pytest.approx(expected, rel=0.03)
        if share:
            assert flips == pytest.approx(0.16 / 400, rel=0.1)
        else:
            assert flips < 0.1 * observed.var(ddof=1)


def test_one_seed_has_no_flips():
    right = np.ones((1, 10))
    test_set, flips = spread_by_origin(right.mean(axis=1), _resampled(right))
    assert test_set == 0
    assert np.isnan(flips)
