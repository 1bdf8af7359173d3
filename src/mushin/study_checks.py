"""Check what a Study is given, before anything is trained."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path

from mushin.config.names import problem_with_name
from mushin.errors import CheckpointError, ConfigError, IncompleteStudyError
from mushin.given_checkpoints import GivenCheckpoints
from mushin.model_runs import check_seeds
from mushin.training.seeding import check_seed

Checkpoints = Mapping[str, Sequence[Path | str] | Mapping[int, Path | str]]
"""Method → its checkpoints, in the order of the seeds or by seed."""


def check_methods(methods: object) -> None:
    """Check that each method has a name that can be a folder, and a function of a seed.

    Raises
    ------
    ConfigError
        The message says which has not.
    """
    if not isinstance(methods, Mapping) or not methods:
        raise ConfigError(f"methods is {methods!r}; accepted is a mapping {{name: train_fn}}")
    for name, train_fn in methods.items():
        check_name("methods", name)
        if not callable(train_fn):
            hint = ""
            if isinstance(train_fn, list | tuple | Mapping):
                hint = "; mushin.compare takes trained models, Study.from_checkpoints takes checkpoints"
            raise ConfigError(
                f"methods: {name!r} is a {type(train_fn).__name__}; accepted is a function (seed) -> path of"
                f" the checkpoint that it saved{hint}"
            )
        _check_signature(name, train_fn)


def _check_signature(name: str, train_fn: object) -> None:
    try:
        signature = inspect.signature(train_fn)  # type: ignore[arg-type]
    except ValueError:
        return  # A callable written in C need not have one; calling it tells.
    try:
        signature.bind(0)
    except TypeError as error:
        raise ConfigError(
            f"methods: {name!r} cannot be called with the seed alone ({error}); bind the other arguments:"
            " functools.partial(train_fn, lr=0.1)"
        ) from None


def check_name(where: str, name: object) -> None:
    """Check a name that becomes a folder.

    Raises
    ------
    ConfigError
        The message says what is accepted.
    """
    problem = problem_with_name(name)
    if problem is not None:
        raise ConfigError(f"{where}: {problem}")


def check_count(name: str, value: object) -> None:
    """Check a number of threads or jobs.

    Raises
    ------
    ConfigError
        It is no whole number from 1 on.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{name} is {value!r}; accepted is a whole number from 1 on")


def check_load_fn(load_fn: object) -> None:
    """Check what loads the models.

    Raises
    ------
    ConfigError
        It is given, and no function.
    """
    if load_fn is not None and not callable(load_fn):
        raise ConfigError(f"load_fn is {load_fn!r}; accepted is a function (path) -> model")


def check_training_seeds(seeds: object) -> tuple[int, ...]:
    """Return the seeds, each checked for what Python, numpy and torch take.

    Raises
    ------
    ConfigError
        One is out of range or appears twice, or there is none.
    """
    labels = check_seeds(seeds)
    for seed in labels:
        check_seed(seed)
    return labels


def read_checkpoints(
    checkpoints: Checkpoints, seeds: Sequence[int] | None
) -> tuple[dict[str, GivenCheckpoints], tuple[int, ...]]:
    """Return the checkpoints of every method by seed, and the seeds.

    Raises
    ------
    ConfigError, IncompleteStudyError
        They are not in an accepted form, methods differ in their seeds, or a file is given twice.
    CheckpointError
        A file does not exist.
    """
    if not isinstance(checkpoints, Mapping) or not checkpoints:
        raise ConfigError(f"checkpoints is {checkpoints!r}; accepted is a mapping {{name: [path, ...]}}")
    by_seed: dict[str, dict[int, Path]] = {}
    for name, paths in checkpoints.items():
        if isinstance(paths, str | Path) or not isinstance(paths, Sequence | Mapping):
            raise ConfigError(
                f"checkpoints: {name!r} is {paths!r}; accepted are a list of paths, one per seed, and a"
                " mapping {seed: path}"
            )
        if isinstance(paths, Mapping):
            by_seed[name] = {seed: Path(paths[seed]) for seed in check_seeds(paths)}
        else:
            labels = check_seeds(range(len(paths)) if seeds is None else seeds)
            if len(labels) != len(paths):
                raise ConfigError(
                    f"checkpoints: {name!r} has {len(paths)} for the {len(labels)} seeds; give one per seed"
                )
            by_seed[name] = {seed: Path(path) for seed, path in zip(labels, paths, strict=True)}
    wanted = sorted({seed for of in by_seed.values() for seed in of}) if seeds is None else list(seeds)
    _check_files(by_seed, wanted)
    return {name: GivenCheckpoints(of) for name, of in by_seed.items()}, check_seeds(wanted)


def _check_files(by_seed: Mapping[str, Mapping[int, Path]], wanted: Sequence[int]) -> None:
    seen: dict[Path, str] = {}
    for name, paths in by_seed.items():
        missing = [seed for seed in wanted if seed not in paths]
        if missing:
            raise IncompleteStudyError(
                f"checkpoints: {name!r} lacks seed {', '.join(map(str, missing))}; give every method the same"
                " seeds"
            )
        for seed in wanted:
            path = paths[seed]
            if not path.exists():
                raise CheckpointError(f"checkpoints: {name!r}, seed {seed}: {path} does not exist")
            this = f"{name!r}, seed {seed}"
            other = seen.setdefault(path.resolve(), this)
            if other != this:
                raise ConfigError(
                    f"checkpoints: {path} is given for {other} and for {this}; one run, one file"
                )
