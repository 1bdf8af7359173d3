from __future__ import annotations

import math

from mushin.config.plan import CellName
from mushin.stages.known_cells import KnownCell
from mushin.stages.scores_so_far import incomparable, scores_so_far


def known(method: str, seed: int, score: float, *, targets: str = "0123") -> KnownCell:
    return KnownCell(
        name=CellName("digits", method, seed),
        task="classification",
        provenance={"targets_digest": targets},
        scores={"accuracy": score},
        higher_is_better={"accuracy": True},
        sha256="ab",
    )


def test_mean_and_deviation_are_over_the_seeds_that_are_there() -> None:
    [mlp, cnn] = scores_so_far([known("mlp", 0, 0.8), known("mlp", 1, 0.9), known("cnn", 0, 0.7)])
    assert (mlp.method, mlp.metric, mlp.n, round(mlp.mean, 6), round(mlp.sd, 6)) == (
        "mlp",
        "accuracy",
        2,
        0.85,
        0.070711,
    )
    assert (cnn.n, cnn.mean, math.isnan(cnn.sd)) == (1, 0.7, True)


def test_a_diverged_run_leaves_no_mean_and_a_missing_score_does_not_count() -> None:
    [mlp] = scores_so_far([known("mlp", 0, math.inf), known("mlp", 1, 0.9), known("mlp", 2, math.nan)])
    assert (mlp.n, mlp.n_diverged) == (2, 1)
    assert math.isnan(mlp.mean)


def test_cells_of_other_test_samples_are_told() -> None:
    assert list(incomparable([known("mlp", 0, 0.8), known("mlp", 1, 0.9)])) == []
    assert list(incomparable([known("mlp", 0, 0.8), known("mlp", 1, 0.9, targets="4567")])) == ["digits"]
