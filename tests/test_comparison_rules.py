"""What a plan refuses of ``stats`` is what a comparison refuses."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from mushin.comparison_checks import check_comparison
from mushin.comparison_rules import T_TESTS, UNPAIRED_FORMS, contradictions, is_margin
from mushin.errors import ConfigError
from mushin.evaluation.tasks import get_task
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests, find_test

METHODS, SEEDS = ["a", "b", "c"], [0, 1, 2]
CASES = [
    *product(available_tests(), ["holm"], [None], [None, True, False], ["two-sided"], [None, 0.1]),
    *product(["welch"], available_corrections(), [None, "a"], [None], ["two-sided", "less"], [None, 0.1]),
]


@pytest.mark.parametrize(("test", "correction", "baseline", "paired", "alternative", "margin"), CASES)
def test_options_contradict_each_other_where_a_comparison_refuses_them(
    test: str,
    correction: str,
    baseline: str | None,
    paired: bool | None,
    alternative: str,
    margin: float | None,
) -> None:
    names: dict[str, Any] = {
        "test": test,
        "correction": correction,
        "paired": paired,
        "alternative": alternative,
    }
    given = {"baseline": baseline, "margin": margin}
    found = list(contradictions(**names, has_baseline=baseline is not None, has_margin=margin is not None))
    if found:
        option, problem = found[0]
        with pytest.raises(ConfigError) as caught:
            check_comparison(get_task("segmentation"), METHODS, SEEDS, {**names, **given})
        assert str(caught.value) == f"{option} {problem}"
    else:
        check_comparison(get_task("segmentation"), METHODS, SEEDS, {**names, **given})


def test_every_contradiction_is_told() -> None:
    found = contradictions(
        test="signflip",
        correction="shaffer",
        paired=False,
        alternative="less",
        has_baseline=True,
        has_margin=True,
    )
    assert [option for option, _ in found] == ["test", "correction", "correction", "correction", "margin"]


def test_names_are_those_of_the_statistics() -> None:
    assert [name for name in available_tests() if find_test(name).is_t_test] == list(T_TESTS)
    assert [name for name in available_tests() if find_test(name).paired] == list(UNPAIRED_FORMS)
    for paired, unpaired in UNPAIRED_FORMS.items():
        assert find_test(unpaired, paired=True).name == paired


@pytest.mark.parametrize("value", [0, -0.1, float("inf"), float("nan"), True, "0.1", None])
def test_margin_is_a_finite_number_above_zero(value: Any) -> None:
    assert not is_margin(value)
    assert is_margin(0.1)
    assert is_margin(1)
