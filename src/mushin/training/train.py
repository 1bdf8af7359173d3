"""Train one method under one seed: seed, build, train."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from mushin.errors import ConfigError, TrainingError
from mushin.training.data import Data
from mushin.training.seeding import seed_everything
from mushin.training.supervised import TrainingHistory, train_supervised


class BuildFn(Protocol):
    """Builds an untrained model: a class or function of ``conf/method/`` with its settings bound.

    It draws the initial weights from the global random state, which is seeded directly before the call.
    """

    def __call__(self) -> nn.Module:
        """Build the model."""
        ...


class FitFn(Protocol):
    """Trains a model in the user's own way, and returns it.

    The global random state is seeded with `seed` directly before the call. `data` has no test split. The
    settings of ``conf/method/`` are bound beforehand.
    """

    def __call__(self, data: Data, *, seed: int, **settings: Any) -> nn.Module:
        """Train on `data` and return the model."""
        ...


@dataclass(frozen=True)
class TrainedMethod:
    """A trained model.

    Parameters
    ----------
    model : torch.nn.Module
    history : TrainingHistory, optional
        None for a model that a user's own fit trained.
    """

    model: nn.Module
    history: TrainingHistory | None = None


def train_method(
    build: BuildFn | None,
    data: Data,
    *,
    seed: int,
    fit: FitFn | None = None,
    deterministic: bool = False,
    **training: Any,
) -> TrainedMethod:
    """Seed, build a model, and train it; or seed, and call the method's own fit.

    What the callables raise comes through as it is. Neither they nor the training see the test split. The
    working directory is the same afterwards.

    Parameters
    ----------
    build : callable, () -> torch.nn.Module, optional
        See `BuildFn`. Not called where `fit` is given.
    data : Data
    seed : int
        From 0 to 4294967295.
    fit : callable, (data, *, seed) -> torch.nn.Module, optional
        See `FitFn`. It takes the place of `build` and the supervised loop.
    deterministic : bool
        See `seed_everything`.
    **training
        The settings of `train_supervised`: optimizer, epochs, batch_size, ... None with `fit`.

    Returns
    -------
    TrainedMethod

    Raises
    ------
    ConfigError
        If neither `build` nor `fit` is given, or training settings come with `fit`.
    TrainingError
        If the callable returns no model, or the training diverges.

    Examples
    --------
    >>> import torch
    >>> data = Data(train=(torch.eye(4), torch.arange(4)))
    >>> train_method(None, data, seed=0, fit=lambda data, *, seed: nn.Linear(4, 4)).model
    Linear(in_features=4, out_features=4, bias=True)
    """
    if fit is not None and training:
        raise ConfigError(
            f"fit trains the model itself and takes no training settings; got {', '.join(sorted(training))}"
        )
    visible = replace(data, test=None)
    seed_everything(seed, deterministic=deterministic)
    with chdir(Path.cwd()):  # Relative paths mean the same afterwards, wherever a method went.
        if fit is not None:
            return TrainedMethod(_checked_model(fit, fit(visible, seed=seed)))
        if build is None:
            raise ConfigError("a method needs build, for the supervised loop, or fit; neither is given")
        model = _checked_model(build, build())
        return TrainedMethod(model, train_supervised(model, visible, seed=seed, **training))


def _checked_model(maker: object, model: object) -> nn.Module:
    if not isinstance(model, nn.Module):
        found = "None; end it with 'return model'" if model is None else f"a {type(model).__name__}"
        raise TrainingError(f"{_name_of(maker)} must return a torch.nn.Module; it returned {found}")
    return model


def _name_of(maker: object) -> str:
    function = maker.func if isinstance(maker, partial) else maker
    return getattr(function, "__qualname__", type(function).__name__)
