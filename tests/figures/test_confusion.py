import numpy as np
import pytest
import xarray as xr

from figure_checks import check_readable, texts_of
from mushin.errors import ConfigError, FigureError, UnknownNameError
from mushin.figures.confusion import draw_confusion


def _counts(n_classes=3, methods=("cnn", "mlp"), *, n_seeds=3, name="class {}"):
    rng = np.random.default_rng(0)
    counts = rng.multinomial(20, np.ones(n_classes) / n_classes, size=(len(methods), n_seeds, n_classes))
    counts = counts + 50 * np.eye(n_classes, dtype=np.int64)
    classes = [name.format(i) for i in range(n_classes)]
    coords = {"method": list(methods), "seed": range(n_seeds), "target": classes, "prediction": classes}
    return xr.Dataset({"confusion": (("method", "seed", "target", "prediction"), counts)}, coords=coords)


def _matrices(figure):
    return [np.ma.getdata(axes.get_images()[0].get_array()) for axes in figure.axes if axes.get_images()]


def _panels(figure):
    return [axes for axes in figure.axes if axes.get_images()]


def test_matrices_are_the_mean_over_seeds_of_rows_that_add_up_to_one():
    ds = _counts()
    shares = ds["confusion"] / ds["confusion"].sum("prediction")
    drawn = _matrices(draw_confusion(ds))
    np.testing.assert_allclose(drawn[0], shares.sel({"method": "cnn"}).mean("seed"))
    np.testing.assert_allclose(drawn[1].sum(axis=1), 1.0)


def test_difference_is_first_minus_second_with_zero_in_the_middle():
    ds = _counts()
    first, second = _matrices(draw_confusion(ds))
    figure = draw_confusion(ds, difference=("mlp", "cnn"))
    (difference,) = _matrices(figure)
    np.testing.assert_allclose(difference, second - first)
    low, high = _panels(figure)[0].get_images()[0].get_clim()
    assert low == -high
    assert "Confusion of mlp minus that of cnn" in texts_of(figure)


def test_a_missing_run_is_left_out_and_said():
    ds = _counts()
    ds["confusion"][0, 0] = 0
    kept = ds.isel(method=0, seed=slice(1, None))
    expected = (kept["confusion"] / kept["confusion"].sum("prediction")).mean("seed")
    figure = draw_confusion(ds)
    np.testing.assert_allclose(_matrices(figure)[0], expected)
    assert "n = cnn 2, mlp 3" in texts_of(figure).replace("\n", " ")


def test_a_method_without_any_run_is_refused():
    ds = _counts()
    ds["confusion"][1] = 0
    with pytest.raises(FigureError, match="no run of mlp has a confusion matrix; run its cells"):
        draw_confusion(ds)


def test_a_class_without_samples_is_grey_and_said():
    ds = _counts()
    ds["confusion"][:, :, 1] = 0
    figure = draw_confusion(ds)
    assert np.isnan(_panels(figure)[0].get_images()[0].get_array().filled(np.nan)[1]).all()
    assert "Grey: a class without samples" in texts_of(figure).replace("\n", " ")


def test_numbers_are_written_up_to_twelve_classes():
    assert len(_panels(draw_confusion(_counts(12, ["cnn"])))[0].texts) > 12
    assert len(_panels(draw_confusion(_counts(21, ["cnn"])))[0].texts) == 0


def test_note_says_n_and_what_colours_mean():
    said = texts_of(draw_confusion(_counts())).replace("\n", " ")
    assert "Mean over n = 3 runs (seeds) of each method" in said
    assert "Colour: the share of the row" in said
    assert "share of the true class" in said


def test_data_sets_are_drawn_one_by_one():
    several = xr.concat([_counts(), _counts()], xr.DataArray(["voc", "city"], dims="dataset", name="dataset"))
    with pytest.raises(FigureError, match="2 data sets; name one: dataset='voc'"):
        draw_confusion(several)
    assert "on city" in texts_of(draw_confusion(several, dataset="city"))
    with pytest.raises(UnknownNameError, match="data set 'cty' is unknown; did you mean 'city'"):
        draw_confusion(several, dataset="cty")
    with pytest.raises(FigureError, match="hold one data set only"):
        draw_confusion(_counts(), dataset="city")


def test_data_sets_with_classes_of_their_own_come_from_the_groups():
    top = xr.Dataset(coords={"dataset": ["voc", "city"], "method": ["cnn", "mlp"], "seed": [0, 1, 2]})
    groups = {"voc": _counts(3), "city": _counts(4)}
    assert _matrices(draw_confusion(top, dataset="city", groups=groups))[0].shape == (4, 4)
    with pytest.raises(FigureError, match="hold no confusion matrices"):
        draw_confusion(top, dataset="city")


@pytest.mark.parametrize(
    ("difference", "error", "said"),
    [
        (("cnn", "vit"), UnknownNameError, "difference: method 'vit' is unknown"),
        ("cnn", ConfigError, "must name two methods"),
    ],
)
def test_difference_of_unknown_methods_is_refused(difference, error, said):
    with pytest.raises(error, match=said):
        draw_confusion(_counts(), difference=difference)


def test_a_task_without_classes_is_named():
    ds = _counts().drop_vars("confusion").assign_attrs(task="regression")
    with pytest.raises(FigureError, match=r"hold no confusion matrices \(task 'regression'\)"):
        draw_confusion(ds)


@pytest.mark.parametrize(
    ("ds", "options"),
    [
        (_counts(10, ["cnn", "mlp", "linear"]), {}),
        (_counts(21, ["cnn", "mlp"], name="a class with a long name {}"), {}),
        (_counts(150, ["cnn"]), {}),
        (_counts(3, [f"m{i}" for i in range(7)]), {}),
        (_counts(5), {"difference": ("cnn", "mlp")}),
    ],
)
def test_texts_are_apart(ds, options):
    check_readable(draw_confusion(ds, **options))
