"""Adjust the p-values of all pairs by Shaffer's logic: equalities can't be false one by one."""

from __future__ import annotations

import functools

import numpy as np

from mushin.errors import ConfigError
from mushin.statistics.ties import FloatArray


def shaffer(p: FloatArray, *, methods: int, family_size: int | None = None) -> FloatArray:
    """Adjust by Shaffer's static procedure; like Holm's, never less powerful.

    If A = B is false then, of three methods, at most one equality can still be true. The procedure
    multiplies the j-th smallest p by the largest number of equalities that can be true when j - 1 are
    false, where Holm multiplies by all that are left.

    Parameters
    ----------
    p : float array, shape (..., k)
        Of all pairs of the methods, once for each metric and dataset of the family; NaN where untestable.
    methods : int
        How many methods the pairs are made of.
    family_size : int, optional
        A multiple of the number of pairs, at least k, which is the default.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1], never below `p` nor above Holm's; NaN where `p` is.

    Raises
    ------
    ConfigError
        The family is not made of all pairs.

    References
    ----------
    Shaffer 1986, J. Am. Stat. Assoc. 81:826, doi:10.1080/01621459.1986.10478341 (procedure S1).

    Examples
    --------
    >>> shaffer(np.array([0.01, 0.02, 0.5]), methods=3).tolist()
    [0.03, 0.03, 0.5]
    """
    count = int(p.shape[-1])
    size = count if family_size is None else family_size
    pairs = methods * (methods - 1) // 2
    if size < count or pairs == 0 or size % pairs:
        raise ConfigError(
            f"correction 'shaffer' needs all pairs of the {methods} methods ({pairs}), but the family has "
            f"{size} tests; leave out baseline, or use 'holm'"
        )
    factor = np.array(_largest_true(methods, size // pairs)[:count])
    order = np.argsort(p, axis=-1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=-1)
    adjusted = np.empty_like(ordered)
    raised = np.minimum(1.0, np.maximum.accumulate(ordered * factor, axis=-1))
    np.put_along_axis(adjusted, order, raised, axis=-1)
    return adjusted


@functools.cache
def _largest_true(methods: int, blocks: int) -> tuple[int, ...]:
    """Return, for j = 0, 1, ... false equalities, how many of the others can be true."""
    of_one = _possible_counts(methods)
    possible = {0}
    for _ in range(blocks):
        possible = {total + more for total in possible for more in of_one}
    size = blocks * methods * (methods - 1) // 2
    return tuple(max(count for count in possible if count <= size - false) for false in range(size))


@functools.cache
def _possible_counts(methods: int) -> frozenset[int]:
    """Return the numbers of equalities that can be true together: methods fall into groups of equals."""
    if methods <= 1:
        return frozenset({0})
    return frozenset(
        group * (group - 1) // 2 + rest
        for group in range(1, methods + 1)
        for rest in _possible_counts(methods - group)
    )
