"""The tests by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from mushin.errors import unknown_name
from mushin.statistics.means import ttest_ind, ttest_rel, welch
from mushin.statistics.outcome import Outcome
from mushin.statistics.rank_tests import mannwhitney, wilcoxon
from mushin.statistics.ties import FloatArray

__all__ = [
    "NamedTest",
    "PairwiseTest",
    "available_tests",
    "find_test",
    "mannwhitney",
    "ttest_ind",
    "ttest_rel",
    "welch",
    "wilcoxon",
]


class PairwiseTest(Protocol):
    """Compare the runs of A, shape (..., n_a), with those of B, shape (..., n_b)."""

    def __call__(self, a: FloatArray, b: FloatArray, /) -> Outcome:
        """Return the outcome, of shape (...)."""


@dataclass(frozen=True)
class NamedTest:
    """A test and what it compares.

    Attributes
    ----------
    name : str
        What a user types.
    run : PairwiseTest
        The test itself.
    paired : bool
        Whether a seed fixes something that both methods share.
    compares : {"means", "ranks"}
        A test of ranks takes a diverged run as a loss; one of means refuses it.
    """

    name: str
    run: PairwiseTest
    paired: bool
    compares: Literal["means", "ranks"]


_TESTS: Mapping[str, NamedTest] = MappingProxyType(
    {
        test.name: test
        for test in (
            NamedTest("welch", welch, paired=False, compares="means"),
            NamedTest("ttest_ind", ttest_ind, paired=False, compares="means"),
            NamedTest("ttest_rel", ttest_rel, paired=True, compares="means"),
            NamedTest("wilcoxon", wilcoxon, paired=True, compares="ranks"),
            NamedTest("mannwhitney", mannwhitney, paired=False, compares="ranks"),
        )
    }
)


def available_tests() -> tuple[str, ...]:
    """Name the tests, the default first.

    Examples
    --------
    >>> available_tests()
    ('welch', 'ttest_ind', 'ttest_rel', 'wilcoxon', 'mannwhitney')
    """
    return tuple(_TESTS)


def find_test(name: str) -> NamedTest:
    """Return the test of this name.

    Raises
    ------
    UnknownNameError
        There is no such test.

    Examples
    --------
    >>> find_test("wilcoxon").paired
    True
    """
    if name not in _TESTS:
        raise unknown_name("test", name, _TESTS)
    return _TESTS[name]
