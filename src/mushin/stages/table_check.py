"""Tell whether the tables of a study are those of its merged results; times of files cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import DataError
from mushin.layout import RESULTS
from mushin.report.read_table import read_table


def why_tables_are_old(
    results: Path, ds: xr.Dataset, comparisons: pd.DataFrame, summary: pd.DataFrame
) -> str:
    """Say which table in a folder was made from other scores; empty where none was.

    Parameters
    ----------
    results : Path
        The results folder.
    ds : Dataset
        Its ``compare.nc``.
    comparisons : DataFrame
        Its ``comparisons.csv``.
    summary : DataFrame
        What `mushin.summaries.summarise_methods` makes of `ds`.
    """
    return next(_differences(results, ds, comparisons, summary), "")


def _differences(
    results: Path, ds: xr.Dataset, comparisons: pd.DataFrame, summary: pd.DataFrame
) -> Iterator[str]:
    other = f"other scores than {results / RESULTS} holds"
    if not _compares(comparisons, summary):
        yield f"{results / 'comparisons.csv'} compares {other}"
    ranks, over = (results / name for name in ("ranks.csv", "over_datasets.csv"))
    if "dataset" in ds.dims and ranks.is_file() and over.is_file():
        try:
            wanted = compare_over_datasets(ds, allow_incomplete=True).ranks
        except DataError as error:
            yield f"{ranks} ranks {other}: {error}"
            return
        if not _ranks(read_table(ranks), wanted):
            yield f"{ranks} ranks {other}"
        if not _ranks_pairs(read_table(over), wanted):
            yield f"{over} compares {other}"


def _compares(comparisons: pd.DataFrame, summary: pd.DataFrame) -> bool:
    """Tell whether both methods of every pair have the means of the summary, and none is left out."""
    keys = [key for key in ("metric", "dataset") if key in summary and key in comparisons]
    means = summary.assign(method=summary["method"].astype(str))[[*keys, "method", "mean"]]
    sides = [
        comparisons[[*keys, f"method_{side}", f"mean_{side}", "n_missing"]].set_axis(
            [*keys, "method", "compared", "n_missing"], axis=1
        )
        for side in "ab"
    ]
    found = pd.concat(sides).astype({"method": str}).merge(means, on=[*keys, "method"], how="left")
    if set(found["method"]) != set(means["method"]):
        return False
    # A paired test leaves out runs without a partner, and a diverged run has no mean.
    whole = found["n_missing"].eq(0) & np.isfinite(found["compared"])
    return _are_close(found["compared"][whole], found["mean"][whole])


def _ranks(ranks: pd.DataFrame, wanted: pd.DataFrame) -> bool:
    """Tell whether every method has the mean rank that it should have."""
    keys = ["metric", "method"]
    both = _with_text(ranks).merge(_with_text(wanted), on=keys, how="outer", suffixes=("", "_wanted"))
    return _are_close(both["mean_rank"], both["mean_rank_wanted"])


def _ranks_pairs(over: pd.DataFrame, wanted: pd.DataFrame) -> bool:
    """Tell whether the mean ranks of every pair differ as they should."""
    mean_ranks = _with_text(wanted).set_index(["metric", "method"])["mean_rank"]
    sides = [
        mean_ranks.reindex(pd.MultiIndex.from_arrays([over["metric"], over[f"method_{side}"].astype(str)]))
        for side in "ab"
    ]
    return _are_close(over["rank_diff"], sides[0].to_numpy() - sides[1].to_numpy())


def _with_text(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(method=table["method"].astype(str))


def _are_close(found: Any, wanted: Any) -> bool:
    one, other = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))
