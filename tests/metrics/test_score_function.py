"""A user's own function of confusion matrices: what it may be, and what it may return."""

import numpy as np
import pytest

from mushin.errors import ConfigError, DataError
from mushin.metrics.score_function import ScoreFunction

COUNTS = np.stack([[[3, 1], [0, 4]], [[2, 0], [5, 1]]]).astype(np.int64)


def diagonal(confusion):
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def test_scores_are_float64_per_matrix_or_per_class():
    total = ScoreFunction(lambda c: c.sum(axis=(-2, -1)), higher_is_better=False)
    assert total.score(COUNTS, "total").tolist() == [8.0, 8.0]
    assert total.score(COUNTS, "total").dtype == np.float64
    assert ScoreFunction(diagonal, higher_is_better=True).score(COUNTS, "hits").shape == (2, 2)


def test_counts_are_lent_read_only():
    def spoil(confusion):
        confusion[...] = 0
        return 0

    with pytest.raises(ValueError, match="read-only"):
        ScoreFunction(spoil, higher_is_better=True).score(COUNTS, "spoil")
    assert COUNTS.flags.writeable


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda c: 1.0, r"values of type float64 and shape \(\) for counts of shape \(2, 2, 2\)"),
        (lambda c: c, r"shape \(2, 2, 2\) for .*accepted are numbers of shape \(2,\), or \(2, 2\)"),
        (lambda c: np.array(["good", "bad"]), "values of type <U4"),
        (lambda c: None, "values of type object"),
        (lambda c: diagonal(c).sum(axis=-1) * 1j, "values of type complex128"),
    ],
)
def test_what_is_no_score_is_refused(function, problem):
    with pytest.raises(DataError, match=rf"metric 'mine': its function returned .*{problem}"):
        ScoreFunction(function, higher_is_better=True).score(COUNTS, "mine")


def test_score_outside_the_declared_range_is_refused_and_nan_is_not():
    share = ScoreFunction(diagonal, higher_is_better=True, valid_range=(0, 3))
    with pytest.raises(DataError, match=r"'mine': its function returned 4, outside .*valid_range \(0, 3\)"):
        share.score(COUNTS, "mine")
    nothing = ScoreFunction(lambda c: np.full(len(c), np.nan), higher_is_better=True, valid_range=(0, 1))
    assert np.isnan(nothing.score(COUNTS, "mine")).all()


def test_direction_has_no_default():
    with pytest.raises(TypeError, match="higher_is_better"):
        ScoreFunction(diagonal)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["mcc"], {"higher_is_better": True}, "'mcc' can't be called; accepted is a function"),
        ([diagonal], {"higher_is_better": "yes"}, "higher_is_better is 'yes'; accepted: True or False"),
        ([diagonal], {"higher_is_better": True, "valid_range": (1, 0)}, r"valid_range is \(1, 0\)"),
    ],
)
def test_faulty_declaration_is_refused(arguments, options, message):
    with pytest.raises(ConfigError, match=f"ScoreFunction: {message}"):
        ScoreFunction(*arguments, **options)
