import numpy as np
import pandas as pd
import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.page.verdicts import CLAIMS, risk_of_false_claims, tally, verdicts

NOTHING_PROVEN = ("inconclusive", "underpowered", "untestable")


def _noise(n_seeds, n_methods=3):
    ds = made_study(list("abc")[:n_methods], n_seeds=n_seeds, metrics=["accuracy"])
    ds["accuracy"].values[:] = np.random.default_rng(1).normal(0.9, 0.01, ds["accuracy"].shape)
    return ds


def test_direction_of_the_metric_is_taken_into_account():
    found = verdicts(compare_methods(made_study()))
    assert [verdict.metric for verdict in found] == ["accuracy", "ece"]
    assert {verdict.sentences for verdict in found} == {
        ("cnn does better than mlp and linear.", "mlp does better than linear.")
    }


def test_inconclusive_never_reads_as_equal():
    (verdict,) = verdicts(compare_methods(_noise(5)))
    assert not verdict.is_claim
    assert verdict.sentences == (
        "Inconclusive: these runs do not tell a from b, a from c or b from c. "
        "That does not mean that they are equal.",
    )


def test_underpowered_says_that_no_scores_could_have_told():
    (verdict,) = verdicts(compare_methods(_noise(4), test="wilcoxon"))
    (sentence,) = verdict.sentences
    assert sentence.startswith("Underpowered: so few runs could not have told a from b")


def test_untestable_says_so_with_its_reason():
    ds = _noise(3, n_methods=2)
    ds["accuracy"][:] = 0.5
    (verdict,) = verdicts(compare_methods(ds))
    assert verdict.sentences == ("Untestable: no p-value exists that could tell a from b.",)
    assert "A always scores the same" in verdict.evidence[0]


def test_margin_gives_equivalence_in_words():
    (verdict,) = verdicts(compare_methods(_noise(12, n_methods=2), margin=0.05))
    assert verdict.sentences == ("a is equivalent to b within the margin 0.05.",)
    assert verdict.score == "1 of 1 pair gives a claim"


def test_exploratory_metrics_come_last():
    found = verdicts(compare_methods(made_study(), primary="ece"))
    assert [(verdict.metric, verdict.is_exploratory) for verdict in found] == [
        ("ece", False),
        ("accuracy", True),
    ]


def test_each_data_set_has_a_verdict_of_its_own():
    found = verdicts(compare_methods(made_study(datasets=["voc", "city"], metrics=["miou"])))
    assert [verdict.dataset for verdict in found] == ["voc", "city"]


def test_many_pairs_are_counted():
    ds = made_study(list("abcdef"), n_seeds=3, metrics=["accuracy"])
    ds["accuracy"].values[:] = np.random.default_rng(1).normal(0.9, 0.01, ds["accuracy"].shape)
    (verdict,) = verdicts(compare_methods(ds))
    assert "9 pairs more (see the table)" in verdict.sentences[0]


@pytest.mark.parametrize(("test", "n_seeds"), [("welch", 1), ("welch", 3), ("welch", 6), ("wilcoxon", 4)])
def test_claims_in_words_are_those_of_the_decisions(test, n_seeds):
    comparisons = compare_methods(made_study(n_seeds=n_seeds), test=test)
    for verdict in verdicts(comparisons):
        rows = comparisons[comparisons["metric"] == verdict.metric]
        claimed = {
            (row["method_a"], row["method_b"])
            if row["decision"] == "better"
            else (row["method_b"], row["method_a"])
            for row in rows.to_dict("records")
            if row["decision"] in ("better", "worse")
        }
        words = " ".join(verdict.sentences)
        for winner, loser in claimed:
            assert any(
                sentence.startswith(f"{winner} does better than") and loser in sentence
                for sentence in verdict.sentences
            )
        assert words.count("does better than") == len({winner for winner, _ in claimed})
        assert verdict.is_claim == rows["decision"].isin(CLAIMS).any()
        for decision in NOTHING_PROVEN:
            assert (f"{decision.capitalize()}:" in words) == (rows["decision"] == decision).any()


def test_risk_is_said_as_the_correction_and_the_family_have_it():
    def said(correction, family="metric", **margin):
        row = {"correction": [correction], "family": [family], "alpha": [0.05], **margin}
        return risk_of_false_claims(pd.DataFrame(row))

    assert said("holm", "table") == "The chance of any false claim is at most 0.05 for the whole table."
    assert said("holm", margin=[0.01]) == (
        "The chance of any false claim of a difference is at most 0.05 for each metric; the same"
        " holds again of equivalence, and of non-inferiority."
    )
    assert said("holm", margin=[np.nan]) == said("holm")
    assert "in every single comparison" in said("none")
    assert "a share of 0.05 at most is false on average" in said("fdr_bh")


def test_tally_counts_every_decision():
    decisions = ["better", "worse", "non_inferior", "untestable", "untestable"]
    assert (
        tally(pd.DataFrame({"decision": decisions}))
        == "5 comparisons: 2 better or worse, 1 non-inferior, 2 untestable"
    )
