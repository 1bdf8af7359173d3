"""Refuse probabilities that are none."""

from __future__ import annotations

import math

from mushin.errors import PredictionError

# How far outside [0, 1] a float32 average of probabilities may round.
_ROUNDING = 1e-5


def refuse_bounds(lowest: float, highest: float) -> None:
    """Raise PredictionError if probabilities from `lowest` to `highest` are NaN or leave [0, 1]."""
    if math.isnan(lowest) or math.isnan(highest):
        raise PredictionError("the probabilities hold NaN; the model has probably diverged in training")
    if lowest < -_ROUNDING or highest > 1 + _ROUNDING:
        raise PredictionError(
            f"the probabilities range from {lowest:g} to {highest:g}; accepted are values in [0, 1]. Did the"
            " predict_fn return logits? Apply .softmax(dim=1)"
        )


def refuse_nan_softmax(any_nan: bool) -> None:
    """Raise PredictionError if softmax of any sample's logits is NaN."""
    if any_nan:
        raise PredictionError(
            "softmax of the logits is NaN, for they hold +inf, or -inf for every class of a sample; the model"
            " has probably diverged in training"
        )
