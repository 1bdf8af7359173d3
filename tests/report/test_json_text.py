from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mushin.report.json_text import to_json


@dataclass(frozen=True)
class Pair:
    a: float
    names: tuple[str, ...]


def test_every_kind_of_value_becomes_valid_json() -> None:
    content = {
        "count": np.int64(3),
        "score": np.float64(0.1),
        "flag": np.bool_(True),
        "nan": float("nan"),
        "inf": np.float32("inf"),
        "path": Path("results") / "compare.nc",
        "pair": Pair(0.5, ("µ", "b")),
        "array": np.array([1.0, np.nan]),
        "nothing": None,
        0.5: {1: "one"},
        "table": pd.DataFrame({"metric": ["miou"], "sd": [np.nan], "n": [2], "best": [True]}),
    }
    assert json.loads(to_json(content)) == {
        "count": 3,
        "score": 0.1,
        "flag": True,
        "nan": None,
        "inf": None,
        "path": "results/compare.nc",
        "pair": {"a": 0.5, "names": ["µ", "b"]},
        "array": [1.0, None],
        "nothing": None,
        "0.5": {"1": "one"},
        "table": [{"metric": "miou", "sd": None, "n": 2, "best": True}],
    }


def test_what_has_no_form_in_json_is_named() -> None:
    with pytest.raises(TypeError, match="complex has no form in JSON"):
        to_json([1j])
