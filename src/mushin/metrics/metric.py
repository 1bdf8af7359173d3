"""What is known about a metric, and how it scores sufficient statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.metrics.scores import Scores

TargetKind = Literal["classes", "values"]

Statistics = Mapping[str, NDArray[Any]]
"""Variables of cells by name, as `SufficientStatistics.arrays` gives them; leading axes are allowed."""

CALIBRATION = ("calibration_count", "calibration_confidence", "calibration_correct")
MOMENTS = ("regression_moments",)
VALUES = ("target_value", "predicted_value")
RECORDS = ("record_target", "record_prediction", "record_sample", "record_count")
_OF_PROBABILITIES = frozenset({*CALIBRATION, "mann_whitney_u"})
_OF_VALUES = frozenset({*MOMENTS, *VALUES})


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of the catalogue.

    Attributes
    ----------
    name : str
        What a user types, and the name of the variable in ``compare.nc``.
    long_name : str
        What a table or an axis shows.
    units : str
        ``"1"`` for a share; otherwise in words, such as ``"units of the target"``.
    higher_is_better : bool
        The direction.
    valid_range : tuple of float
        The lowest and the highest possible score; infinite where there is no bound.
    source : str
        The paper, or the function of a library, that defines the metric.
    requires : tuple of str
        The variables that it is computed from.
    formula : callable
        ``formula(statistics, ignore_index)``; call `score`, which checks first.
    """

    name: str
    long_name: str
    higher_is_better: bool
    source: str
    formula: Callable[[Statistics, int | None], Scores] = field(repr=False)
    requires: tuple[str, ...] = ("confusion",)
    units: str = "1"
    valid_range: tuple[float, float] = (0.0, 1.0)

    @property
    def needs_probabilities(self) -> bool:
        """Whether predicted labels are not enough to compute this metric."""
        return not _OF_PROBABILITIES.isdisjoint(self.requires)

    @property
    def target_kind(self) -> TargetKind:
        """What the metric scores: classes, or real values as in a regression."""
        return "values" if not _OF_VALUES.isdisjoint(self.requires) else "classes"

    def score(self, statistics: Statistics, *, ignore_index: int | None = None) -> Scores:
        """Compute the metric from the sufficient statistics of one cell or of many.

        Parameters
        ----------
        statistics : mapping of str to array
            ``confusion`` (..., C, C); for metrics of probabilities also ``calibration_count``,
            ``calibration_confidence``, ``calibration_correct`` (..., B) and ``mann_whitney_u`` (..., C). For
            metrics of values ``regression_moments`` (..., 8), or ``target_value`` and ``predicted_value``
            (..., N).
        ignore_index : int, optional
            The label that was ignored in the evaluation.

        Returns
        -------
        float64 array, shape (...)
            The scores, within `valid_range`; NaN where the metric is undefined.

        Raises
        ------
        DataError
            If a variable that the metric requires is missing.

        Examples
        --------
        >>> from mushin.metrics.catalog import get_metric
        >>> float(get_metric("miou").score({"confusion": [[3, 1], [0, 4]]}))
        0.775
        """
        missing = [name for name in self.requires if name not in statistics]
        if missing:
            raise DataError(
                f"metric {self.name!r} needs {', '.join(missing)}; these statistics hold"
                f" {', '.join(statistics) or 'nothing'}. Evaluate again with a task that lists {self.name!r}."
            )
        return self.formula(statistics, ignore_index)
