"""A small part of benchmarks/calibration.py: the promises that must never break."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mushin.statistics.tests import available_tests

# Tests that need equal spread; docs/calibration.md says by how much they miss.
NEED_EQUAL_SPREAD = ("ttest_ind", "mannwhitney", "permutation")


@pytest.fixture(scope="module")
def calibration() -> Iterator[ModuleType]:
    """The benchmark as a module, without its folder on the path."""
    file = Path(__file__).parent.parent / "benchmarks/calibration.py"
    spec = importlib.util.spec_from_file_location("calibration", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["calibration"]


PROMISES = [
    (test, scores)
    for test in available_tests()
    for scores in ("normal", "skewed", "discrete", "heteroscedastic")
    if not (scores == "heteroscedastic" and test in NEED_EQUAL_SPREAD)
]


@pytest.mark.parametrize(("test", "scores"), PROMISES)
@pytest.mark.parametrize(("n", "methods"), [(3, 2), (5, 3), (5, 10)])
def test_false_claims_stay_within_alpha(
    calibration: ModuleType, test: str, scores: str, n: int, methods: int
) -> None:
    share, repetitions = calibration.false_claims(test, scores, n, methods, 400)
    assert not calibration.is_above(share, repetitions)


@pytest.mark.parametrize("d", [0.0, 1.0])
def test_intervals_of_means_cover_what_they_say(calibration: ModuleType, d: float) -> None:
    held = calibration.intervals_held(d, 300)
    for name in ("mean", "difference, welch", "difference, ttest_ind", "difference, ttest_rel"):
        for n in (3, 5, 10, 30):
            assert float(held[name][f"n={n}"]) > 0.95 - 3 * (0.05 * 0.95 / 300) ** 0.5
