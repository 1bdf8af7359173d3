from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr

import mushin
from mushin import BenchmarkResult
from mushin.errors import ConfigError, DataError, FigureError, UnknownNameError

ACCURACY = {"a": [0.80, 0.82, 0.81, 0.83], "b": [0.90, 0.91, 0.92, 0.91], "c": [0.81, 0.80, 0.83, 0.82]}
ECE = {"a": [0.10, 0.12, 0.11, 0.13], "b": [0.05, 0.06, 0.04, 0.05], "c": [0.10, 0.13, 0.12, 0.11]}


def scores(values: dict[str, list[float]], *, higher_is_better: bool) -> xr.DataArray:
    return xr.DataArray(
        list(values.values()),
        coords={"method": list(values), "seed": range(4)},
        dims=("method", "seed"),
        attrs={"higher_is_better": higher_is_better, "valid_range": (0, 1)},
    )


@pytest.fixture
def ds() -> xr.Dataset:
    return xr.Dataset(
        {
            "accuracy": scores(ACCURACY, higher_is_better=True),
            "ece": scores(ECE, higher_is_better=False),
        }
    )


def test_scores_of_a_method_are_a_row_per_seed(ds: xr.Dataset) -> None:
    table = BenchmarkResult.from_dataset(ds).scores("b")
    assert table.index.name == "seed"
    assert table["accuracy"].tolist() == ACCURACY["b"]
    assert table["ece"].tolist() == ECE["b"]


def test_an_unknown_method_has_no_scores(ds: xr.Dataset) -> None:
    with pytest.raises(UnknownNameError, match="method 'd' is unknown; Known: a, b, c"):
        BenchmarkResult.from_dataset(ds).scores("d")


def test_summary_has_the_mean_of_every_method(ds: xr.Dataset) -> None:
    table = BenchmarkResult.from_dataset(ds).summary().set_index(["metric", "method"])
    assert table.loc[("accuracy", "b"), "mean"] == pytest.approx(np.mean(ACCURACY["b"]))
    assert "decision" not in table


@pytest.mark.parametrize("reference", ["a", "b", "c"])
def test_summary_compares_with_a_reference_in_the_family_of_all_pairs(ds: xr.Dataset, reference: str) -> None:
    result = BenchmarkResult.from_dataset(ds)
    table = result.summary(reference=reference).set_index(["metric", "method"])
    assert np.isnan(table.loc[("accuracy", reference), "difference"])
    pairs = result.comparisons.set_index(["metric", "method_a", "method_b"])
    turned = {"better": "worse", "worse": "better"}
    for metric, values in (("accuracy", ACCURACY), ("ece", ECE)):
        for method in {"a", "b", "c"} - {reference}:
            row = table.loc[(metric, method)]
            difference = np.mean(values[method]) - np.mean(values[reference])
            assert row["difference"] == pytest.approx(difference)
            assert row["difference_low"] < difference < row["difference_high"]
            if (metric, method, reference) in pairs.index:
                pair = pairs.loc[(metric, method, reference)]
                assert row["decision"] == pair["decision"]
            else:
                pair = pairs.loc[(metric, reference, method)]
                assert row["decision"] == turned.get(pair["decision"], pair["decision"])
            assert row["p_corrected"] == pytest.approx(pair["p_corrected"], rel=1e-12)


def test_an_unknown_reference_is_refused(ds: xr.Dataset) -> None:
    with pytest.raises(UnknownNameError, match="reference: method 'd' is unknown"):
        BenchmarkResult.from_dataset(ds).summary(reference="d")


def test_a_reference_that_was_not_the_baseline_is_refused(ds: xr.Dataset) -> None:
    result = BenchmarkResult.from_dataset(ds, baseline="a")
    assert result.summary(reference="a")["decision"].notna().sum() == 4
    with pytest.raises(ConfigError, match="compared with the baseline 'a' only; compare all pairs"):
        result.summary(reference="b")


ROLES = {"method": "model", "seed": "rep", "dataset": "corpus", "higher_is_better": {"accuracy": True}}


def test_dimensions_of_other_names_are_renamed_once(ds: xr.Dataset) -> None:
    two = xr.concat([ds, ds], xr.IndexVariable("dataset", ["x", "y"]), combine_attrs="override")
    other = two.rename(method="model", seed="rep", dataset="corpus")
    del other["accuracy"].attrs["higher_is_better"]
    found = BenchmarkResult.from_dataset(other, **ROLES, alpha=0.01)
    plain = BenchmarkResult.from_dataset(two, alpha=0.01)
    assert dict(found.options) == {"alpha": 0.01}
    assert found.methods == plain.methods
    assert repr(found) == repr(plain)
    assert found._repr_html_() == plain._repr_html_()
    reference = plain.methods[0]
    assert found.summary(reference=reference).equals(plain.summary(reference=reference))
    assert found.scores(reference).equals(plain.scores(reference))


def test_combinations_of_dimensions_are_methods(ds: xr.Dataset) -> None:
    swept = ds.isel(method=[0, 1]).rename(method="model").expand_dims(lr=[0.1, 0.2])
    found = BenchmarkResult.from_dataset(swept, method=("model", "lr"))
    assert len(found.methods) == 4
    assert str(found.methods[0]) in repr(found)


def test_several_data_sets_are_summarised_one_by_one(ds: xr.Dataset) -> None:
    both = xr.concat([ds, ds], xr.DataArray(["x", "y"], dims="dataset", name="dataset"))
    result = BenchmarkResult.from_dataset(both)
    assert repr(result).startswith("2 data sets, 3 methods, 4 seeds\n")
    assert len(result.summary(reference="a")) == 2 * 2 * 3
    assert result.scores("a").index.names == ["dataset", "seed"]


def test_the_text_says_who_is_better_and_who_is_not_told_apart(ds: xr.Dataset) -> None:
    text = repr(BenchmarkResult.from_dataset(ds))
    assert "accuracy: a is worse than b" in text
    assert "ece: a is worse than b" in text
    assert "accuracy: a v c: inconclusive" in text
    assert "0.910 ± 0.013" in text


def test_markdown_holds_both_tables(ds: xr.Dataset) -> None:
    text = BenchmarkResult.from_dataset(ds).to_markdown()
    assert "| method" in text
    assert "better" in text
    assert "adjusted by holm" in text


def test_a_saved_result_opens_with_the_same_decisions(ds: xr.Dataset, tmp_path: Path) -> None:
    result = BenchmarkResult.from_dataset(ds, test="permutation")
    path = result.save(tmp_path / "out" / "compare.nc")
    again = BenchmarkResult.open(path, test="permutation")
    assert again.comparisons.equals(result.comparisons)
    assert mushin.open_results(path)["accuracy"].equals(result.data["accuracy"])


def test_data_can_be_written_by_xarray(ds: xr.Dataset, tmp_path: Path) -> None:
    result = BenchmarkResult.from_dataset(ds)
    result.data.to_netcdf(tmp_path / "plain.nc")
    with xr.open_dataset(tmp_path / "plain.nc") as plain:
        np.testing.assert_array_equal(plain["accuracy"], result.data["accuracy"])


def test_scoring_again_needs_counts(ds: xr.Dataset) -> None:
    result = BenchmarkResult.from_dataset(ds)
    with pytest.raises(DataError, match="hold no confusion matrices"):
        result.score(["mcc"])
    counts = np.array([[5, 1], [2, 4]])
    names = ["no", "yes"]
    with_counts = ds.assign(
        confusion=(("method", "seed", "target", "prediction"), np.broadcast_to(counts, (3, 4, 2, 2)))
    ).assign_coords(target=names, prediction=names)
    rescored: Any = BenchmarkResult.from_dataset(with_counts, metrics=["accuracy"]).score(
        ["recall_per_class"]
    )
    assert rescored["recall_per_class"].sel({"method": "a", "seed": 0, "class": "no"}) == 5 / 6


def test_the_html_of_a_notebook_holds_means_decisions_and_pairs(ds: xr.Dataset) -> None:
    named = ds.assign_coords(method=["<a>", "b&c", "c"])
    html = BenchmarkResult.from_dataset(named)._repr_html_()
    root = ElementTree.fromstring(f"<div>{html.replace('<br>', '<br/>')}</div>")
    text = " ".join("".join(root.itertext()).split())
    assert "3 methods, 4 seeds" in text
    assert "0.910 ± 0.013" in text
    assert "accuracy: <a> is worse than b&c" in text
    assert root.find("details/summary") is not None


def test_latex_and_html_hold_both_tables(ds: xr.Dataset) -> None:
    result = BenchmarkResult.from_dataset(ds)
    assert [result.to_latex().count(f"\\begin{{{kind}}}") for kind in ("table", "longtable")] == [1, 1]
    assert result.to_html().count("<table") == 2


def test_figures_are_drawn_from_the_results(ds: xr.Dataset) -> None:
    result = BenchmarkResult.from_dataset(ds)
    figure: Any = result.plot(metrics=["ece"])
    assert figure.axes
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert result.plot("differences").axes
    with pytest.raises(UnknownNameError, match="figure 'score' is unknown; did you mean 'scores'"):
        result.plot("score")
    with pytest.raises(FigureError, match="histories"):
        result.plot("learning_curves")
    with pytest.raises(FigureError):
        result.plot("confusion")


def test_report_is_one_page(ds: xr.Dataset, tmp_path: Path) -> None:
    result = BenchmarkResult.from_dataset(ds)
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    for method in result.methods:
        assert str(method) in page
