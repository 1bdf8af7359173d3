"""A study on two data sets: tables over data sets beside those of each."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from scipy.stats import rankdata

import mushin
from tiny_study import Study, cells

pytestmark = pytest.mark.workflow

OVER_DATASETS = ("ranks.csv", "over_datasets.csv", "over_datasets.md")


def _read(study: Study, name: str) -> pd.DataFrame:
    return pd.read_csv(study.folder / "results" / name)


def test_two_data_sets_get_tables_over_data_sets_and_run_once(finished: Study) -> None:
    results = finished.folder / "results"
    assert not any((results / name).exists() for name in OVER_DATASETS)
    blobs = (finished.folder / "conf/data/blobs.yaml").read_text()
    (finished.folder / "conf/data/many.yaml").write_text(blobs.replace("samples: 90", "samples: 240"))
    with (finished.folder / "conf/config.yaml").open("a") as config:
        config.write("datasets: [blobs, many]\n")

    added = [f"many/{method}/{seed}" for method in ("near", "far") for seed in (0, 1)]
    assert finished.planned() == cells(*added)
    ran = finished.run()
    assert ran.returncode == 0, ran.stdout + ran.stderr

    ds = mushin.open_results(results / "compare.nc")
    assert ds["dataset"].values.tolist() == ["blobs", "many"]
    accuracy = ds["accuracy"].mean("seed")
    ranks = _read(finished, "ranks.csv").query("metric == 'accuracy'").set_index("method")
    expected = rankdata(-accuracy.transpose("dataset", "method"), axis=1).mean(axis=0)
    assert ranks["mean_rank"].to_dict() == dict(zip(ds["method"].values, expected, strict=True))
    assert set(ranks["n_datasets"]) == {2}

    pairs = _read(finished, "over_datasets.csv")
    (pair,) = pairs.query("metric == 'accuracy'").to_dict("records")
    assert (pair["method_a"], pair["method_b"]) == ("near", "far")
    wins = accuracy.sel(method="near") > accuracy.sel(method="far")
    assert pair["n_a_wins"] == int(wins.sum())
    assert pair["decision"] == "underpowered"
    text = (results / "over_datasets.md").read_text()
    assert "## accuracy" in text
    assert "2 data sets. Friedman" in text
    per_dataset = _read(finished, "comparisons.csv").query("metric == 'accuracy'")
    assert per_dataset["dataset"].tolist() == ["blobs", "many"]

    assert finished.planned() == Counter()
    (results / "ranks.csv").unlink()
    assert finished.planned() == Counter(["stats", "report"])
