import pandas as pd
import pytest

from mushin.report.read_table import read_table
from mushin.report.tables import to_csv

LABELS = ("metric", "units", "dataset", "class", "method", "method_a", "method_b", "flags")


@pytest.mark.parametrize("label", ["1", "007", "NA", "nan", "1.0", "a,b"])
def test_labels_stay_the_text_that_they_were(tmp_path, label):
    (tmp_path / "summary.csv").write_text(to_csv(pd.DataFrame([{**dict.fromkeys(LABELS, label), "n": 3}])))
    (row,) = read_table(tmp_path / "summary.csv").to_dict("records")
    assert row == {**dict.fromkeys(LABELS, label), "n": 3}


def test_empty_number_is_nan_and_no_unit_or_flag_is_empty_text(tmp_path):
    (tmp_path / "summary.csv").write_text("metric,units,mean,flags\nloss,,,\n")
    (row,) = read_table(tmp_path / "summary.csv").to_dict("records")
    assert (row["units"], row["flags"]) == ("", "")
    assert row["mean"] != row["mean"]
