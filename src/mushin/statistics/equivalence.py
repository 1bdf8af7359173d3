"""Test whether two means differ by less than a margin that was declared before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from mushin.statistics.ties import FloatArray


@dataclass(frozen=True)
class Equivalence:
    """One-sided evidence about a margin; arrays of shape (...), NaN where there is no standard error.

    Attributes
    ----------
    p_above : float array
        Small where A - B exceeds -margin.
    p_below : float array
        Small where A - B stays below +margin.
    """

    p_above: FloatArray
    p_below: FloatArray

    @property
    def p_tost(self) -> FloatArray:
        """Small where A - B lies within both margins."""
        return np.maximum(self.p_above, self.p_below)


def equivalence(difference: FloatArray, error: FloatArray, df: FloatArray, margin: FloatArray) -> Equivalence:
    """Compare a difference of means with both ends of a margin (two one-sided t tests).

    Parameters
    ----------
    difference, error, df : float array, shape (...)
        Of means, its standard error and the degrees of freedom of the t test in use.
    margin : float array, shape (...)
        The smallest difference that matters, in the units of the metric; NaN where none was declared.

    Returns
    -------
    Equivalence
        One-sided p-values in [0, 1].

    References
    ----------
    Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657, doi:10.1007/BF01068419; Lakens 2017,
    Soc. Psychol. Pers. Sci. 8:355, doi:10.1177/1948550617697177.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> result = equivalence(0.0 * one, 0.01 * one, 8 * one, 0.03 * one)
    >>> result.p_tost.round(4).tolist()
    [0.0085]
    """
    return Equivalence(
        p_above=stdtr(df, -(difference + margin) / error),
        p_below=stdtr(df, (difference - margin) / error),
    )
