import inspect

import pytest

from figure_checks import texts_of
from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.config.plan import CellName
from mushin.errors import ConfigError, FigureError, UnknownNameError
from mushin.figures.registry import FIGURES, available_figures, plot


def test_every_kind_has_a_function_whose_arguments_it_names():
    assert available_figures() == tuple(FIGURES)
    for kind in FIGURES.values():
        parameters = list(inspect.signature(kind.draw).parameters.values())
        positional = [
            parameter.name for parameter in parameters if parameter.kind is not parameter.KEYWORD_ONLY
        ]
        assert positional == list(kind.needs)
        assert kind.is_for_one_dataset == ("dataset" in [parameter.name for parameter in parameters])


def test_plot_hands_on_what_the_kind_needs_and_its_options():
    ds = made_study()
    figure = plot("differences", ds, comparisons=compare_methods(ds), metrics=["ece"])
    assert len(figure.axes) == 1
    histories = {CellName("digits", "cnn", 0): {"loss": [2.0, 1.0]}}
    assert "training loss" in texts_of(plot("learning_curves", ds, histories=histories))


def test_an_unknown_kind_is_refused_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="figure 'diferences' is unknown; did you mean 'differences'"):
        plot("diferences", made_study())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("differences", "needs comparisons: the table of compare_methods"),
        ("power_curve", "needs comparisons"),
        ("learning_curves", "needs histories"),
        ("costs", "needs costs: the costs of the cells, which costs.csv holds; pass costs=..."),
    ],
)
def test_what_a_figure_needs_is_named(kind, said):
    with pytest.raises(FigureError, match=said):
        plot(kind, made_study())


def test_an_unknown_option_is_refused_with_a_suggestion():
    with pytest.raises(
        ConfigError, match=r"has no option 'metric'; did you mean 'metrics'\? Accepted: metrics"
    ):
        plot("scores", made_study(), metric="ece")
