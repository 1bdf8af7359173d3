from dataclasses import replace

import numpy as np
import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.page.design import describe_design, planned_design
from mushin.planned_power import power


def _noise(n_seeds):
    ds = made_study(["a", "b"], n_seeds=n_seeds, metrics=["accuracy"])
    ds["accuracy"].values[:] = np.random.default_rng(1).normal(0.9, 0.01, ds["accuracy"].shape)
    return ds


@pytest.mark.parametrize(
    "options", [{}, {"family": "table"}, {"baseline": "mlp"}, {"correction": "none"}, {"paired": True}]
)
def test_design_is_that_of_the_comparisons(options):
    ds = made_study()
    comparisons = compare_methods(ds, **options)
    design = planned_design(ds, comparisons)
    assert design.family_size == comparisons["family_size"].iloc[0]
    assert design.test == comparisons["test"].iloc[0]
    assert (design.n_methods, design.n_seeds) == (3, 5)


def test_numbers_are_those_of_power():
    ds = made_study()
    text = describe_design(ds, compare_methods(ds))
    expected = power(3, 5)
    assert f"d = {expected.detectable_effect:.2f} is found four times in five" in text.sentences[0]
    assert [row.seeds for row in text.effects] == [f"{n:.0f}" for n in expected.seeds_needed.values()]
    assert text.open_pairs == ()


def test_pairs_without_a_claim_say_how_many_seeds_more():
    ds = _noise(5)
    comparisons = compare_methods(ds)
    (pair,) = describe_design(ds, comparisons).open_pairs
    needed = comparisons["seeds_needed_80"].iloc[0]
    assert (pair.pair, pair.decision) == ("a v b", "inconclusive")
    assert pair.seeds == f"{needed:,.0f}"
    assert pair.more == f"{needed - 5:+,.0f}"


@pytest.mark.parametrize(("alternative", "seeds"), [("greater", "none"), ("less", "10")])
def test_difference_on_the_side_that_is_not_tested_needs_no_number_of_seeds(alternative, seeds):
    ds = made_study(["a", "b"], n_seeds=4, metrics=["loss"])
    ds["loss"].values[:] = [[0.4, 0.5, 0.6, 0.5], [0.3, 0.4, 0.5, 0.4]]  # lower is better: a does worse
    (pair,) = describe_design(ds, compare_methods(ds, alternative=alternative)).open_pairs
    assert pair.seeds == seeds


def test_difference_of_nothing_is_never_found():
    ds = made_study(["a", "b"], n_seeds=3, metrics=["accuracy"])
    ds["accuracy"].values[:] = [[0.4, 0.5, 0.6], [0.6, 0.4, 0.5]]
    (pair,) = describe_design(ds, compare_methods(ds)).open_pairs
    assert (pair.seeds, pair.more) == ("none", "n/a")


@pytest.mark.parametrize(
    ("chance", "shown"), [(0.995, "> 99 %"), (0.9949, "99 %"), (1.0, "> 99 %"), (0.5, "50 %")]
)
def test_no_chance_is_rounded_up_to_certainty(monkeypatch, chance, shown):
    ds = made_study()
    comparisons = compare_methods(ds)
    design = replace(planned_design(ds, comparisons), chance={2.0: chance}, seeds_needed={2.0: 8.0})
    monkeypatch.setattr("mushin.page.design.planned_design", lambda *_: design)
    assert [row.chance for row in describe_design(ds, comparisons).effects] == [shown]


@pytest.mark.parametrize(
    ("options", "how"),
    [({}, "exact"), ({"test": "mannwhitney"}, "simulated, and asymptotic beyond 30 seeds,")],
)
def test_how_power_is_found_counts_the_seeds_that_effects_need(options, how):
    ds = _noise(4)
    told = describe_design(ds, compare_methods(ds, **options)).sentences[-1]
    assert told == f"Power is {how} for normal scores with the same spread for every method."


def test_design_without_any_claim_says_so():
    ds = _noise(2)
    text = describe_design(ds, compare_methods(ds))
    assert text.sentences[0] == "No claim is possible with this design, whatever the scores."


def test_smallest_p_of_a_rank_test_is_told():
    ds = _noise(4)
    text = describe_design(ds, compare_methods(ds, test="mannwhitney"))
    assert "The smallest adjusted p that 4 seeds per method can give is 0.0286" in " ".join(text.sentences)
