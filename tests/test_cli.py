"""The command line, in this process, on the tiny study."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mushin
from mushin.cells import read_cell
from mushin.cli import main
from tiny_study import Command, replace_once


def errors(printed: str) -> list[str]:
    return [
        line.removeprefix("mushin: error: ") for line in printed.splitlines() if line.startswith("mushin: ")
    ]


def test_commands_run_by_hand_from_cell_to_tables(here: Path, command: Command) -> None:
    for method in ("near", "far"):
        for seed in (0, 1):
            assert command("train", f"blobs/{method}/{seed}")[0] == 0
            status, out, _ = command("evaluate", f"{method}/{seed}")
            assert (status, f"wrote results/blobs/{method}/{seed}/cell.nc" in out) == (0, True)
    assert "4 cells: 4 complete, 0 to run" in command("plan")[1]
    assert "wrote results/compare.nc" in command("aggregate")[1]
    assert "wrote results/comparisons.csv" in command("stats")[1]
    log = command("train", "near/0")[1]
    assert re.match(r"train blobs/near/0: 20\S+Z on \S+, .*mushin \S+, numpy \S+, torch \S+, Python ", log)
    assert "hosts" in command("show", "results/compare.nc")[1]
    assert "near.Centroids" in command("show", "results/compare.nc", "--cell", "near/0")[1]
    assert "near.Centroids" in command("show", "--cell", "blobs/near/0")[1]
    status, out, _ = command("show")
    assert status == 0
    for expected in ("near", "far", "accuracy", "results/compare.nc", "results/summary.md"):
        assert expected in out


def test_settings_as_the_rules_pass_them_give_the_same_bytes(here: Path, command: Command) -> None:
    command("train", "near/0")
    record = json.loads((here / "results/blobs/near/0/train.json").read_text())
    texts = [record["settings"][group] for group in ("data", "method", "training")]
    assert command("train", "blobs/near/0", "--results", "other", "--settings", *texts)[0] == 0
    for name in ("model.pt", "train.json"):
        assert (here / "other/blobs/near/0" / name).read_bytes() == (
            here / "results/blobs/near/0" / name
        ).read_bytes()


def test_plan_tells_a_trained_cell_from_a_missing_one(here: Path, command: Command) -> None:
    command("train", "near/0")
    out = command("plan")[1]
    assert "trained, not evaluated" in out
    assert out.count("missing") == 3


def test_plan_for_programs_says_what_runs_why_and_what_can_be_claimed(here: Path, command: Command) -> None:
    status, out, err = command("plan", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["format"], found["results"], found["n_to_run"]) == ("mushin-plan/1", "results", 4)
    assert found["cells"][0] == {
        "dataset": "blobs",
        "method": "near",
        "seed": 0,
        "runs": ["train", "evaluate"],
        "reason": "missing",
    }
    assert found["power"]["n_seeds"] == 2
    assert found["power_text"][0].startswith("2 methods x 2 seeds, welch")
    alone = json.loads(command("plan", "--json", "methods=near", "seeds=0")[1])
    assert (alone["n_cells"], alone["power"], alone["power_text"]) == (1, None, [])
    assert "2 methods x 1 seed, welch" in command("plan", "seeds=0")[1]


def test_cell_keeps_where_its_numbers_come_from(here: Path, command: Command) -> None:
    command("train", "near/0")
    command("evaluate", "near/0")
    cell = read_cell(here / "results/blobs/near/0/cell.nc")
    assert json.loads(cell.provenance["settings_method"].removeprefix("method="))["scale"] == 1.0
    assert set(cell.provenance) >= {
        "sources_method",
        "settings_task",
        "checkpoint_sha256",
        "targets_digest",
        "trained_with_torch",
    }
    assert str(here) not in " ".join(cell.provenance.values())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("train", "near"), "'near' is no cell; accepted: DATASET/METHOD/SEED"),
        (("train", "blobs/near/x"), "'blobs/near/x' is no cell"),
        (("train", f"blobs/near/{2**64}"), "accepted: DATASET/METHOD/SEED, seeds from 0 to 4294967295"),
        (("train", "blobs/near/" + "9" * 5000), "is no cell"),
        (
            ("aggregate", "--datasets", "blobs", "--methods", "../near", "--seeds", "0"),
            "cell blobs/../near/0: '../near' is not a name; accepted: letters",
        ),
        (
            ("plan", "results=../elsewhere"),
            "'../elsewhere' came; accepted: a folder below this one, or an absolute",
        ),
        (("show", "results/compare.nc"), "results/compare.nc: no such file"),
        (
            ("train", "blobs/near/7"),
            "the study has no cell blobs/near/7; data sets: blobs; methods: near, far",
        ),
        (("train", "blobs/../7", "--settings", "data={}", "method={}", "training={}"), "'..' is not a name"),
        (("train", "blobs/near/0", "--settings", "data={"), "--settings data: not JSON"),
        (
            ("train", "blobs/near/0", "--settings", "data={}"),
            "--settings needs the groups data, method, training",
        ),
        (("plan", "metods=near"), "metods: unknown key; did you mean 'methods'?"),
        (("plan", "--conf", "nowhere"), "nowhere: no such folder; run this where conf/ is"),
        (("evaluate", "near/0"), "results/blobs/near/0/train.json: no such file; train the cell again"),
        (("aggregate",), "results: 4 of 4 cells are missing: blobs/near/0"),
        (("aggregate", "--methods", "near"), "give all of --datasets, --methods and --seeds"),
        (("stats",), "results/compare.nc: no such file"),
        (
            ("stats", "--settings", "stats={}"),
            "--settings stats: lacks test, correction, alpha, family, baseline, paired, alternative, margin,"
            " primary; give every key of the group, or leave out --settings",
        ),
        (
            ("train", "blobs/near/0", "--settings", "data={}", "method={}", "training=3"),
            "--settings data: lacks _target_, num_classes, ignore_index, input_shape; give every key",
        ),
        (
            ("train", "near/0", "overrides=training.epochs=1", "--results", "other"),
            "--results other goes with --settings; here write results=other",
        ),
        (("evaluate", "near/0", "--results", "other"), "here write results=other"),
        (
            ("aggregate", "--results", "other"),
            "--results other goes with --datasets, --methods and --seeds; here write results=other",
        ),
        (
            ("train", "blobs/near/0", "seeds=0", "--settings", "data={}"),
            "seeds=0: with --settings no configuration is read; give one or the other",
        ),
        (
            ("stats", "--conf", "own", "--settings", "stats={}"),
            "--conf own: with --settings no configuration",
        ),
        (
            ("aggregate", "seeds=0", "--datasets", "blobs", "--methods", "near", "--seeds", "0"),
            "seeds=0: with --datasets, --methods and --seeds no configuration is read",
        ),
        (("show", "elsewhere"), "elsewhere/summary.csv: no such file; finish the study"),
        (("show", "results", "other"), "results and other: give one folder or file"),
        (("show", "metods=near"), "metods: unknown key; did you mean 'methods'?"),
        (("show", "--watch"), "--watch redraws a terminal, which this output is not; leave it out"),
        (("show", "--watch", "--json"), "--watch is for people and --json for programs"),
        (("show", "results/compare.nc", "--watch"), "--watch: results/compare.nc does not change"),
        (("show", "results/compare.nc", "--json"), "results/compare.nc: no such file"),
    ],
)
def test_mistake_is_one_line_and_exit_status_1(
    here: Path, command: Command, arguments: tuple[str, ...], expected: str
) -> None:
    before = sorted(here.rglob("*"))
    status, out, err = command(*arguments)
    assert status == 1
    # The header of a stage stands in its log whether it succeeds or not.
    assert out == "" or re.fullmatch(r"evaluate blobs/near/0: [^\n]*\n", out)
    [line] = errors(err)
    assert expected in line
    assert "Traceback" not in err
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "nan", "inf"])
def test_time_limit_is_a_number_of_minutes(
    here: Path, minutes: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = f"{minutes!r} is no time; accepted: a number of minutes above 0"
    with pytest.raises(SystemExit):
        main(["train", "near/0", f"--time-limit={minutes}"])
    assert refused in capsys.readouterr().err
    monkeypatch.setenv("MUSHIN_TRAIN_TIME_LIMIT", minutes)
    with pytest.raises(SystemExit):
        main(["train", "near/0"])
    assert refused in capsys.readouterr().err


def test_unreadable_data_set_is_named_with_its_cause(here: Path, command: Command) -> None:
    replace_once(here / "blobs.py", "    half =", "    open('missing.bin')\n    half =")
    status, _, err = command("train", "near/0")
    assert status == 1
    assert errors(err) == [
        "data: blobs.load_blobs raised FileNotFoundError: [Errno 2] No such file or directory: 'missing.bin'"
    ]
    assert not (here / "results").exists()


def test_class_label_out_of_range_is_refused_where_it_is_scored(here: Path, command: Command) -> None:
    replace_once(here / "blobs.py", "targets[half:])", "targets[half:] + 1)")
    command("train", "near/0")
    status, _, err = command("evaluate", "near/0")
    assert status == 1
    assert "3" in errors(err)[0]
    assert "num_classes" in errors(err)[0] or "0 to 2" in errors(err)[0]
    assert not (here / "results/blobs/near/0/cell.nc").exists()


def test_checkpoint_of_another_architecture_is_refused(here: Path, command: Command) -> None:
    command("train", "near/0")
    replace_once(here / "near.py", '"centers", torch.zeros', '"means", torch.zeros')
    sys.modules.pop("near")
    status, _, err = command("evaluate", "near/0")
    assert status == 1
    assert "results/blobs/near/0/model.pt" in errors(err)[0]
    assert "centers" in errors(err)[0]


def test_checkpoint_of_other_settings_is_refused(here: Path, command: Command) -> None:
    command("train", "near/0")
    replace_once(here / "conf/method/near.yaml", "scale: 1.0\n", "scale: 2.0\n")
    status, _, err = command("evaluate", "near/0")
    assert status == 1
    assert "was trained with other settings of 'method' than conf/ has now" in errors(err)[0]


def test_replaced_checkpoint_is_refused(here: Path, command: Command) -> None:
    for seed in (0, 1):
        command("train", f"near/{seed}")
    shutil.copy(here / "results/blobs/near/1/model.pt", here / "results/blobs/near/0/model.pt")
    status, _, err = command("evaluate", "near/0")
    assert status == 1
    assert "model.pt" in errors(err)[0]


def test_results_of_an_older_format_are_refused_and_kept(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("train", "near/0")
    with monkeypatch.context() as older:
        older.setattr("mushin.cells.FORMAT", "mushin-cell/0")
        command("evaluate", "near/0")
    file = here / "results/blobs/near/0/cell.nc"
    old = file.read_bytes()
    status, _, err = command("aggregate", "methods=near", "seeds=0")
    assert status == 1
    assert "cell.nc: format mushin-cell/0 is not read by this version of mushin" in errors(err)[0]
    assert file.read_bytes() == old
    assert not (here / "results/compare.nc").exists()


def test_no_test_split_and_no_num_classes_are_said(here: Path, command: Command) -> None:
    replace_once(here / "blobs.py", ', "test": (inputs[half:], targets[half:])', "")
    command("train", "near/0")
    assert "data set 'blobs' has no test split" in errors(command("evaluate", "near/0")[2])[0]


def test_gaps_are_left_only_when_asked_for(here: Path, command: Command) -> None:
    command("train", "near/0")
    command("evaluate", "near/0")
    assert command("aggregate", "--allow-incomplete")[0] == 0
    status, _, err = command("stats")
    assert status == 1
    assert "far" in " ".join(errors(err))
    assert command("stats", "--allow-incomplete")[0] == 0


def test_merged_results_are_compared_where_there_is_no_conf(here: Path, command: Command) -> None:
    for cell in ("near/0", "near/1", "far/0", "far/1"):
        command("train", cell)
        command("evaluate", cell)
    command("aggregate")
    (here / "elsewhere").mkdir()
    (here / "results/compare.nc").rename(here / "elsewhere/compare.nc")
    (here / "conf").rename(here / "no_conf")
    status, out, _ = command("stats", "--file", "elsewhere/compare.nc")
    assert status == 0
    assert out.startswith("there is no conf/ here: comparing with the default settings\n")
    assert "welch" in (here / "elsewhere/comparisons.csv").read_text()
    for asked in (["--conf", "other"], ["overrides=stats.alpha=0.01"]):
        status, _, err = command("stats", "--file", "elsewhere/compare.nc", *asked)
        assert (status, "no such folder; run this where conf/ is" in err) == (1, True)


def test_seeds_that_were_trained_under_other_settings_are_pointed_out(here: Path, command: Command) -> None:
    for method, seed, words in (("near", 0, ()), ("near", 1, ("overrides=training.epochs=9",))):
        for rule in ("train", "evaluate"):
            assert command(rule, f"{method}/{seed}", *words)[0] == 0
    status, out, err = command("aggregate", "methods=near")
    assert (status, out) == (0, "wrote results/compare.nc\n")
    assert err.startswith(
        "mushin: note: blobs/near: training of seed 1 differs from that of seed 0 (training.epochs: "
    )
    assert err.count("\n") == 1


def test_help_names_every_command_and_shows_examples() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mushin", "--help"], capture_output=True, text=True, check=True
    )
    for name in ("plan", "train", "evaluate", "aggregate", "stats", "show", "score", "examples:"):
        assert name in ran.stdout


def test_a_task_that_keeps_samples_is_evaluated_again_and_its_cells_tell_more(
    here: Path, command: Command
) -> None:
    command("train", "near/0")
    command("train", "near/1")
    command("evaluate", "near/0")
    plain = read_cell(here / "results/blobs/near/0/cell.nc")
    assert "keep_samples" not in plain.provenance["settings_task"]
    replace_once(here / "conf/task/classification.yaml", "threads: 1", "threads: 1\nkeep_samples: false")
    assert "1 cell: 1 complete, 0 to run" in command("plan", "methods=near", "seeds=0")[1]
    replace_once(here / "conf/task/classification.yaml", "keep_samples: false", "keep_samples: true")
    assert "1 cell: 0 complete, 1 to run" in command("plan", "methods=near", "seeds=0")[1]
    for seed in (0, 1):
        assert command("evaluate", f"near/{seed}")[0] == 0
    kept = read_cell(here / "results/blobs/near/0/cell.nc").statistics
    assert kept.record_target is not None
    assert (kept.record_target.size, kept.record_target.dtype) == (45, np.uint8)
    np.testing.assert_array_equal(kept.confusion, plain.statistics.confusion)
    assert command("aggregate", "methods=near")[0] == 0
    ds = mushin.open_results(here / "results/compare.nc")
    assert not [name for name in ds.variables if str(name).startswith("record")]
    table = mushin.variance_components(ds, cells=here / "results", resamples=20)
    assert set(table["metric"]) == {"accuracy", "f1", "precision", "recall"}
