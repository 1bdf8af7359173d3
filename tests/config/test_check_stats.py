"""Settings of the comparison that only the end of a study would refuse: the plan does, in one line each."""

from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.make_plan import make_plan
from mushin.config.plan import Plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError

STATS = "conf/stats/odd.yaml"


def plan(study: Path, text: str, *arguments: str) -> Plan:
    (study / STATS).write_text(text)
    return make_plan(Selection.from_arguments(["overrides=stats=odd", *arguments]))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("primary: [foo]", "primary: 'foo' is no metric of the study; accepted: accuracy, f1, "),
        ("margin: {acuracy: 0.1}", "margin: 'acuracy' is no metric of the study; did you mean 'accuracy'?"),
        ("margin: {accuracy: -1}", "margin.accuracy: -1.0 came; accepted: a finite number above 0"),
        ("margin: {accuracy: .inf}", "margin.accuracy: inf came; accepted: a finite number above 0"),
        (
            "margin: {accuracy: true}",
            "margin: {'accuracy': True} came; accepted: a mapping of names to numbers",
        ),
        (
            "margin: {accuracy: high}",
            "margin: {'accuracy': 'high'} came; accepted: a mapping of names to num",
        ),
        ("margin: 0.1", "margin: 0.1 came; accepted: a mapping of names to numbers, or null"),
        (
            "margin: {accuracy: 0.1}\ntest: permutation",
            "margin: needs a t test (welch, ttest_ind, ttest_rel), but test is 'permutation'",
        ),
        ("correction: shaffer\nbaseline: mlp", "correction: 'shaffer' needs all pairs; leave out baseline"),
        ("correction: shaffer\nalternative: less", "correction: 'shaffer' argues with equalities, but alter"),
        ("correction: shaffer\nmargin: {ece: 0.1}", "correction: 'shaffer' argues with equalities, and a m"),
        (
            "test: wilcoxon\npaired: false",
            "test: 'wilcoxon' pairs the runs by seed, but paired is False; use",
        ),
        ("baseline: mpl", "baseline: 'mpl' is no method of the study; accepted: "),
    ],
)
def test_mistake_is_one_line_with_file_and_key(study: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(study, f"{text}\n")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{STATS}: {problem}")


def test_mistake_on_the_command_line_is_blamed_on_it(study: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"^command line: overrides: stats.primary: 'f2' is no metric of the study"
    ):
        make_plan(Selection.from_arguments(["overrides=stats.primary=[f2]"]))


@pytest.mark.parametrize(
    "text",
    [
        "primary: [accuracy]\nmargin: {accuracy: 0.1, ece: 1}\ntest: ttest_rel\npaired: true\n",
        "correction: shaffer\nfamily: table\n",
        "test: welch\npaired: true\nmargin: {f1: 0.1}\n",
        "test: wilcoxon\nalternative: greater\nbaseline: cnn\n",
    ],
)
def test_what_a_comparison_takes_is_accepted(study: Path, text: str) -> None:
    assert plan(study, text).stats["alpha"] == 0.05


def test_metrics_are_those_that_the_task_lists(study: Path) -> None:
    with (study / "conf/task/classification.yaml").open("a") as file:
        file.write("metrics: {mcc: mcc, own: {_target_: torchmetrics.classification.BinaryAccuracy}}\n")
    assert plan(study, "primary: [own]\nmargin: {mcc: 0.1}\n").stats["primary"] == ["own"]
    with pytest.raises(
        ConfigError, match="primary: 'accuracy' is no metric of the study; accepted: mcc, own"
    ):
        plan(study, "primary: [accuracy]\n")


def test_metrics_of_a_task_of_ones_own_are_not_known_before_it_is_called(study: Path) -> None:
    (study / "conf/task/classification.yaml").write_text("_target_: own.task\n")
    (study / "own.py").write_text("def task(): ...\n")
    assert plan(study, "primary: [anything]\n").stats["primary"] == ["anything"]
