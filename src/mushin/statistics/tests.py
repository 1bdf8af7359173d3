"""The tests by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from mushin.errors import ConfigError, unknown_name
from mushin.statistics.means import ttest_ind, ttest_rel, welch
from mushin.statistics.outcome import Alternative, Outcome
from mushin.statistics.rank_tests import mannwhitney, wilcoxon
from mushin.statistics.resampling import permutation, signflip
from mushin.statistics.ties import FloatArray

__all__ = [
    "NamedTest",
    "PairwiseTest",
    "available_tests",
    "find_test",
    "mannwhitney",
    "permutation",
    "signflip",
    "ttest_ind",
    "ttest_rel",
    "welch",
    "wilcoxon",
]


class PairwiseTest(Protocol):
    """Compare the runs of A, shape (..., n_a), with those of B, shape (..., n_b)."""

    def __call__(self, a: FloatArray, b: FloatArray, /, *, alternative: Alternative = "two-sided") -> Outcome:
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

    @property
    def is_t_test(self) -> bool:
        """Whether power and margins can be had from the t distribution."""
        return self.name in ("welch", "ttest_ind", "ttest_rel")


_TESTS: Mapping[str, NamedTest] = MappingProxyType(
    {
        test.name: test
        for test in (
            NamedTest("welch", welch, paired=False, compares="means"),
            NamedTest("ttest_ind", ttest_ind, paired=False, compares="means"),
            NamedTest("ttest_rel", ttest_rel, paired=True, compares="means"),
            NamedTest("wilcoxon", wilcoxon, paired=True, compares="ranks"),
            NamedTest("mannwhitney", mannwhitney, paired=False, compares="ranks"),
            NamedTest("permutation", permutation, paired=False, compares="means"),
            NamedTest("signflip", signflip, paired=True, compares="means"),
        )
    }
)


_PAIRED_FORM: Mapping[str, str] = MappingProxyType(
    {
        "welch": "ttest_rel",
        "ttest_ind": "ttest_rel",
        "mannwhitney": "wilcoxon",
        "permutation": "signflip",
    }
)


_UNPAIRED: Mapping[str, str] = MappingProxyType(
    {"ttest_rel": "welch", "wilcoxon": "mannwhitney", "signflip": "permutation"}
)


def available_tests() -> tuple[str, ...]:
    """Name the tests, the default first.

    Examples
    --------
    >>> available_tests()
    ('welch', 'ttest_ind', 'ttest_rel', 'wilcoxon', 'mannwhitney', 'permutation', 'signflip')
    """
    return tuple(_TESTS)


def find_test(name: str, *, paired: bool | None = None) -> NamedTest:
    """Return the test of this name, or its paired form.

    Parameters
    ----------
    name : str
        One of `available_tests`.
    paired : bool, optional
        True turns an unpaired test into its paired form: ``welch`` and ``ttest_ind`` into
        ``ttest_rel``, ``mannwhitney`` into ``wilcoxon``, ``permutation`` into ``signflip``. By default
        the name decides.

    Raises
    ------
    UnknownNameError
        There is no such test.
    ConfigError
        `paired` is False and the test is a paired one.

    Examples
    --------
    >>> find_test("wilcoxon").paired
    True
    """
    if name not in _TESTS:
        raise unknown_name("test", name, _TESTS)
    test = _TESTS[name]
    if paired is False and test.paired:
        raise ConfigError(
            f"test {name!r} pairs the runs by seed, but paired is False; use {_UNPAIRED[name]!r}"
        )
    return _TESTS[_PAIRED_FORM[name]] if paired and not test.paired else test
