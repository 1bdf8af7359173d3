import numpy as np
import pytest
import xarray as xr

from figure_checks import check_readable, line_named, texts_of
from mushin.errors import FigureError
from mushin.figures.reliability import draw_reliability


def _calibration(methods=("cnn", "mlp"), n_seeds=3):
    rng = np.random.default_rng(0)
    shape = (len(methods), n_seeds, 16)
    count = rng.integers(20, 60, shape)
    count[..., :5] = 0
    count[..., 5] = 1
    middle = np.append((np.arange(15) + 0.5) / 15, 1.0)
    dims = ("method", "seed", "bin")
    return xr.Dataset(
        {
            "calibration_count": (dims, count),
            "calibration_confidence": (dims, count * middle),
            "calibration_correct": (dims, rng.binomial(count, 0.9 * middle)),
            "ece": (dims[:2], np.full(shape[:2], 0.1)),
        },
        coords={"method": list(methods), "seed": range(n_seeds)},
    )


def _diagrams(figure):
    return [axes for axes in figure.axes if axes.get_title(loc="left")]


def test_points_are_confidence_and_accuracy_of_all_samples_in_a_bin():
    ds = _calibration()
    axes = _diagrams(draw_reliability(ds))[1]
    of_method = ds.sel({"method": "mlp"}).sum("seed").isel(bin=slice(6, None))
    line = line_named(axes, "bins")
    np.testing.assert_allclose(
        line.get_xdata(), of_method["calibration_confidence"] / of_method["calibration_count"]
    )
    np.testing.assert_allclose(
        line.get_ydata(), of_method["calibration_correct"] / of_method["calibration_count"]
    )


def test_bins_with_few_samples_are_hollow_and_empty_ones_are_absent():
    axes = _diagrams(draw_reliability(_calibration()))[0]
    few = line_named(axes, "bins of few samples")
    assert len(few.get_xdata()) == 1
    assert few.get_markerfacecolor() == "white"
    assert len(line_named(axes, "bins").get_xdata()) == 10


def test_squares_keep_their_size_where_no_bin_holds_few_samples():
    ds = _calibration()
    ds["calibration_count"][..., 5] = 0
    figure = draw_reliability(ds)
    figure.draw_without_rendering()
    for axes in _diagrams(figure):
        assert axes.get_window_extent().width > 1.5 * figure.dpi


def test_every_run_has_a_line_and_the_diagonal_is_there():
    axes = _diagrams(draw_reliability(_calibration()))[0]
    assert [line_named(axes, f"run {i}").get_xdata().size for i in range(3)] == [10, 10, 10]
    np.testing.assert_array_equal(line_named(axes, "calibrated").get_ydata(), [0, 1])


def test_histograms_hold_the_shares_of_samples():
    figure = draw_reliability(_calibration())
    heights = [patch.get_height() for patch in figure.axes[1].patches]
    assert len(heights) == 16
    assert sum(heights) == pytest.approx(1.0)


def test_titles_name_the_calibration_error_and_the_note_n():
    figure = draw_reliability(_calibration())
    assert _diagrams(figure)[0].get_title(loc="left") == "cnn (mean ECE 0.1)"
    said = texts_of(figure).replace("\n", " ")
    assert "n = 3 runs" in said
    assert "confidence (share)" in said


def test_methods_without_runs_are_named():
    ds = _calibration()
    ds["calibration_count"][1] = 0
    ds["ece"][1] = np.nan
    assert "Without any run: mlp." in texts_of(draw_reliability(ds)).replace("\n", " ")


def test_results_without_probabilities_are_refused():
    ds = _calibration().drop_vars("calibration_count").assign_attrs(task="segmentation")
    with pytest.raises(FigureError, match="hold no calibration bins, which need probabilities"):
        draw_reliability(ds)


@pytest.mark.parametrize("n_methods", [1, 2, 12])
def test_texts_are_apart(n_methods):
    check_readable(draw_reliability(_calibration([f"method {i}" for i in range(n_methods)])))
