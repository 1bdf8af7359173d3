"""Train a model on (input, target) pairs by gradient descent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from mushin.errors import ConfigError, TrainingError
from mushin.training.batches import Batches, batches
from mushin.training.data import Data, as_pair, check_labels
from mushin.training.device import resolve_device
from mushin.training.loss import mean_cross_entropy
from mushin.training.progress import Epoch, Progress, default_progress
from mushin.training.seeding import check_seed, derive_seed
from mushin.training.value_shapes import check_value_shapes

OptimizerFn: TypeAlias = Callable[[list[nn.Parameter]], Optimizer]
SchedulerFn: TypeAlias = Callable[[Optimizer], LRScheduler]
LossFn: TypeAlias = Callable[[Any, torch.Tensor], torch.Tensor]

_SHUFFLE_STREAM = 1


@dataclass(frozen=True)
class TrainingHistory:
    """How the loss went, one entry per epoch.

    Parameters
    ----------
    loss : tuple of float
        Mean loss over the training split's batches, weighted by their numbers of samples; taken while the
        weights change.
    learning_rate : tuple of float
        What the optimizer's first group of parameters used.
    validation_loss : tuple of float, optional
        Mean loss over the validation split after each epoch; None without such a split.
    """

    loss: tuple[float, ...]
    learning_rate: tuple[float, ...]
    validation_loss: tuple[float, ...] | None = None


def train_supervised(
    model: nn.Module,
    data: Data,
    *,
    seed: int,
    optimizer: OptimizerFn,
    epochs: int,
    batch_size: int,
    scheduler: SchedulerFn | None = None,
    loss: LossFn | None = None,
    device: str | torch.device = "auto",
    amp: bool = False,
    num_workers: int = 0,
    num_classes: int | None = None,
    ignore_index: int | None = None,
    report: Progress | None = None,
) -> TrainingHistory:
    """Train `model` in place on the training split.

    The same seed gives bit-identical weights, on the same machine with the same number of threads, whatever
    `num_workers` and whether or not there is a validation split. For that the caller calls
    ``seed_everything(seed)`` directly before it builds the model; the model's own draws (dropout) continue
    that global stream. Shuffling, and what a Dataset draws, come from streams of their own derived from
    `seed`. On a GPU this also takes ``seed_everything(seed, deterministic=True)``.

    Parameters
    ----------
    model : torch.nn.Module
        Is moved to `device`, and left there in evaluation mode.
    data : Data
        Its training split, and its validation split where there is one. The test split is not touched.
    seed : int
        The seed of this run.
    optimizer : callable, list of parameters -> torch.optim.Optimizer
        Gets the parameters that require a gradient.
    epochs, batch_size : int
        Passes over the training split, and samples per step; at least 1 each.
    scheduler : callable, optimizer -> LRScheduler, optional
        Stepped once per epoch. `ReduceLROnPlateau` sees the validation loss, or without one the training
        loss.
    loss : callable, (outputs, targets) -> scalar tensor, optional
        By default the mean cross-entropy, without targets of `ignore_index`. Integer targets come as int64.
    device : str or torch.device
        See `resolve_device`.
    amp : bool
        Automatic mixed precision: bfloat16 on a CPU, float16 with a gradient scaler on CUDA.
    num_workers : int
        Processes that load a Dataset's samples.
    num_classes, ignore_index : int, optional
        Where `num_classes` is given, targets are checked to be labels below it, or `ignore_index`.
    report : Progress, optional
        Where progress goes: by default a bar where standard error is a terminal, and a line per epoch
        elsewhere. A plain ``Progress()`` is silent.

    Returns
    -------
    TrainingHistory

    Raises
    ------
    ConfigError
        If a setting is out of range or this machine lacks the device.
    DataError
        If a label is out of range, or a Dataset's samples are not (input, target) pairs.
    TrainingError
        If the loss or a weight becomes NaN or infinite, the loss is not a scalar, values and targets differ
        by a last axis of 1, or the model has no parameter to train.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> data = Data(train=(torch.eye(4), torch.arange(4)))
    >>> sgd = partial(torch.optim.SGD, lr=1.0)
    >>> settings = {"optimizer": sgd, "epochs": 3, "batch_size": 4, "device": "cpu", "report": Progress()}
    >>> history = train_supervised(nn.Linear(4, 4), data, seed=0, **settings)
    >>> history.loss[2] < history.loss[0]
    True
    """
    check_seed(seed)
    place = resolve_device(device)
    _check_settings(epochs, amp, place)
    check = None if num_classes is None else _label_check(data, num_classes, ignore_index)
    shuffler = torch.Generator().manual_seed(derive_seed(seed, _SHUFFLE_STREAM))
    load = partial(batches, batch_size=batch_size, device=place, num_workers=num_workers, check_targets=check)
    training = load(data.train, generator=shuffler, shuffle=True)
    validation = None if data.validation is None else load(data.validation)
    if loss is None:
        loss = partial(mean_cross_entropy, ignore_index=ignore_index)
    run = _Run(model, optimizer, loss, place, amp)
    stepping = None if scheduler is None else scheduler(run.optimizer)
    return _train_epochs(run, training, validation, epochs, stepping, seed, report or default_progress())


def _train_epochs(
    run: _Run,
    training: Batches,
    validation: Batches | None,
    epochs: int,
    scheduler: LRScheduler | None,
    seed: int,
    report: Progress,
) -> TrainingHistory:
    history: list[Epoch] = []
    report.start(epochs * len(training))
    try:
        for number in range(1, epochs + 1):
            start = time.perf_counter()
            rate = float(run.optimizer.param_groups[0]["lr"])
            loss = run.train(training, report)
            _check_finite(run.model, loss, f"in epoch {number} (seed {seed})", rate)
            watched = None if validation is None else run.validate(validation)
            _step(scheduler, loss if watched is None else watched)
            history.append(Epoch(number, epochs, loss, rate, time.perf_counter() - start, watched))
            report.end_epoch(history[-1])
    finally:
        report.close()
    run.model.eval()
    return _summarize(history)


def _summarize(epochs: list[Epoch]) -> TrainingHistory:
    watched = tuple(epoch.validation_loss for epoch in epochs if epoch.validation_loss is not None)
    return TrainingHistory(
        loss=tuple(epoch.loss for epoch in epochs),
        learning_rate=tuple(epoch.learning_rate for epoch in epochs),
        validation_loss=watched or None,
    )


class _Run:
    """The model in training, with all that a step needs."""

    def __init__(
        self, model: nn.Module, optimizer: OptimizerFn, loss: LossFn, device: torch.device, amp: bool
    ) -> None:
        self.model = model.to(device)
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not parameters:
            raise TrainingError(
                f"the model {type(model).__name__} has no parameter that requires a gradient; a method that "
                "is not trained by gradient descent brings its own fit"
            )
        self.optimizer = optimizer(parameters)
        self._loss = loss.to(device) if isinstance(loss, nn.Module) else loss
        self._precision = partial(_autocast, device, amp)
        self._scaler = torch.amp.GradScaler(device.type, enabled=amp and device.type == "cuda")

    def train(self, batches: Batches, report: Progress) -> float:
        """Take one pass of steps; return the mean loss."""
        self.model.train()
        losses, counts = [], []
        for inputs, targets in batches:
            loss = self._loss_of(inputs, targets)
            self.optimizer.zero_grad()
            torch.autograd.backward(self._scaler.scale(loss))
            self._scaler.step(self.optimizer)
            self._scaler.update()
            losses.append(loss.detach())
            counts.append(len(inputs))
            report.end_batch()
        return _weighted_mean(losses, counts)

    @torch.no_grad()
    def validate(self, batches: Batches) -> float:
        """Return the mean loss in evaluation mode."""
        self.model.eval()
        losses, counts = [], []
        for inputs, targets in batches:
            losses.append(self._loss_of(inputs, targets))
            counts.append(len(inputs))
        return _weighted_mean(losses, counts)

    def _loss_of(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if not (targets.is_floating_point() or targets.is_complex() or targets.dtype is torch.bool):
            targets = targets.long()
        with self._precision():
            outputs = self.model(inputs)
            if getattr(self._loss, "__module__", "").startswith("torch."):  # One's own may reconcile them.
                check_value_shapes(outputs, targets)
            loss = self._loss(outputs, targets)
        if not isinstance(loss, torch.Tensor) or loss.ndim:
            shape = f"shape {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else type(loss).__name__
            raise TrainingError(
                f"the loss returned {shape}; accepted: a scalar tensor, such as the batch's mean"
            )
        return loss


def _autocast(device: torch.device, amp: bool) -> AbstractContextManager[Any]:
    if not amp:
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16 if device.type == "cpu" else torch.float16)


def _weighted_mean(losses: list[torch.Tensor], counts: list[int]) -> float:
    # One copy from the device per pass; float64 only then, since Metal has none.
    values = torch.stack(losses).float().cpu().double()
    weights = torch.tensor(counts, dtype=torch.float64)
    return float((values * weights).sum() / weights.sum())


def _check_finite(model: nn.Module, loss: float, when: str, learning_rate: float) -> None:
    # The loss of the last step says nothing about the weights that this step made.
    what = f"the loss became {loss}"
    if math.isfinite(loss):
        spoilt = [name for name, weight in model.named_parameters() if not torch.isfinite(weight).all()]
        if not spoilt:
            return
        what = f"the weights {spoilt[0]} became nan or inf"
    raise TrainingError(
        f"training diverged: {what} {when}; lower the learning rate (it was {learning_rate:.4g}), or look "
        "for nan and inf in the inputs"
    )


def _step(scheduler: LRScheduler | None, watched_loss: float) -> None:
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(watched_loss)
    elif scheduler is not None:
        scheduler.step()


def _check_settings(epochs: int, amp: bool, device: torch.device) -> None:
    if epochs < 1:
        raise ConfigError(f"epochs: {epochs}; accepted: a whole number of at least 1")
    if amp and device.type not in ("cpu", "cuda"):
        raise ConfigError(f"amp: true on {device.type}; accepted on cpu and cuda only; set amp=false")


def _label_check(data: Data, num_classes: int, ignore_index: int | None) -> Callable[[torch.Tensor], None]:
    """Check the labels that lie in memory at once; return the check for those that are still to be loaded."""
    check = partial(check_labels, num_classes=num_classes, ignore_index=ignore_index)
    for split in (data.train, data.validation):
        pair = None if split is None else as_pair(split)
        if pair is not None:
            check(pair[1])
    return check
