"""Read the models that a user hands to ``compare``: one per method and seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, TypeAlias

import numpy as np
from torch import nn

from mushin.errors import ConfigError, IncompleteStudyError, PredictionError

Runs: TypeAlias = "Sequence[Any] | Mapping[int, Any]"
"""The models of one method: in the order of the seeds, or by seed. Anything with a length and an index."""

_ACCEPTED = "accepted are a sequence of models, one per seed, and a mapping {seed: model}"


@dataclass(frozen=True)
class ModelRuns:
    """The models of every method, by seed.

    Attributes
    ----------
    methods : mapping of str to runs
        As the user gave them; a model is fetched where it is asked for.
    seeds : tuple of int
        The seeds, in the order of the result.
    """

    methods: Mapping[str, Runs]
    seeds: tuple[int, ...]

    def model(self, method: str, seed: int) -> Any:
        """Fetch one model; None where its method lacks the seed.

        Raises
        ------
        PredictionError
            It is no model.
        """
        runs = self.methods[method]
        if isinstance(runs, Mapping):
            found = runs.get(seed)
            return None if found is None else _checked_model(found, f"method {method!r}, seed {seed}")
        return _checked_model(runs[self.seeds.index(seed)], f"method {method!r}, seed {seed}")


def read_runs(
    methods: Mapping[str, Runs], seeds: Sequence[int] | None = None, *, allow_incomplete: bool = False
) -> ModelRuns:
    """Check the models of a comparison, without fetching those of a lazy sequence.

    Parameters
    ----------
    methods : mapping of str to runs
        Name → models.
    seeds : sequence of int, optional
        The labels of the seeds. By default those of the mappings, or 0, 1, … for sequences.
    allow_incomplete : bool
        Whether a mapping may lack seeds.

    Raises
    ------
    ConfigError
        There is no method, a name is no text, models are not in an accepted form, or the numbers of models
        differ.
    IncompleteStudyError
        A mapping lacks seeds.
    PredictionError
        Something among the models is none.

    Examples
    --------
    >>> read_runs({"a": [nn.Identity(), nn.Identity()], "b": {0: nn.Identity(), 1: nn.Identity()}}).seeds
    (0, 1)
    """
    if not isinstance(methods, Mapping):
        raise ConfigError(f"methods is a {type(methods).__name__}; accepted is a mapping {{name: models}}")
    if not methods:
        raise ConfigError("methods is empty; give at least two methods to compare")
    for name, runs in methods.items():
        if not isinstance(name, str) or not name:
            raise ConfigError(f"methods: the name {name!r} is no text; name each method")
        _check_form(name, runs)
    labels = _seed_labels(methods, seeds)
    for name, runs in methods.items():
        _check_length(name, runs, labels, allow_incomplete=allow_incomplete)
        _check_present_models(name, runs, labels)
    return ModelRuns(methods, labels)


def _check_form(name: str, runs: object) -> None:
    if isinstance(runs, nn.Module) and not isinstance(runs, nn.ModuleList):
        raise ConfigError(
            f"methods: {name!r} is one {type(runs).__name__}; give one model per seed: {{{name!r}: [model]}}"
        )
    if isinstance(runs, str | bytes) or not isinstance(runs, Sized) or not hasattr(runs, "__getitem__"):
        hint = ""
        if hasattr(runs, "__next__"):
            hint = "; a generator can be read only once and has no length: make it a list, or a lazy sequence"
        raise ConfigError(f"methods: {name!r} is a {type(runs).__name__}; {_ACCEPTED}{hint}")


def _seed_labels(methods: Mapping[str, Runs], seeds: Sequence[int] | None) -> tuple[int, ...]:
    """Return the seeds: those given, those of the mappings, or 0, 1, … by position."""
    if seeds is not None:
        return check_seeds(seeds)
    by_seed = {name: runs for name, runs in methods.items() if isinstance(runs, Mapping)}
    if by_seed:
        return tuple(sorted({seed for runs in by_seed.values() for seed in check_seeds(runs)}))
    return check_seeds(range(max(len(runs) for runs in methods.values())))


def check_seeds(seeds: object) -> tuple[int, ...]:
    """Return seeds as a tuple, each checked.

    Raises
    ------
    ConfigError
        There is none, one is no whole number from 0 on, or one appears twice.

    Examples
    --------
    >>> check_seeds(range(3))
    (0, 1, 2)
    """
    try:
        labels: list[Any] = list(seeds)  # type: ignore[call-overload]
    except TypeError:
        raise ConfigError(
            f"seeds is {seeds!r}; accepted is a sequence of whole numbers, such as range(5)"
        ) from None
    for seed in labels:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ConfigError(f"seeds: {seed!r} is no whole number from 0 on")
        if labels.count(seed) > 1:
            raise ConfigError(f"seeds: {seed} appears twice; list each seed once")
    if not labels:
        raise ConfigError("seeds: there is none; give at least one, and two or more for a claim")
    return tuple(int(seed) for seed in labels)


def _check_length(name: str, runs: Runs, seeds: tuple[int, ...], *, allow_incomplete: bool) -> None:
    if isinstance(runs, Mapping):
        check_seeds(runs)
        missing = [seed for seed in seeds if seed not in runs]
        unknown = [seed for seed in runs if seed not in seeds]
        if unknown:
            raise ConfigError(
                f"methods: {name!r} has a model of seed {unknown[0]}, which seeds does not list"
            )
        if missing and not allow_incomplete:
            raise IncompleteStudyError(
                f"methods: {name!r} lacks seed {', '.join(map(str, missing))}, which others have; train"
                " it, leave the seed out everywhere, or compare what there is with allow_incomplete=True"
            )
    elif len(runs) != len(seeds):
        raise ConfigError(
            f"methods: {name!r} has {len(runs)} models for the {len(seeds)} seeds {_listed(seeds)}; give one"
            " per seed, or say which there are with a mapping {seed: model}"
        )


def _listed(seeds: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, seeds[:5]))
    return f"{shown}, …" if len(seeds) > 5 else shown


def _check_present_models(name: str, runs: Runs, seeds: tuple[int, ...]) -> None:
    """Check the models that lie in memory; fetching those of a lazy sequence would load them all."""
    if isinstance(runs, dict):
        for seed, model in runs.items():
            _checked_model(model, f"method {name!r}, seed {seed}")
    elif isinstance(runs, list | tuple | nn.ModuleList):
        for seed, model in zip(seeds, runs, strict=True):
            _checked_model(model, f"method {name!r}, seed {seed}")


def _checked_model(model: Any, where: str) -> Any:
    if callable(model) and not isinstance(model, type):
        return model
    if isinstance(model, str | PurePath):
        hint = "; for checkpoints on disk use mushin.Study.from_checkpoints"
    elif isinstance(model, Mapping):
        hint = "; load a state dict into its module first"
    elif isinstance(model, type):
        hint = f"; it is the class {model.__name__}: make an object of it"
    else:
        hint = ""
    raise PredictionError(
        f"{where}: a {type(model).__name__} is no model; accepted are a torch.nn.Module and a function of the"
        f" inputs{hint}"
    )
