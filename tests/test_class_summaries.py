"""Runs summarised by class."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mushin.class_summaries import summarise_classes
from mushin.report.tables import format_summary
from mushin.summaries import summarise_methods


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    attrs = {"higher_is_better": True, "valid_range": (0, 1)}
    dims = ("dataset", "method", "seed")
    coords = {
        "dataset": ["pets", "zoo"],
        "method": ["cnn", "mlp"],
        "seed": [0, 1, 2],
        "class": ["a", "b", "c"],
    }
    return xr.Dataset(
        {
            "mcc": (dims, rng.random((2, 2, 3)), attrs),
            "iou_per_class": ((*dims, "class"), rng.random((2, 2, 3, 3)), attrs),
        },
        coords=coords,
    )


@pytest.mark.parametrize("dataset", ["pets", None])
def test_each_class_is_summarised_as_if_it_were_alone(scores, dataset):
    ds = scores if dataset is None else scores.sel(dataset=dataset)
    table = summarise_classes(ds)
    assert set(table["metric"]) == {"iou_per_class"}
    keys = ["class", "method"] if dataset else ["dataset", "class", "method"]
    assert [name for name in table.columns if name in ("dataset", "class", "method")] == keys
    for label in ("a", "b", "c"):
        alone = summarise_methods(ds[["iou_per_class"]].sel({"class": label}, drop=True))
        rows = table[table["class"] == label].drop(columns="class").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, alone[rows.columns])


def test_terminal_shows_a_row_per_class_and_method(scores):
    lines = format_summary(summarise_classes(scores)).splitlines()
    assert lines[0].split()[:3] == ["dataset", "class", "method"]
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["pets", "a", "cnn"],
        ["pets", "a", "mlp"],
        ["pets", "b", "cnn"],
    ]
    assert len(lines) == 2 + 12 + 1
