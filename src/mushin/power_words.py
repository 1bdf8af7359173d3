"""Say in words how the power of a test is found."""

from __future__ import annotations

from collections.abc import Iterable

from mushin.statistics.shifts import MOST_SIMULATED


def how_found(test: str, seeds: Iterable[float]) -> str:
    """Return how the power of a test is found with these numbers of seeds, as in "power is ... for".

    Parameters
    ----------
    test : str
        One of `mushin.statistics.tests.available_tests`.
    seeds : iterable of float
        Seeds per method, one number at least; inf where none is enough.

    Examples
    --------
    >>> how_found("welch", [5, 40]), how_found("mannwhitney", [5, 40]), how_found("mannwhitney", [40])
    ('exact', 'simulated, and asymptotic beyond 30 seeds,', 'asymptotic')
    """
    most = MOST_SIMULATED.get(test)
    if most is None:
        return "exact"
    numbers = list(seeds)
    if max(numbers) <= most:
        return "simulated"
    return "asymptotic" if min(numbers) > most else f"simulated, and asymptotic beyond {most} seeds,"
