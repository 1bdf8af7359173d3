"""Adjust p-values for the number of tests in their family.

Every function takes p-values along the last axis, NaN where a pair could not be tested, and the size of the
family. The size is set by the design of the study: a pair that could not be tested still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mushin.errors import ConfigError, unknown_name
from mushin.statistics.shaffer import shaffer
from mushin.statistics.ties import FloatArray, IntArray


def holm(p: FloatArray, *, family_size: int | None = None) -> FloatArray:
    """Adjust by Holm's step-down procedure; controls the family-wise error under any dependence.

    Parameters
    ----------
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        At least k, which is the default.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1], never below `p`; NaN where `p` is.

    Raises
    ------
    ConfigError
        `family_size` is smaller than k.

    References
    ----------
    Holm 1979, Scand. J. Stat. 6:65.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    size = _family_size(p, family_size)
    order, ordered = _ordered(p)
    factor = size - np.arange(p.shape[-1])
    return _restored(np.maximum.accumulate(ordered * factor, axis=-1), order)


def hochberg(p: FloatArray, *, family_size: int | None = None) -> FloatArray:
    """Adjust by Hochberg's step-up procedure; needs p-values that are not negatively dependent.

    Parameters
    ----------
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        At least k, which is the default. A test that is not in `p` counts as p = 1.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1], never below `p` nor above Holm's; NaN where `p` is.

    Raises
    ------
    ConfigError
        `family_size` is smaller than k.

    References
    ----------
    Hochberg 1988, Biometrika 75:800, doi:10.1093/biomet/75.4.800.

    Examples
    --------
    >>> hochberg(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.03, 0.04, 0.04, 0.02]
    """
    size = _family_size(p, family_size)
    order, ordered = _ordered(p)
    factor = size - np.arange(p.shape[-1])
    return _restored(_smallest_from_right(ordered * factor), order)


def fdr_bh(p: FloatArray, *, family_size: int | None = None) -> FloatArray:
    """Adjust by Benjamini and Hochberg; controls the false discovery rate, not the family-wise error.

    Parameters
    ----------
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        At least k, which is the default. A test that is not in `p` counts as p = 1.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1], never below `p`; NaN where `p` is.

    Raises
    ------
    ConfigError
        `family_size` is smaller than k.

    References
    ----------
    Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289, doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> fdr_bh(np.array([0.01, 0.04, 0.03, 0.005])).round(9).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """
    size = _family_size(p, family_size)
    order, ordered = _ordered(p)
    factor = size / np.arange(1, p.shape[-1] + 1)
    return _restored(_smallest_from_right(ordered * factor), order)


def bonferroni(p: FloatArray, *, family_size: int | None = None) -> FloatArray:
    """Multiply by the size of the family; controls the family-wise error under any dependence.

    Parameters
    ----------
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        At least k, which is the default.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1]; NaN where `p` is.

    Raises
    ------
    ConfigError
        `family_size` is smaller than k.

    References
    ----------
    Dunn 1961, J. Am. Stat. Assoc. 56:52, doi:10.1080/01621459.1961.10482090.

    Examples
    --------
    >>> bonferroni(np.array([0.01, 0.5]), family_size=3).tolist()
    [0.03, 1.0]
    """
    return np.minimum(1.0, p * _family_size(p, family_size))


def none(p: FloatArray, *, family_size: int | None = None) -> FloatArray:
    """Leave p-values as they are: each is a claim of its own.

    Parameters
    ----------
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        Checked, else unused.

    Returns
    -------
    float array, shape (..., k)
        A copy of `p`.

    Raises
    ------
    ConfigError
        `family_size` is smaller than k.

    Examples
    --------
    >>> none(np.array([0.01, 0.5])).tolist()
    [0.01, 0.5]
    """
    _family_size(p, family_size)
    return np.array(p)


_CORRECTIONS: Mapping[str, Callable[..., FloatArray]] = MappingProxyType(
    {"holm": holm, "hochberg": hochberg, "bonferroni": bonferroni, "fdr_bh": fdr_bh, "none": none}
)

SHAFFER = "shaffer"

FAMILIES = ("metric", "table")
"""Which tests share alpha: all pairs of one metric, or of all metrics."""


def available_corrections() -> tuple[str, ...]:
    """Name the corrections, the default first.

    Examples
    --------
    >>> available_corrections()
    ('holm', 'hochberg', 'bonferroni', 'fdr_bh', 'none', 'shaffer')
    """
    return (*_CORRECTIONS, SHAFFER)


def level_alone(alpha: float, correction: str, family_size: int) -> float:
    """Return what p must reach where no other test of the family rejects: alpha / m, or alpha uncorrected.

    Examples
    --------
    >>> level_alone(0.06, "holm", 3), level_alone(0.06, "none", 3)
    (0.02, 0.06)
    """
    return alpha if correction == "none" else alpha / family_size


def adjust(
    correction: str, p: FloatArray, *, family_size: int | None = None, methods: int | None = None
) -> FloatArray:
    """Adjust p-values by the correction of this name.

    Parameters
    ----------
    correction : str
        One of `available_corrections`.
    p : float array, shape (..., k)
        In [0, 1]; NaN where untestable.
    family_size : int, optional
        At least k, which is the default.
    methods : int, optional
        How many methods the pairs are made of; ``shaffer`` needs it.

    Returns
    -------
    float array, shape (..., k)
        In [0, 1]; NaN where `p` is.

    Raises
    ------
    UnknownNameError
        There is no such correction.
    ConfigError
        `family_size` is smaller than k, or ``shaffer`` lacks what it needs.

    Examples
    --------
    >>> adjust("holm", np.array([0.01, np.nan]), family_size=6).tolist()
    [0.06, nan]
    """
    if correction not in available_corrections():
        raise unknown_name("correction", correction, available_corrections())
    if correction == SHAFFER:
        if methods is None:
            raise ConfigError("correction 'shaffer' needs to know how many methods the pairs are made of")
        return shaffer(p, methods=methods, family_size=family_size)
    return _CORRECTIONS[correction](p, family_size=family_size)


def _family_size(p: FloatArray, family_size: int | None) -> int:
    """Check that the family holds all the tests."""
    count = int(p.shape[-1])
    if family_size is None:
        return count
    if family_size < count:
        raise ConfigError(
            f"family_size is {family_size}, but there are {count} tests; a family holds all of them"
        )
    return family_size


def _ordered(p: FloatArray) -> tuple[IntArray, FloatArray]:
    """Sort ascending, NaN last."""
    order = np.argsort(p, axis=-1, kind="stable")
    return order, np.take_along_axis(p, order, axis=-1)


def _smallest_from_right(ordered: FloatArray) -> FloatArray:
    """Return the running minimum from the largest p down; NaN stays where it is."""
    filled = np.where(np.isnan(ordered), np.inf, ordered)
    smallest = np.minimum.accumulate(filled[..., ::-1], axis=-1)[..., ::-1]
    return np.where(np.isnan(ordered), np.nan, smallest)


def _restored(ordered: FloatArray, order: IntArray) -> FloatArray:
    """Put adjusted p-values back in the order of the tests, at most 1."""
    adjusted = np.empty_like(ordered)
    np.put_along_axis(adjusted, order, np.minimum(1.0, ordered), axis=-1)
    return adjusted
