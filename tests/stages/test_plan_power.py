"""The power that 'mushin plan' shows: of the metrics that the study compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.stages.plan_power import study_power


@pytest.mark.parametrize(
    ("task", "n_metrics"),
    [
        ("", 6),
        ("metrics: [accuracy, f1_macro]\n", 2),
        ("metrics: {a: {_target_: own.A}, mcc: mcc, f1: f1}\n", 3),
        ("_target_: own.A\n", 1),
        ("_target_: own.A\nmetrics: [accuracy, mcc]\n", 2),
    ],
)
def test_a_family_of_the_table_counts_the_metrics_that_are_compared(
    study: Path, task: str, n_metrics: int
) -> None:
    (study / "own.py").write_text("A = print\n")
    (study / "conf/task/classification.yaml").write_text(f"name: classification\n{task}")
    for family, factor in (("table", n_metrics), ("metric", 1)):
        found = study_power(make_plan(Selection.from_arguments([f"overrides=stats.family={family}"])))
        assert found is not None
        assert found.family_size == 3 * factor


def test_one_method_has_nothing_to_compare(study: Path) -> None:
    assert study_power(make_plan(Selection.from_arguments(["methods=mlp"]))) is None
