"""Say what a design can show before any data are seen."""

from __future__ import annotations

import numpy as np
from scipy.special import comb

from mushin.statistics.ties import FloatArray, IntArray


def smallest_p(test: str, n_a: IntArray, n_b: IntArray) -> FloatArray:
    """Return the smallest two-sided p that a test can give with this many runs.

    Perfect separation without ties gives it: one of 2^n sign patterns or C(n_a + n_b, n_a) splits, and
    its mirror image. A t test has no such bound.

    Parameters
    ----------
    test : str
        One of `mushin.statistics.tests.available_tests`.
    n_a, n_b : int array, shape (...)
        Runs of each group; for a paired test both are the number of pairs.

    Returns
    -------
    float array, shape (...)
        In [0, 1]; 1 where a group has fewer than two runs.

    References
    ----------
    Wilcoxon 1945; Mann & Whitney 1947; Fisher 1935, The Design of Experiments, for sign flips.

    Examples
    --------
    >>> smallest_p("wilcoxon", np.array([5, 6]), np.array([5, 6])).tolist()
    [0.0625, 0.03125]
    >>> smallest_p("mannwhitney", np.array([3]), np.array([3])).tolist()
    [0.1]
    """
    if test in ("wilcoxon", "signflip"):
        bound = 2 * np.exp2(-np.minimum(n_a, n_b).astype(np.float64))
    elif test in ("mannwhitney", "permutation"):
        bound = 2 / comb(n_a + n_b, n_a)
    else:
        bound = np.zeros(np.shape(n_a))
    return np.where(np.minimum(n_a, n_b) < 2, 1.0, np.minimum(1.0, bound))
