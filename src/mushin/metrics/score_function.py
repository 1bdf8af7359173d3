"""A user's own function of confusion matrices, with what is to be known about its scores."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mushin.errors import ConfigError, DataError
from mushin.metrics.valid_range import are_outside

EXAMPLE = "mushin.ScoreFunction({function}, higher_is_better=True)"


class ConfusionFunction(Protocol):
    """What computes a score from counts."""

    def __call__(self, confusion: NDArray[np.int64], /) -> Any:
        """Return one number per matrix, or one per matrix and class.

        Parameters
        ----------
        confusion : int64 array, shape (..., C, C)
            Counts, read-only; rows are targets, columns predictions. Never a matrix without a count.

        Returns
        -------
        array, shape (...) or (..., C)
            The scores; NaN where there is none.
        """


@dataclass(frozen=True)
class ScoreFunction:
    """A function of confusion matrices that `mushin.score` can compute.

    Attributes
    ----------
    function : ConfusionFunction
        ``(..., C, C) int64 array -> (...)`` or ``(..., C)`` array. A study is passed in parts, so a score
        must depend on its own matrix alone.
    higher_is_better : bool
        The direction; there is no default, since a wrong one turns every claim around.
    long_name : str, optional
        What a table or an axis shows.
    units : str
        ``"1"`` for a share.
    valid_range : tuple of float
        The lowest and the highest possible score. A score outside it, rounding aside, is an error.

    Raises
    ------
    ConfigError
        `function` can't be called, `higher_is_better` is no bool, or the range is empty.

    Examples
    --------
    >>> errors = ScoreFunction(lambda c: c.sum((-2, -1)) - np.trace(c, axis1=-2, axis2=-1),
    ...     higher_is_better=False, units="samples", valid_range=(0, np.inf))
    >>> int(errors.function(np.array([[3, 1], [0, 4]])))
    1
    """

    function: ConfusionFunction
    higher_is_better: bool = field(kw_only=True)
    long_name: str = field(default="", kw_only=True)
    units: str = field(default="1", kw_only=True)
    valid_range: tuple[float, float] = field(default=(-math.inf, math.inf), kw_only=True)

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(
                f"ScoreFunction: {self.function!r} can't be called; accepted is a function of an int64 array"
                " of shape (..., C, C)"
            )
        if not isinstance(self.higher_is_better, bool):
            raise ConfigError(
                f"ScoreFunction: higher_is_better is {self.higher_is_better!r}; accepted: True or False"
            )
        low, high = self.valid_range
        if not low < high:
            raise ConfigError(
                f"ScoreFunction: valid_range is {self.valid_range!r}; accepted: (lowest, highest)"
            )

    def score(self, confusion: NDArray[np.int64], name: str) -> NDArray[np.float64]:
        """Call the function and check what it returns.

        Parameters
        ----------
        confusion : int64 array, shape (..., C, C)
            Counts; rows are targets, columns predictions.
        name : str
            What messages call the metric.

        Returns
        -------
        float64 array, shape (...) or (..., C)
            The scores.

        Raises
        ------
        DataError
            The function returned something else, or a score outside `valid_range`.
        """
        counts = confusion.view()
        counts.flags.writeable = False
        found = np.asarray(self.function(counts))
        *leading, _, classes = counts.shape
        if found.dtype.kind not in "fiub" or list(found.shape) not in (leading, [*leading, classes]):
            raise DataError(
                f"metric {name!r}: its function returned {_describe(found)} for counts of shape"
                f" {counts.shape}; accepted are numbers of shape {tuple(leading)}, or"
                f" {(*leading, classes)} for one per class"
            )
        scores = found.astype(np.float64)
        outside = scores[are_outside(scores, self.valid_range)]
        if outside.size:
            raise DataError(
                f"metric {name!r}: its function returned {outside[0]:g}, outside the declared valid_range"
                f" {self.valid_range}"
            )
        return scores


def _describe(found: NDArray[Any]) -> str:
    return f"values of type {found.dtype} and shape {found.shape}"
