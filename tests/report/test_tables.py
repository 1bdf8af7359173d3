import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mushin.comparisons import compare_methods
from mushin.report.tables import format_decisions, format_summary, to_csv, write_tables
from mushin.summaries import summarise_methods


def _study(*, datasets=None, n_seeds=5):
    dims = ("method", "seed") if datasets is None else ("dataset", "method", "seed")
    shape = (3, n_seeds) if datasets is None else (len(datasets), 3, n_seeds)
    rng = np.random.default_rng(0)
    base = np.array([0.9, 0.8, 0.8])[:, None]
    coords = {"method": ["cnn", "mlp", "a|b"], "seed": range(n_seeds)}
    if datasets is not None:
        coords["dataset"] = datasets
    accuracy = xr.DataArray(
        base + rng.normal(0, 0.01, shape), coords=coords, dims=dims, attrs={"higher_is_better": True}
    )
    loss = (accuracy * 1e-9).assign_attrs(higher_is_better=False)
    return xr.Dataset({"accuracy": accuracy, "loss": loss})


def _tables(ds, **options):
    return compare_methods(ds, **options), summarise_methods(ds)


def test_both_tables_are_written_in_four_formats(tmp_path):
    paths = write_tables(*_tables(_study()), tmp_path / "results")
    assert [path.name for path in paths] == [
        f"{table}.{ending}" for ending in ("csv", "md", "tex", "html") for table in ("comparisons", "summary")
    ]
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == sorted(p.name for p in paths)


def test_csv_gives_back_every_digit(tmp_path):
    tables = _tables(_study(datasets=["voc", "city"]))
    for path, table in zip(write_tables(*tables, tmp_path)[:2], tables, strict=True):
        read = pd.read_csv(
            path, keep_default_na=False, na_values={name: [""] for name in table.select_dtypes("number")}
        )
        pd.testing.assert_frame_equal(read, table, check_exact=True, check_dtype=False)


def test_same_tables_same_bytes_with_plain_line_ends(tmp_path):
    first = [path.read_bytes() for path in write_tables(*_tables(_study()), tmp_path / "one")]
    second = [path.read_bytes() for path in write_tables(*_tables(_study()), tmp_path / "two")]
    assert first == second
    assert all(b"\r" not in content and content.endswith(b"\n") for content in first)


def test_one_test_is_one_test(tmp_path):
    study = _study().isel(method=[0, 1])
    _, _, comparisons, *_ = write_tables(*_tables(study), tmp_path)
    assert "over each metric's 1 test, alpha" in comparisons.read_text()


def test_csv_keeps_nan_empty_and_inf_readable():
    table = pd.DataFrame({"mean": [np.nan, np.inf, 5e-324]})
    assert to_csv(table) == 'mean\n""\ninf\n5e-324\n'
    assert pd.read_csv(io.StringIO(to_csv(table)))["mean"].tolist()[1:] == [np.inf, 5e-324]


def test_markdown_says_what_was_done_before_the_table(tmp_path):
    _, _, comparisons, summary, *_ = write_tables(*_tables(_study(), alpha=0.1), tmp_path)
    heading, blank, columns, rule, *rows = comparisons.read_text().splitlines()
    assert heading.startswith(
        "Test: welch (unpaired), p adjusted by holm over each metric's 3 tests, alpha 0.1."
    )
    assert "underpowered: no runs of this number could" in heading
    assert blank == ""
    assert "90% interval" in columns
    assert set(rule) <= set("|:-")
    assert len(rows) == 6
    assert "a\\|b" in comparisons.read_text()
    assert summary.read_text().startswith("Mean over seeds with its 95% t interval")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"correction": "none"}, "p not adjusted"),
        ({"family": "table"}, "over the table's 6 tests"),
        ({"test": "ttest_rel"}, "ttest_rel (paired by seed)"),
        ({"margin": 0.5}, "non_inferior: not worse by more than it"),
        ({"primary": "accuracy"}, "flagged exploratory are not what the claim is about"),
    ],
)
def test_markdown_names_the_options(tmp_path, options, said):
    assert said in write_tables(*_tables(_study(), **options), tmp_path)[2].read_text()


def test_summary_for_the_terminal_has_methods_as_rows_and_metrics_as_columns():
    header, rule, *rows, note = format_summary(summarise_methods(_study())).splitlines()
    assert header.split() == ["method", "accuracy", "↑", "loss", "↓"]
    assert set(rule) <= {"-", " "}
    assert [row.split()[0] for row in rows] == ["cnn", "mlp", "a|b"]
    assert rows[0].split()[1:4] == ["0.900", "±", "0.005"]
    assert note == "↑ higher is better, ↓ lower is better; mean ± half of the 95% t interval"


def test_summary_for_the_terminal_names_datasets_missing_and_diverged_runs():
    ds = _study(datasets=["voc", "city"])
    ds["accuracy"][0, 0, 0] = np.nan
    ds["accuracy"][1, 1, 0] = np.inf
    text = format_summary(summarise_methods(ds))
    assert "(1 missing)" in text.splitlines()[2]
    assert "n/a (1 diverged)" in text.splitlines()[6]
    assert text.splitlines()[2].startswith("voc")


def test_decisions_are_one_line_each():
    lines = format_decisions(compare_methods(_study())).splitlines()
    assert lines[0].startswith("accuracy: cnn is better than mlp (+0.")
    assert ", adjusted p " in lines[0]
    assert lines[2].startswith("accuracy: mlp v a|b: inconclusive (")
    assert lines[3].startswith("loss: cnn is worse than mlp (+")


def test_decisions_say_why_nothing_can_be_claimed():
    few = format_decisions(compare_methods(_study(n_seeds=5), test="wilcoxon")).splitlines()
    assert few[0] == "accuracy: cnn v mlp: underpowered (5 and 5 runs can't give a claim in a family of 3)"
    one = format_decisions(compare_methods(_study(n_seeds=1, datasets=["voc"]))).splitlines()
    assert one[0] == "accuracy on voc: cnn v mlp: untestable (too_few_runs)"


def test_decisions_name_the_margin():
    lines = format_decisions(compare_methods(_study(), margin={"accuracy": 0.05})).splitlines()
    assert lines[2].startswith("accuracy: mlp is equivalent to a|b (")
    assert lines[2].endswith(", margin 0.05)")
