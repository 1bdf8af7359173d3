import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.errors import ConfigError, FigureError, UnknownNameError
from mushin.figures.power_curve import draw_power_curve
from mushin.planned_power import power


def test_curves_pass_through_the_planned_power():
    design = power(3, 5)
    (axes,) = draw_power_curve(compare_methods(made_study(n_seeds=5))).axes
    for effect, chance in design.chance.items():
        needed = design.seeds_needed[effect]
        line = line_named(axes, f"d = {effect:g}: {needed:.0f} seeds for 80%")
        at_study = list(line.get_xdata()).index(5)
        assert line.get_ydata()[at_study] == pytest.approx(chance)


def test_the_study_is_marked_at_its_number_of_seeds():
    (axes,) = draw_power_curve(compare_methods(made_study(n_seeds=7))).axes
    assert line_named(axes, "this study").get_xdata() == [7, 7]
    assert axes.get_xlabel() == "seeds per method (n)"


def test_against_effect_the_study_is_marked_at_what_it_detects():
    figure = draw_power_curve(compare_methods(made_study(n_seeds=5)), against="effect")
    detectable = power(3, 5).detectable_effect
    assert line_named(figure.axes[0], "this study").get_xdata()[0] == pytest.approx(detectable)
    assert f"d = {detectable:.2f}" in texts_of(figure)
    assert "n = 5 (this study)" in texts_of(figure)


def test_the_smallest_number_of_runs_counts():
    ds = made_study(n_seeds=6)
    ds["accuracy"][0, :2] = float("nan")
    table = compare_methods(ds, allow_incomplete=True)
    assert "this study has 4 seeds" in texts_of(draw_power_curve(table)).replace("\n", " ")


def test_a_test_that_cannot_claim_has_no_power_there():
    figure = draw_power_curve(compare_methods(made_study(n_seeds=3), test="wilcoxon"))
    line = figure.axes[0].get_lines()[0]
    assert dict(zip(line.get_xdata(), line.get_ydata(), strict=True))[3] == 0.0
    assert "true effect d_z" in texts_of(figure)


def test_the_note_says_test_level_and_that_scores_are_not_used():
    said = texts_of(draw_power_curve(compare_methods(made_study(), alternative="less"))).replace("\n", " ")
    assert "welch, one-sided, holm over 3 tests, alpha 0.05: p must reach 0.0167" in said
    assert "not computed from the observed scores" in said


@pytest.mark.parametrize(
    ("against", "how"), [("seeds", "asymptotic beyond 7 seeds"), ("effect", "simulated for")]
)
def test_the_note_says_from_where_on_power_is_asymptotic(against, how):
    table = compare_methods(made_study(["a", "b"], n_seeds=5)).assign(test="permutation", n_a=1, n_b=1)
    assert how in texts_of(draw_power_curve(table, against=against)).replace("\n", " ")


@pytest.mark.parametrize("against", ["seeds", "effect"])
def test_an_effect_named_twice_has_one_curve(against):
    table = compare_methods(made_study())
    twice, once = (draw_power_curve(table, against=against, effects=of) for of in ((2.0, 2.0), (2.0,)))
    assert len(twice.axes[0].get_lines()) == len(once.axes[0].get_lines())


def test_a_method_without_runs_has_no_power_against_the_effect():
    table = compare_methods(made_study()).assign(n_a=0)
    with pytest.raises(FigureError, match=r"a method has no run.*draw it against='seeds'"):
        draw_power_curve(table, against="effect")
    assert "this study has 0 seeds" in texts_of(draw_power_curve(table)).replace("\n", " ")


def test_wrong_options_are_refused():
    table = compare_methods(made_study())
    with pytest.raises(UnknownNameError, match="did you mean 'seeds'"):
        draw_power_curve(table, against="seed")
    with pytest.raises(ConfigError, match="name numbers above 0"):
        draw_power_curve(table, effects=[0.0])
    with pytest.raises(FigureError, match="the comparisons have no rows"):
        draw_power_curve(table.iloc[:0])


@pytest.mark.parametrize("against", ["seeds", "effect"])
@pytest.mark.parametrize("n_seeds", [2, 30])
def test_texts_are_apart(against, n_seeds):
    check_readable(draw_power_curve(compare_methods(made_study(n_seeds=n_seeds)), against=against))
