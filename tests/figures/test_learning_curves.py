import numpy as np
import pytest

from figure_checks import check_readable, line_named, texts_of
from mushin.config.plan import CellName
from mushin.errors import FigureError, UnknownNameError
from mushin.figures.learning_curves import draw_learning_curves


def _histories(methods=("cnn", "mlp"), *, datasets=("digits",), n_seeds=3, n_epochs=10):
    rng = np.random.default_rng(0)
    return {
        CellName(dataset, method, seed): {
            "loss": list(1 / np.arange(1, n_epochs + 1) + rng.random(n_epochs)),
            "learning_rate": [0.1] * n_epochs,
        }
        for dataset in datasets
        for method in methods
        for seed in range(n_seeds)
    }


def _of(histories, method):
    return np.array([history["loss"] for cell, history in histories.items() if cell.method == method])


def test_lines_are_the_mean_over_seeds_and_bands_their_range():
    histories = _histories()
    (axes,) = draw_learning_curves(histories).axes
    for band, method in zip(axes.collections, ("cnn", "mlp"), strict=True):
        line = line_named(axes, method)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 11))
        np.testing.assert_allclose(line.get_ydata(), _of(histories, method).mean(axis=0))
        corners = band.get_paths()[0].vertices[:, 1]
        assert (corners.min(), corners.max()) == (_of(histories, method).min(), _of(histories, method).max())


def test_runs_of_different_length_are_averaged_where_they_are():
    histories = _histories(["cnn"])
    histories[CellName("digits", "cnn", 0)]["loss"] = [1.0, 2.0]
    figure = draw_learning_curves(histories)
    line = line_named(figure.axes[0], "cnn")
    others = np.array([histories[CellName("digits", "cnn", seed)]["loss"] for seed in (1, 2)])
    np.testing.assert_allclose(line.get_ydata()[2:], others.mean(axis=0)[2:])
    assert "1 run ended earlier or diverged" in texts_of(figure).replace("\n", " ")


def test_a_diverged_run_leaves_the_others_in_sight():
    histories = _histories(["cnn"])
    histories[CellName("digits", "cnn", 1)]["loss"][5:] = [float("inf"), float("nan")] * 2 + [1e300]
    figure = draw_learning_curves(histories)
    assert np.isfinite(line_named(figure.axes[0], "cnn").get_ydata()).all()
    assert "diverged" in texts_of(figure)


def test_values_over_orders_of_magnitude_get_a_logarithmic_axis():
    histories = {CellName("digits", "cnn", 0): {"loss": [10.0, 0.001]}}
    assert draw_learning_curves(histories).axes[0].get_yscale() == "log"
    assert draw_learning_curves(_histories(n_epochs=3)).axes[0].get_yscale() == "linear"


def test_methods_without_a_record_are_named_and_keep_the_others_colours():
    histories = {CellName("digits", "forest", 0): {}, **_histories()}
    with_forest, without = draw_learning_curves(histories), draw_learning_curves(_histories())
    assert "Without a record: forest." in texts_of(with_forest).replace("\n", " ")
    assert (
        line_named(with_forest.axes[0], "cnn").get_color() == line_named(without.axes[0], "mlp").get_color()
    )


def test_data_sets_have_panels_and_the_axes_and_note_say_unit_and_n():
    figure = draw_learning_curves(_histories(datasets=("voc", "city")))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["voc", "city"]
    assert figure.axes[0].get_ylabel() == "loss (no unit)"
    assert "n = 3 for each method" in texts_of(figure).replace("\n", " ")


def test_what_was_not_recorded_is_refused():
    with pytest.raises(UnknownNameError, match="quantity 'los' is unknown; did you mean 'loss'"):
        draw_learning_curves(_histories(), quantity="los")
    with pytest.raises(FigureError, match="no cell recorded a learning curve"):
        draw_learning_curves({CellName("digits", "forest", 0): {}})


@pytest.mark.parametrize("datasets", [("digits",), ("voc", "city", "wine", "brain")])
def test_texts_are_apart(datasets):
    methods = [f"a rather long name of method number {i}" for i in range(12)]
    check_readable(draw_learning_curves(_histories(methods, datasets=datasets)))
