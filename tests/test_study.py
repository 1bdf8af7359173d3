from __future__ import annotations

import functools
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import mushin
from mushin import Study
from mushin.cells import read_cell
from mushin.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    IncompleteStudyError,
    PredictionError,
    TrainingError,
    UnknownNameError,
)

# Other processes cannot import a test.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
CLASSES = 3
FAILING = "fail"


def split(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(60) % CLASSES
    return torch.randn(60, 4, generator=generator) + targets[:, None], targets


class Trainer:
    """Trains a linear model a little, and notes each training in a file."""

    def __init__(self, folder: Path, name: str, steps: int = 3) -> None:
        self.folder = folder
        self.name = name
        self.steps = steps

    def __call__(self, seed: int) -> Path:
        if (self.folder / f"{FAILING}-{self.name}-{seed}").exists():
            raise ArithmeticError(f"{self.name} diverged")
        model = nn.Linear(4, CLASSES)
        inputs, targets = split(0)
        for _ in range(self.steps):
            loss = nn.functional.cross_entropy(model(inputs), targets)
            loss.backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    assert parameter.grad is not None
                    parameter -= 0.1 * parameter.grad
                    parameter.grad = None
        path = self.folder / f"{self.name}-{seed}.pt"
        torch.save(model.state_dict(), path)
        with (self.folder / "trained.txt").open("a") as log:
            log.write(f"{self.name}/{seed}\n")
        return path


def load(path: Path) -> nn.Module:
    model = nn.Linear(4, CLASSES)
    model.load_state_dict(torch.load(path, weights_only=True))
    return model


@pytest.fixture
def loader() -> DataLoader[Any]:
    return DataLoader(TensorDataset(*split(1)), batch_size=16)


MakeStudy = Callable[..., Study]


@pytest.fixture
def make_study(tmp_path: Path, loader: Any) -> MakeStudy:
    def make(**changes: Any) -> Study:
        methods = {"short": Trainer(tmp_path, "short"), "long": Trainer(tmp_path, "long", steps=30)}
        arguments: dict[str, Any] = {
            "methods": methods,
            "load_fn": load,
            "seeds": [0, 1, 2],
            "data": loader,
            "num_classes": CLASSES,
            "working_dir": tmp_path / "results",
        }
        return Study(**{**arguments, **changes})

    return make


def trained(folder: Path) -> list[str]:
    log = folder / "trained.txt"
    return log.read_text().split() if log.exists() else []


def test_every_method_is_trained_and_scored_under_every_seed(make_study: MakeStudy, tmp_path: Path) -> None:
    result = make_study().run()
    assert trained(tmp_path) == [f"{method}/{seed}" for method in ("short", "long") for seed in range(3)]
    expected = mushin.compare(
        {name: [load(tmp_path / f"{name}-{seed}.pt") for seed in range(3)] for name in ("short", "long")},
        [split(1)],
        num_classes=CLASSES,
    )
    np.testing.assert_array_equal(result.confusion, expected.confusion)
    np.testing.assert_array_equal(result.data["auroc"], expected.data["auroc"])
    assert result.comparisons["decision"].tolist() == expected.comparisons["decision"].tolist()


def test_the_files_are_those_of_the_workflow(make_study: MakeStudy, tmp_path: Path) -> None:
    result = make_study().run()
    results = tmp_path / "results"
    files = {file.name for file in results.iterdir()}
    assert {"compare.nc", "comparisons.csv", "summary.csv", "costs.csv", "data"} <= files
    cell = read_cell(results / "data/long/1/cell.nc")
    assert str(cell.name) == "data/long/1"
    assert mushin.open_results(results / "compare.nc").identical(result.data)
    costs = (results / "costs.csv").read_text().splitlines()
    assert len(costs) == 7
    assert all(float(value) > 0 for line in costs[1:] for value in line.split(",")[3:5])


def test_what_is_finished_is_not_run_again(make_study: MakeStudy, tmp_path: Path) -> None:
    first = make_study().run()
    before = (tmp_path / "results/compare.nc").read_bytes()
    assert set(make_study().status()["reason"]) == {"complete"}
    again = make_study().run()
    assert len(trained(tmp_path)) == 6
    assert again.data.identical(first.data)
    assert (tmp_path / "results/compare.nc").read_bytes() == before


def test_an_added_seed_runs_alone(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study().run()
    result = make_study(seeds=[0, 1, 2, 3]).run()
    assert trained(tmp_path)[6:] == ["short/3", "long/3"]
    assert result.data.sizes["seed"] == 4


def test_a_changed_argument_runs_its_method_again_and_says_why(
    make_study: MakeStudy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_study().run()
    methods = {"short": Trainer(tmp_path, "short", steps=4), "long": Trainer(tmp_path, "long", steps=30)}
    study = make_study(methods=methods)
    status = study.status().set_index(["method", "seed"])
    assert status.loc[("short", 0), "runs"] == "train, evaluate"
    assert status.loc[("short", 0), "reason"] == "method.arguments.Trainer.steps: 3 -> 4"
    assert status.loc[("long", 0), "runs"] == ""
    capsys.readouterr()
    study.run()
    assert capsys.readouterr().err == (
        "short, seed 0, 1, 2: runs again: method.arguments.Trainer.steps: 3 -> 4\n"
    )
    assert trained(tmp_path)[6:] == ["short/0", "short/1", "short/2"]


def test_another_task_or_test_split_scores_again_without_training(
    make_study: MakeStudy, tmp_path: Path
) -> None:
    make_study().run()
    assert set(make_study(metrics=["accuracy"]).status()["runs"]) == {"evaluate"}
    study = make_study(data=[split(2)])
    assert set(study.status()["runs"]) == {"evaluate"}
    study.run()
    assert len(trained(tmp_path)) == 6
    assert set(study.status()["runs"]) == {""}


def test_a_checkpoint_that_was_replaced_is_trained_again(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study().run()
    (tmp_path / "results/data/long/0/cell.nc").unlink()
    torch.save(nn.Linear(4, CLASSES).state_dict(), tmp_path / "long-0.pt")
    status = make_study().status().set_index(["method", "seed"]).loc[("long", 0)]
    assert status["runs"] == "train, evaluate"
    assert "changed or replaced" in status["reason"]
    (tmp_path / "long-0.pt").unlink()
    status = make_study().status().set_index(["method", "seed"]).loc[("long", 0)]
    assert "does not exist" in status["reason"]


def test_a_damaged_cell_is_scored_again(make_study: MakeStudy, tmp_path: Path) -> None:
    first = make_study().run()
    cell = tmp_path / "results/data/long/0/cell.nc"
    cell.write_bytes(cell.read_bytes()[:-100])
    status = make_study().status().set_index(["method", "seed"]).loc[("long", 0)]
    assert status["runs"] == "evaluate"
    assert "cut short" in status["reason"]
    assert make_study().run().data.identical(first.data)
    assert len(trained(tmp_path)) == 6


def test_a_failed_cell_stops_the_run_and_names_itself(make_study: MakeStudy, tmp_path: Path) -> None:
    (tmp_path / "fail-short-1").touch()
    with pytest.raises(ArithmeticError, match="short diverged") as caught:
        make_study().run()
    assert "while the cell data/short/1 ran; finished cells are kept" in caught.value.__notes__[0]
    (tmp_path / "fail-short-1").unlink()
    make_study().run()
    assert sorted(trained(tmp_path)) == sorted(f"{m}/{s}" for m in ("short", "long") for s in range(3))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failed_cell_can_be_skipped_but_leaves_a_gap(
    make_study: MakeStudy, tmp_path: Path, jobs: int
) -> None:
    (tmp_path / "fail-short-1").touch()
    study = make_study()
    with pytest.raises(IncompleteStudyError, match="1 cell failed:\n  data/short/1: ArithmeticError: short"):
        study.run(on_error="skip", jobs=jobs)
    assert [str(failure.cell) for failure in study.failures] == ["data/short/1"]
    assert isinstance(study.failures[0].error, ArithmeticError)
    assert len(trained(tmp_path)) == 5
    result = study.run(on_error="skip", allow_incomplete=True)
    assert np.isnan(result.data["accuracy"].sel(method="short", seed=1))
    (tmp_path / "fail-short-1").unlink()
    study.run()
    assert study.failures == ()


def test_a_failed_cell_leaves_no_score_of_its_former_code(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study().run()
    (tmp_path / f"{FAILING}-short-1").touch()
    changed = {"short": Trainer(tmp_path, "short", steps=4), "long": Trainer(tmp_path, "long", steps=30)}
    study = make_study(methods=changed)
    result = study.run(on_error="skip", allow_incomplete=True)
    assert [(failure.cell.method, failure.cell.seed) for failure in study.failures] == [("short", 1)]
    accuracy = result.data["accuracy"]
    assert np.isnan(accuracy.sel(method="short", seed=1))
    assert accuracy.notnull().sum() == 5
    assert not (tmp_path / "results/data/short/1/cell.nc").exists()


def test_several_processes_give_the_same_bytes(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study().run()
    make_study(working_dir=tmp_path / "parallel").run(jobs=2)
    assert (tmp_path / "results/compare.nc").read_bytes() == (tmp_path / "parallel/compare.nc").read_bytes()
    assert len(trained(tmp_path)) == 12


def test_lambdas_and_closures_run_in_several_processes(make_study: MakeStudy, tmp_path: Path) -> None:
    trainer = Trainer(tmp_path, "own")
    result = make_study(methods={"a": lambda seed: trainer(seed), "b": Trainer(tmp_path, "b")}).run(jobs=2)
    assert result.methods == ("a", "b")


def test_a_process_that_dies_is_reported(make_study: MakeStudy, tmp_path: Path) -> None:
    def die(seed: int) -> Path:
        os.kill(os.getpid(), signal.SIGKILL)
        return tmp_path

    study = make_study(methods={"dies": die, "short": Trainer(tmp_path, "short")})
    with pytest.raises(TrainingError, match=r"a process was killed.*data/dies/0.*; finished cells are kept"):
        study.run(jobs=2)


def test_what_cannot_be_sent_to_other_processes_is_said(make_study: MakeStudy, tmp_path: Path) -> None:
    with (tmp_path / "open.txt").open("w") as file:
        trainer = Trainer(tmp_path, "short")
        trainer.file = file  # type: ignore[attr-defined]
        study = make_study(methods={"short": trainer, "long": Trainer(tmp_path, "long")})
        with pytest.raises(ConfigError, match=r"cannot be sent to other processes.*use jobs=1"):
            study.run(jobs=2)


def test_runs_are_seeded_and_leave_the_session_as_it_was(make_study: MakeStudy, tmp_path: Path) -> None:
    drawn: list[tuple[float, ...]] = []

    def train(seed: int) -> Path:
        drawn.append((random.random(), float(np.random.rand()), float(torch.rand(()))))  # noqa: NPY002
        os.chdir("/")
        assert torch.get_num_threads() == 1
        return Trainer(tmp_path, "drawn")(seed)

    threads, folder = torch.get_num_threads(), Path.cwd()
    random.seed(5)
    torch.manual_seed(5)
    expected = random.random(), float(torch.rand(()))
    random.seed(5)
    torch.manual_seed(5)
    make_study(methods={"a": train, "b": Trainer(tmp_path, "b")}).run()
    assert (random.random(), float(torch.rand(()))) == expected
    assert torch.get_num_threads() == threads
    assert Path.cwd() == folder
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    assert drawn[1] == (random.random(), float(np.random.rand()), float(torch.rand(())))  # noqa: NPY002


def test_a_model_that_was_saved_whole_needs_no_load_fn(make_study: MakeStudy, tmp_path: Path) -> None:
    def train(seed: int, name: str) -> str:
        path = tmp_path / f"whole-{name}-{seed}.pt"
        torch.save(nn.Linear(4, CLASSES), path)
        return str(path)

    methods = {name: functools.partial(train, name=name) for name in ("a", "b")}
    assert make_study(methods=methods, load_fn=None).run().data.sizes["seed"] == 3


def test_a_folder_can_be_a_checkpoint(make_study: MakeStudy, tmp_path: Path) -> None:
    def train(seed: int) -> Path:
        folder = tmp_path / f"folder-{seed}"
        folder.mkdir(exist_ok=True)
        torch.save(nn.Linear(4, CLASSES).state_dict(), folder / "weights.pt")
        return folder

    study = make_study(
        methods={"a": train, "b": Trainer(tmp_path, "b")},
        load_fn=lambda path: load(path / "weights.pt" if path.is_dir() else path),
    )
    assert study.run().data.sizes["method"] == 2


def test_checkpoints_are_scored_without_training(make_study: MakeStudy, tmp_path: Path, loader: Any) -> None:
    first = make_study().run()
    checkpoints = {name: [tmp_path / f"{name}-{seed}.pt" for seed in range(3)] for name in ("short", "long")}
    study = Study.from_checkpoints(
        checkpoints, load, loader, num_classes=CLASSES, working_dir=tmp_path / "scored"
    )
    assert study.run().data.identical(first.data)
    assert len(trained(tmp_path)) == 6
    assert set(study.status()["reason"]) == {"complete"}
    torch.save(load(tmp_path / "short-0.pt").state_dict(), tmp_path / "new.pt")
    (tmp_path / "new.pt").replace(tmp_path / "short-2.pt")
    status = study.status().set_index(["method", "seed"])["runs"]
    assert status[status != ""].index.tolist() == [("short", 2)]


def test_checkpoints_may_be_given_by_seed(make_study: MakeStudy, tmp_path: Path, loader: Any) -> None:
    make_study().run()
    by_seed = {name: {seed: tmp_path / f"{name}-{seed}.pt" for seed in (2, 0)} for name in ("short", "long")}
    study = Study.from_checkpoints(
        by_seed, load, loader, num_classes=CLASSES, working_dir=tmp_path / "scored"
    )
    assert study.run().data["seed"].values.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("checkpoints", "error", "message"),
    [
        ({}, ConfigError, "checkpoints is {}; accepted is a mapping"),
        ({"a": "x.pt"}, ConfigError, "'a' is 'x.pt'; accepted are a list of paths"),
        ({"a": ["x.pt"], "b": ["y.pt"]}, CheckpointError, "'a', seed 0: x.pt does not exist"),
        ({"a": ["1.pt"], "b": ["2.pt", "3.pt"]}, IncompleteStudyError, "'a' lacks seed 1"),
        ({"a": ["1.pt", "1.pt"]}, ConfigError, "1.pt is given for 'a', seed 0 and for 'a', seed 1"),
    ],
)
def test_checkpoints_that_cannot_be_compared_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checkpoints: Any,
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in (1, 2, 3):
        Path(f"{number}.pt").touch()
    with pytest.raises(error, match=message):
        Study.from_checkpoints(checkpoints, load, [split(1)], num_classes=CLASSES)


def test_two_runs_that_share_a_checkpoint_are_pointed_out(make_study: MakeStudy, tmp_path: Path) -> None:
    def train(seed: int) -> Path:
        torch.save(nn.Linear(4, CLASSES).state_dict(), tmp_path / "same.pt")
        return tmp_path / "same.pt"

    study = make_study(methods={"a": train, "b": Trainer(tmp_path, "b")}, seeds=[0, 1])
    with pytest.warns(UserWarning, match=r"same\.pt is the checkpoint of data/a/0 and of data/a/1"):
        result = study.run()
    assert len(set(result.data["ece"].sel(method="a").values.tolist())) == 2


def never(seed: int) -> Path:
    raise AssertionError("the method ran before all arguments were checked")


def one_shot() -> Iterator[Any]:
    yield split(1)


def two_arguments(seed: int, width: int) -> Path:
    raise AssertionError


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"methods": {}}, ConfigError, "methods is {}; accepted is a mapping"),
        ({"methods": {"a": never}}, DataError, "a comparison needs two methods"),
        ({"methods": {"a": never, "b": [nn.Identity()]}}, ConfigError, "mushin.compare takes trained models"),
        ({"methods": {"a": never, "b": "b.pt"}}, ConfigError, "'b' is a str; accepted is a function"),
        ({"methods": {"a": never, "../b": never}}, ConfigError, "'../b' is not a name"),
        ({"methods": {"a": never, "b": two_arguments}}, ConfigError, "with the seed alone.*'width'.*partial"),
        ({"methods": {"a": never, "b": lambda: "x"}}, ConfigError, "with the seed alone"),
        ({"load_fn": "load"}, ConfigError, "load_fn is 'load'"),
        ({"seeds": []}, ConfigError, "seeds: there is none"),
        ({"seeds": [-1]}, ConfigError, "-1 is no whole number"),
        ({"seeds": [2**32]}, ConfigError, "from 0 to 4294967295"),
        ({"seeds": [0, 0]}, ConfigError, "0 appears twice"),
        ({"data": None}, DataError, "data is a NoneType"),
        ({"data": one_shot()}, DataError, "read only once"),
        ({"task": "segmentatoin"}, UnknownNameError, "did you mean 'segmentation'"),
        ({"num_classes": None}, ConfigError, "num_classes is None"),
        ({"test": "t"}, UnknownNameError, "test 't' is unknown"),
        ({"baseline": "c"}, UnknownNameError, "baseline 'c'"),
        ({"dataset": "a/b"}, ConfigError, "dataset: 'a/b' is not a name"),
        ({"threads": 0}, ConfigError, "threads is 0"),
    ],
)
def test_a_mistake_is_found_before_anything_is_trained(
    make_study: MakeStudy, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make_study(**{"methods": {"a": never, "b": never}, **changes})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"jobs": 0}, ConfigError, "jobs is 0"),
        ({"on_error": "ignore"}, UnknownNameError, "on_error 'ignore'"),
    ],
)
def test_a_mistake_in_run_is_found_first(
    make_study: MakeStudy, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    study = make_study(methods={"a": never, "b": never})
    with pytest.raises(error, match=message):
        study.run(**changes)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "method 'a', seed 0: the training function returned nothing; accepted is the path"),
        (nn.Identity(), "returned a Identity; accepted is the path"),
        ("nowhere.pt", "returned 'nowhere.pt', but there is no such file"),
    ],
)
def test_a_training_function_returns_a_checkpoint(make_study: MakeStudy, returned: Any, message: str) -> None:
    study = make_study(methods={"a": lambda seed: returned, "b": never})
    with pytest.raises(TrainingError, match=message):
        study.run()


def test_load_fn_returns_a_model(make_study: MakeStudy) -> None:
    study = make_study(load_fn=functools.partial(torch.load, weights_only=True))
    with pytest.raises(PredictionError, match=r"'short', seed 0: load_fn returned a OrderedDict"):
        study.run()


def uninterrupted(make_study: MakeStudy, folder: Path) -> bytes:
    make_study(working_dir=folder).run()
    return (folder / "compare.nc").read_bytes()


def test_a_study_that_is_killed_goes_on_where_it_stopped(make_study: MakeStudy, tmp_path: Path) -> None:
    expected = uninterrupted(make_study, tmp_path / "whole")
    (tmp_path / "trained.txt").unlink()
    results = tmp_path / "results"
    generator = random.Random(0)
    finished: set[str] = set()
    for _ in range(20):
        before = len(trained(tmp_path))
        child = os.fork()
        if child == 0:
            make_study(seeds=range(10)).run()
            os._exit(0)
        time.sleep(generator.uniform(0.0, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        repeated = finished & set(trained(tmp_path)[before:])
        assert not repeated, f"{repeated} was complete and ran again"
        finished |= {f"{c.parent.parent.name}/{c.parent.name}" for c in results.glob("data/*/*/cell.nc")}
    make_study().run()
    assert (results / "compare.nc").read_bytes() == expected
