from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mushin import hydra_list, multirun
from mushin.errors import ConfigError
from mushin.sweeps.arguments import merge_parameters, read_grid

OPTIONS = {"working_dir": None, "launcher": None, "on_error": "raise", "resume": False}


def task(lr: float, seed: int, opt: Any = None, layers: Any = (1, 2), name: str = "x") -> None: ...


def test_swept_and_fixed_are_told_apart_and_defaults_added() -> None:
    grid = read_grid(task, {"lr": multirun(np.array([0.1, 0.2])), "seed": 3})
    assert grid.swept == {"lr": [0.1, 0.2]}
    assert grid.fixed == {"seed": 3, "opt": None, "name": "x"}, "a tuple would come back as a list"


def test_a_dotted_name_reaches_into_a_default() -> None:
    def nested(opt: Any = {"name": "sgd", "lr": 1.0}) -> None: ...  # noqa: B006

    grid = read_grid(nested, {"opt.lr": multirun([0.1, 0.2])})
    assert [job.parameters for job in grid.jobs] == [
        {"opt": {"name": "sgd", "lr": 0.1}},
        {"opt": {"name": "sgd", "lr": 0.2}},
    ]


def test_a_dotted_name_makes_a_dict_where_there_is_none() -> None:
    def nested(opt: Any) -> None: ...

    (job,) = read_grid(nested, {"opt.a.b": 1, "opt.c": multirun([None])}).jobs
    assert job.parameters == {"opt": {"a": {"b": 1}, "c": None}}


def test_a_dict_and_its_keys_are_merged_in_any_order() -> None:
    given = {"lr": 1, "seed": 0, "opt.lr": 0.1, "opt": {"name": "sgd"}}
    assert read_grid(task, given).fixed["opt"] == {"name": "sgd", "lr": 0.1}


def test_a_task_with_keywords_takes_any_name() -> None:
    def anything(**parameters: Any) -> None: ...

    assert read_grid(anything, {"a": 1}).fixed == {"a": 1}


def positional(x: int, /) -> None: ...
def of_hydra(hydra: int, defaults: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        (task, {"lrs": 1}, "the task takes no 'lrs'; did you mean 'lr'"),
        (task, {"lr": multirun([1])}, r"the task needs seed; give each as seed=multirun"),
        (task, {"lr": [1, 2], "seed": 0}, r"lr: a list can mean two things; write multirun\(\[...\]\)"),
        (task, {"lr": multirun([]), "seed": 0}, r"lr: multirun\(\[\]\) is empty"),
        (task, {"lr": multirun([1, 2, 1.0]), "seed": 0}, "lr: 1 appears twice; list each value once"),
        (task, {"lr": multirun([[1], hydra_list([1])]), "seed": 0}, r"lr: \[1\] appears twice"),
        (task, {"lr": multirun([float("nan")] * 2), "seed": 0}, "lr: nan appears twice"),
        (task, {"lr": 1, "seed": 0, "opt": 1, "opt.a": 2}, "'opt' is given twice, as a whole and as 'opt.a'"),
        (
            task,
            {"lr": 1, "seed": 0, "opt": {"a": 1}, "opt.a": 2},
            "'opt.a' is given twice: 'opt' holds the key",
        ),
        (task, {"lr": 1, "seed": 0, "name.a": 2}, "'name.a' names a key of 'name', whose default is no dict"),
        (task, {"lr": 1, "seed": 0, "opt..a": 2}, "'opt..a' is no parameter's name"),
        (task, {"lr": 1, "seed": 0, "opt": {1, 2}}, "opt: a value of type set cannot be a parameter"),
        (positional, {"x": 1}, "'x' is positional only"),
        (of_hydra, {"hydra": 1, "defaults": 1}, "parameter 'hydra' has a name of Hydra's own"),
        (dict, {"x": 1}, "the task has no signature to read"),
    ],
)
def test_wrong_parameters_are_refused(function: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_grid(function, given)


def with_option_names(launcher: str, resume: bool = False) -> None: ...


def test_params_and_keywords_are_joined() -> None:
    given = merge_parameters(with_option_names, {"launcher": multirun(["a"])}, OPTIONS, {"x": 1})
    assert given == {"x": 1, "launcher": multirun(["a"])}


@pytest.mark.parametrize(
    ("options", "params", "message"),
    [
        (
            {"launcher": multirun(["a"])},
            {},
            "launcher= is an option of run; give .* as params={'launcher': ...}",
        ),
        ({"resume": True}, {}, "resume= is an option of run"),
        ({}, {"x": 2}, "'x' is given twice, as a keyword and in params"),
        ({}, [1], "params is a list; accepted: a dict"),
    ],
)
def test_parameters_named_like_options_are_kept_apart(
    options: dict[str, Any], params: Any, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        merge_parameters(with_option_names, params, {**OPTIONS, **options}, {"x": 1})


def test_an_option_is_clear_where_params_holds_the_parameter() -> None:
    given = merge_parameters(with_option_names, {"launcher": "a"}, {**OPTIONS, "launcher": "joblib"}, {})
    assert given == {"launcher": "a"}
