"""Write the paragraph on methods for a paper, with what it cites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from mushin.page.content import StudyContent
from mushin.page.references import Reference, all_references
from mushin.page.words import in_words
from mushin.power_words import how_found
from mushin.report.cells_text import percent, records
from mushin.report.score_grid import find_baseline
from mushin.score_arrays import read_labels
from mushin.statistics.shifts import MOST_SIMULATED
from mushin.statistics.tests import find_test

Sentence = tuple[str, tuple[str, ...]]
"""A text, and the keys of what it cites."""

_EXACT = ("streitberg1986",)
_TESTS: dict[str, Sentence] = {
    "welch": ("Welch's t test", ("welch1947",)),
    "ttest_ind": ("Student's t test", ("student1908",)),
    "ttest_rel": ("the paired t test", ("student1908",)),
    "wilcoxon": ("Wilcoxon's signed-rank test", ("wilcoxon1945", *_EXACT)),
    "mannwhitney": ("the Mann-Whitney U test", ("mann1947", *_EXACT)),
    "permutation": ("the permutation test of the difference of means", ("fisher1935",)),
    "signflip": ("the sign-flip permutation test of the mean difference", ("fisher1935",)),
}
_CORRECTIONS: dict[str, Sentence] = {
    "holm": ("Holm's method", ("holm1979",)),
    "hochberg": ("Hochberg's method", ("hochberg1988",)),
    "bonferroni": ("Bonferroni's method", ("dunn1961",)),
    "shaffer": ("Shaffer's method", ("shaffer1986",)),
    "fdr_bh": ("the method of Benjamini and Hochberg", ("benjamini1995",)),
}
_EFFECTS: dict[str, Sentence] = {
    "hedges_g": ("Hedges' g", ("hedges1981",)),
    "hedges_g_z": ("Hedges' g of the paired differences", ("hedges1981", "lakens2013")),
    "rank_biserial": ("the rank-biserial correlation", ("cureton1956",)),
}
_SIDES = {
    "two-sided": "two-sided",
    "greater": "one-sided: A better than B",
    "less": "one-sided: A worse than B",
}


@dataclass(frozen=True)
class CitedSentence:
    """A sentence of the paragraph, and the numbers of what it cites."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class MethodsText:
    """The paragraph, and the works in the order of their numbers."""

    sentences: tuple[CitedSentence, ...]
    references: tuple[Reference, ...]

    @property
    def bibtex(self) -> str:
        """The entries of all works."""
        return "\n\n".join(reference.bibtex for reference in self.references)


def describe_methods(content: StudyContent) -> MethodsText:
    """Return how the study compared its methods, citing only what it used."""
    numbers: dict[str, int] = {}
    sentences = []
    for text, keys in _sentences(content):
        for key in keys:
            numbers.setdefault(key, len(numbers) + 1)
        sentences.append(CitedSentence(text, tuple(numbers[key] for key in keys)))
    works = all_references()
    return MethodsText(tuple(sentences), tuple(works[key] for key in numbers))


def _sentences(content: StudyContent) -> Iterator[Sentence]:
    row = records(content.comparisons.head(1))[0]
    flags = set(";".join(map(str, content.comparisons["flags"])).split(";"))
    yield _runs(content)
    yield _test(row, content)
    if "monte_carlo" in flags:
        yield "Where rearrangements were too many to count, 99,999 seeded ones were drawn.", ("phipson2010",)
    yield _correction(row)
    if "margin" in row:
        yield _equivalence(content)
    yield from _estimates(row)
    if content.over_datasets is not None:
        yield from _over_datasets()
    yield _power(row, content)
    yield (
        "Claims concern new seeds on the same data; comparisons without a claim are reported as "
        "inconclusive, underpowered or untestable, never as equal. "
        f"Computed with mushin {version('mushin')}.",
        (),
    )


def _runs(content: StudyContent) -> Sentence:
    labels = read_labels(content.ds)
    methods = in_words(labels.methods)
    seeds = f"{len(labels.seeds)} seed{'s' * (len(labels.seeds) != 1)}"
    where = f" on {in_words(content.datasets)}" if content.datasets else ""
    interval = percent(float(content.comparisons["alpha"].iloc[0]))
    return (
        f"We trained {len(labels.methods)} methods ({methods}) under {seeds} each{where}, and report means "
        f"over seeds with {interval} t intervals.",
        ("student1908",),
    )


def _test(row: dict[str, Any], content: StudyContent) -> Sentence:
    name, keys = _TESTS[row["test"]]
    sides = _SIDES[str(row.get("alternative", "two-sided"))]
    baseline = find_baseline(content.comparisons)
    pairs = (
        "Each pair of methods was compared"
        if baseline is None
        else f"Each method was compared with the baseline {baseline}"
    )
    paired = "with runs of equal seeds paired" if row["paired"] else "without pairing runs of equal seeds"
    return f"{pairs} on each metric by {name} ({sides}), {paired}.", keys


def _correction(row: dict[str, Any]) -> Sentence:
    alpha = f"{row['alpha']:g}"
    if row["correction"] == "none":
        return f"p-values were not adjusted for the number of tests; alpha was {alpha} for each.", ()
    name, keys = _CORRECTIONS[row["correction"]]
    scope = "each metric's" if row["family"] == "metric" else "all"
    rate = "false discovery rate" if row["correction"] == "fdr_bh" else "family-wise error rate"
    tests = f"{row['family_size']} test{'s' * (row['family_size'] != 1)}"
    return f"p-values were adjusted by {name} over {scope} {tests}, at a {rate} of {alpha}.", keys


def _equivalence(content: StudyContent) -> Sentence:
    margins = content.comparisons.dropna(subset=["margin"]).drop_duplicates("metric")
    named = in_words(f"{row['margin']:g} for {row['metric']}" for row in records(margins))
    return (
        f"Equivalence and non-inferiority were tested by two one-sided tests with the margin {named}, "
        "adjusted in the same way.",
        ("schuirmann1987",),
    )


def _estimates(row: dict[str, Any]) -> Iterator[Sentence]:
    level = percent(row["alpha"])
    error = {"ttest_ind": "student1908"}.get(row["test"], "student1908" if row["paired"] else "welch1947")
    yield (f"Differences of means are given with {level} t intervals,", (error,))
    yield ("and with simultaneous ones at Bonferroni's level.", ("dunn1961",))
    name, keys = _EFFECTS[row["effect_name"]]
    if row["effect_name"] == "rank_biserial" and row["paired"]:
        keys = ("kerby2014", "wilson1927")
    yield f"The effect size is {name},", keys
    chance = "clopper1934" if row["paired"] else "newcombe2006"
    yield "beside the chance that a run of one method does better than one of the other.", (chance,)


def _over_datasets() -> Iterator[Sentence]:
    yield (
        "Over data sets, mean ranks of the means over seeds were tested by Friedman's test and its "
        "correction by Iman and Davenport,",
        ("friedman1937", "iman1980"),
    )
    yield (
        "pairs of methods by Wilcoxon's signed-rank test, with Nemenyi's critical difference beside it.",
        (
            "wilcoxon1945",
            "demsar2006",
        ),
    )
    yield "Performance profiles pool the runs of all data sets.", ("dolan2002", "agarwal2021")


def _power(row: dict[str, Any], content: StudyContent) -> Sentence:
    test = find_test(row["test"])
    if test.is_t_test:
        return "Power was computed from the noncentral t distribution for normal scores.", ("cohen1988",)
    needed = content.comparisons["seeds_needed_80"]
    numbers = [len(read_labels(content.ds).seeds), *needed[np.isfinite(needed)]]
    how = how_found(test.name, numbers)
    if how == "simulated":
        return "Power was simulated for normal scores.", ("cohen1988",)
    ranks = test.compares == "ranks"
    in_place = f"that of the t test{' with 3/pi of the seeds' * ranks}"
    keys = ("cohen1988", "hodges1956") if ranks else ("cohen1988", "hoeffding1952")
    if how == "asymptotic":
        return f"Power was approximated for normal scores by {in_place}.", keys
    most = MOST_SIMULATED[test.name]
    return f"Power was simulated for normal scores, and approximated by {in_place} beyond {most} seeds.", keys
