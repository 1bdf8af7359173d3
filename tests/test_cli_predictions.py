"""Cells that hold predictions, and files of predictions, by the command line in this process."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from mushin.cells import read_cell
from mushin.cli import main
from mushin.config.targets import clear_caches
from mushin.metrics.regression import MOMENTS
from mushin.zoo.diabetes import load_diabetes
from tiny_study import Command, add_vote, replace_once

CELL = Path("results/blobs/vote/0")


@pytest.fixture
def here(here: Path) -> Path:
    """The tiny study with a method that leaves predictions, as the working directory."""
    add_vote(here)
    replace_once(here / "conf/config.yaml", "[near, far]", "[near, vote]")
    return here


def error_of(ran: tuple[int, str, str]) -> str:
    status, _, printed = ran
    assert status == 1
    [line] = [line for line in printed.splitlines() if line.startswith("mushin: error: ")]
    return line.removeprefix("mushin: error: ")


def test_cell_of_predictions_by_hand_from_training_to_score(command: Command) -> None:
    status, out, _ = command("train", "vote/0")
    assert (status, "wrote results/blobs/vote/0/predictions.npz" in out) == (0, True)
    assert "trained, not evaluated" in command("plan", "methods=vote")[1]
    status, out, _ = command("evaluate", "vote/0")
    assert (status, "blobs/vote/0: 45 samples, 6 metrics" in out) == (0, True)
    assert "2 cells: 1 complete, 1 to run" in command("plan", "methods=vote")[1]
    with np.load(CELL / "predictions.npz", allow_pickle=False) as predictions:
        labels = predictions["labels"]
        assert predictions["probabilities"].dtype == np.float32
    import blobs  # type: ignore[import-not-found]

    cell = read_cell(CELL / "cell.nc")
    expected = accuracy_score(blobs.load_blobs(90)["test"][1], labels, normalize=False)
    assert np.trace(cell.statistics.confusion) == expected
    assert set(cell.provenance) >= {
        "settings_method",
        "sources_method",
        "checkpoint_sha256",
        "targets_digest",
    }


def test_record_of_predictions_names_the_library_that_made_them(here: Path, command: Command) -> None:
    (here / "conf/method/vote.yaml").write_text(
        "predict:\n"
        "  _target_: mushin.zoo.sklearn_classifier.fit_and_predict\n"
        "  num_classes: ${data.num_classes}\n"
        "  estimator: {_target_: sklearn.naive_bayes.GaussianNB}\n"
    )
    assert command("train", "vote/0")[0] == 0
    record = json.loads((CELL / "train.json").read_text())
    assert set(record["versions"]) == {"mushin", "numpy", "torch", "scikit-learn"}
    assert command("evaluate", "vote/0")[0] == 0
    assert "trained_with_scikit-learn" in read_cell(CELL / "cell.nc").provenance


def test_python_and_numpy_are_seeded_before_the_call(command: Command) -> None:
    printed = []
    for seed in (0, 0, 1):
        shutil.rmtree("results", ignore_errors=True)  # or a training that is there would be kept
        # The first line says when it ran.
        printed.append(command("train", f"vote/{seed}")[1].splitlines()[1])
    assert printed[0] == printed[1]
    assert "having drawn" in printed[0]
    assert printed[0] != printed[2]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    return weights /", "    return weights[1:] /", "sum|operands"),
        (
            "    return weights / weights.sum(axis=1, keepdims=True)",
            "    return",
            "None came; end the function",
        ),
        ("    return weights /", "    return 2 * weights /", "sum to 2|range from"),
        (
            "    return weights / weights.sum(axis=1, keepdims=True)",
            "    return weights.argmax(axis=1)[1:]",
            "44 predictions came for 45 test samples",
        ),
        (
            "    return weights / weights.sum(axis=1, keepdims=True)",
            "    return weights.argmax(axis=1) + 1",
            "a label is 3; accepted are 0 to 2",
        ),
        (
            "    inputs, labels = (np",
            "    data.test\n    inputs, labels = (np",
            "'VisibleData' object has no attribute 'test'",
        ),
    ],
)
def test_faulty_predictions_leave_nothing(
    here: Path, command: Command, old: str, new: str, expected: str
) -> None:
    replace_once(here / "vote.py", old, new)
    try:
        said = error_of(command("train", "vote/0"))
        assert said.startswith("method: vote.vote: ")
    except (AttributeError, ValueError) as raised:  # the method's own errors come through as they are
        said = str(raised)
    assert re.search(expected, said)
    assert not CELL.exists()


def test_labels_without_probabilities_are_refused_where_they_are_scored(here: Path, command: Command) -> None:
    replace_once(
        here / "vote.py",
        "return weights / weights.sum(axis=1, keepdims=True)",
        "return weights.argmax(axis=1)",
    )
    assert command("train", "vote/0")[0] == 0
    assert "auroc and ece of task 'classification' need probabilities" in error_of(
        command("evaluate", "vote/0")
    )


def test_predictions_of_another_seed_or_of_older_data_are_refused(here: Path, command: Command) -> None:
    command("train", "vote/0")
    command("train", "vote/1")
    original = (CELL / "predictions.npz").read_bytes()
    shutil.copy("results/blobs/vote/1/predictions.npz", CELL)
    assert "predictions.npz: the predictions' SHA-256 is" in error_of(command("evaluate", "vote/0"))
    (CELL / "predictions.npz").unlink()
    assert "predictions.npz: no such file; train the cell again" in error_of(command("evaluate", "vote/0"))
    assert "missing" in command("plan", "methods=vote", "seeds=0")[1]
    (CELL / "predictions.npz").write_bytes(original)
    replace_once(here / "blobs.py", "[3.0, 0.0]", "[4.0, 0.0]")
    clear_caches()
    assert "the source of blobs.load_blobs has changed since the method predicted" in error_of(
        command("evaluate", "vote/0")
    )
    replace_once(here / "conf/method/vote.yaml", "softness: 0.5", "softness: 1.5")
    assert "predictions.npz: was trained with other settings of 'method'" in error_of(
        command("evaluate", "vote/0")
    )


@pytest.fixture
def files(here: Path, command: Command) -> tuple[str, ...]:
    """The predictions of a cell and the targets of its test split, as files; and the evaluated cell."""
    command("train", "vote/0")
    command("evaluate", "vote/0")
    import blobs

    targets = blobs.load_blobs(90)["test"][1].numpy()
    np.savez(here / "targets.npz", targets=targets)
    (here / "targets.csv").write_text("label\n" + "\n".join(map(str, targets)) + "\n")
    return ("evaluate", "--predictions", str(CELL / "predictions.npz"), "--targets", "targets.csv")


def test_files_score_as_the_cell_does_and_are_merged_with_it(
    files: tuple[str, ...], command: Command
) -> None:
    output = "results/blobs/api/0/cell.nc"
    status, out, _ = command(*files, "--output", output, "--cell", "blobs/api/0")
    assert status == 0
    assert "45 samples, 3 classes, task classification" in out
    assert f"wrote {output}" in out
    known, foreign = read_cell(CELL / "cell.nc"), read_cell(Path(output))
    for name, values in known.statistics.arrays().items():
        np.testing.assert_allclose(foreign.statistics.arrays()[name], values, err_msg=name)
    labels = ("--datasets", "blobs", "--methods", "vote", "api", "--seeds", "0")
    assert command("aggregate", *labels)[0] == 0


def test_table_shows_every_metric_of_the_task(files: tuple[str, ...], command: Command) -> None:
    before = sorted(Path().rglob("*"))
    status, out, _ = command(*files, "--class-names", "low,right,top")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[2:8]] == [
        "accuracy",
        "f1",
        "precision",
        "recall",
        "auroc",
        "ece",
    ]
    assert sorted(Path().rglob("*")) == before


def test_labels_need_the_number_of_classes_and_metrics_of_labels(
    files: tuple[str, ...], command: Command
) -> None:
    labels = ("evaluate", "--predictions", "targets.csv", "--targets", "targets.npz")
    assert "give --num-classes or --class-names" in error_of(command(*labels))
    assert "need probabilities" in error_of(command(*labels, "--num-classes", "3"))
    status, out, _ = command(*labels, "--num-classes", "3", "--metrics", "accuracy,f1")
    assert (status, out.splitlines()[2].split()) == (0, ["accuracy", "1.000000", "higher"])
    status, out, _ = command(*labels, "--num-classes", "3", "--task", "segmentation", "--ignore-index", "-1")
    assert (status, "miou" in out) == (0, True)
    status, out, _ = command(*labels, "--num-classes", "3", "--task", "segmentation", "--ignore-index", "0")
    assert "30 samples" in out


BOTH = "--predictions p.csv --targets t.csv"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "give DATASET/METHOD/SEED, or --predictions FILE --targets FILE"),
        ("--predictions p.csv", "--predictions: needs both --predictions and --targets"),
        ("near/0 --num-classes 3", "--num-classes: needs both --predictions and --targets"),
        (f"blobs/vote/0 {BOTH}", "--predictions scores a file, not a cell of the study"),
        (f"{BOTH} --output c.nc", "--output and --cell go together"),
        (f"{BOTH} --cell a/b/0", "--output and --cell go together"),
        (f"{BOTH} --cell a/b --output c.nc", "'a/b' is no cell"),
        (f"{BOTH} --num-classes 1", "--num-classes 1; accepted: 2 or more"),
        (f"{BOTH} --class-names a", "--class-names a; give two or more"),
        (f"{BOTH} --class-names a,,b", "a name between the commas is empty"),
        (f"{BOTH} --metrics f1,f1", "--metrics: 'f1' appears twice"),
        (f"{BOTH} --metrics f2", "metric 'f2' is unknown; Known: accuracy,"),
        (f"{BOTH} --task clasification", "did you mean 'classification'"),
        ("--predictions q.csv --targets t.csv", "q.csv: no such file"),
        ("--predictions p.csv --targets q.csv", "q.csv: no such file"),
        ("--predictions p.csv --targets p.csv", "p.csv: float64 of shape (2, 2); targets are whole numbers"),
        (f"{BOTH} --num-classes 3", "p.csv: the probabilities are of 2 classes, but num_classes is 3"),
        (f"{BOTH} --class-names a,b --num-classes 3", "has 2 names, but --num-classes is 3"),
        ("--predictions p.csv --targets long.csv", "p.csv: 2 predictions came for 3 test samples"),
        ("--predictions p.csv --targets stray.csv", "a target is 2; accepted are 0 to 1"),
    ],
)
def test_mistake_with_files_is_one_line(here: Path, command: Command, arguments: str, expected: str) -> None:
    (here / "p.csv").write_text("a,b\n0.5,0.5\n0.25,0.75\n")
    for name, labels in (("t", "0\n1\n"), ("long", "0\n1\n1\n"), ("stray", "0\n2\n")):
        (here / f"{name}.csv").write_text("label\n" + labels)
    before = sorted(here.rglob("*"))
    assert expected in error_of(command("evaluate", *arguments.split()))
    assert sorted(here.rglob("*")) == before


def test_reading_predictions_needs_no_torch() -> None:
    code = "import sys, mushin.predictions.read as r; print('torch' in sys.modules, 'netCDF4' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]


RIDGE = '''"""Least squares in numpy on a random half of the data, which leaves values."""

import numpy as np


def fit_line(data, *, seed):
    inputs, targets = (np.asarray(part, dtype=float) for part in data.train)
    kept = np.random.permutation(len(inputs))[: len(inputs) // 2]
    weights, *_ = np.linalg.lstsq(inputs[kept], targets[kept], rcond=None)
    return np.asarray(data.test_inputs, dtype=float) @ weights
'''


@pytest.fixture
def line(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The study of conf/experiment/diabetes.yaml with a method that leaves values."""
    monkeypatch.syspath_prepend(study)
    (study / "line.py").write_text(RIDGE)
    (study / "conf/method/line.yaml").write_text("predict:\n  _target_: line.fit_line\n")
    yield study
    sys.modules.pop("line", None)
    clear_caches()


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_method_of_a_regression_may_leave_values(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("experiment=diabetes", "methods=line", "seeds=0")
    cell = Path("results/diabetes/diabetes/line/0")
    assert _run(capsys, "train", "line/0", *chosen)[0] == 0
    with np.load(cell / "predictions.npz", allow_pickle=False) as predictions:
        assert list(predictions) == ["values"]
        values = predictions["values"]
    assert _run(capsys, "evaluate", "line/0", *chosen)[0] == 0
    targets = load_diabetes().test[1].numpy()
    known = read_cell(cell / "cell.nc")
    found = known.statistics.arrays()["regression_moments"]
    assert found[MOMENTS.index("squared_errors")] == pytest.approx(((values - targets) ** 2).sum(), rel=1e-12)

    Path("values.csv").write_text("progression\n" + "\n".join(map(repr, values.tolist())) + "\n")
    Path("targets.csv").write_text("values\n" + "\n".join(map(str, targets)) + "\n")
    files = ("evaluate", "--predictions", "values.csv", "--targets", "targets.csv", "--task", "regression")
    output = "results/diabetes/diabetes/api/0/cell.nc"
    status, out, _ = _run(capsys, *files, "--output", output, "--cell", "diabetes/api/0")
    assert status == 0
    assert "133 samples, task regression" in out
    foreign = read_cell(Path(output))
    np.testing.assert_allclose(foreign.statistics.arrays()["regression_moments"], found, rtol=1e-6)
    labels = ("--datasets", "diabetes", "--methods", "line", "api", "--seeds", "0")
    assert _run(capsys, "aggregate", "--results", "results/diabetes", *labels)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--predictions v.csv --targets v.csv --num-classes 3", "--num-classes: task 'regression' has no"),
        ("--predictions v.csv --targets v.csv --ignore-index 3", "--ignore-index: task 'regression' has no"),
        ("--predictions nan.csv --targets v.csv", "nan.csv: the value of sample 2 is nan"),
        ("--predictions v.csv --targets nan.csv", "nan.csv: the target of sample 2 is nan"),
        ("--predictions v.csv --targets long.csv", "v.csv: 2 predictions came for 3 test samples"),
        ("--predictions two.csv --targets v.csv", "two.csv: values of shape (1, 2) came"),
    ],
)
def test_mistake_with_values_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = {"v": "values\n0.5\n1\n", "nan": "v\n1\nnan\n", "long": "v\n1\n2\n3\n", "two": "a,b\n1,2\n"}
    for name, content in contents.items():
        Path(f"{name}.csv").write_text(content)
    assert expected in error_of(_run(capsys, "evaluate", *arguments.split(), "--task", "regression"))


def test_values_are_refused_for_classes(here: Path, command: Command) -> None:
    replace_once(
        here / "vote.py", "return weights / weights.sum(axis=1, keepdims=True)", "return weights[:, 0]"
    )
    said = error_of(command("train", "vote/0"))
    assert "floats of shape (45,) came, which are values, but the task is on classes" in said
