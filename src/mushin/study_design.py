"""Hold what a Study has decided: its cells, how each is trained and scored, and what it depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, SequentialSampler

from mushin.cell_evaluation import CellEvaluation
from mushin.config.plan import CellName, canonical_json
from mushin.evaluation.custom import CustomMetric
from mushin.fingerprint import Fingerprint, fingerprint
from mushin.given_checkpoints import GivenCheckpoints
from mushin.training.load_model import load_model
from mushin.training.seeding import isolated_randomness


class TrainFn(Protocol):
    """Trains a method under a seed: a function, a `functools.partial`, or an object that can be called.

    Python, numpy and torch are seeded before the call.
    """

    def __call__(self, seed: int, /) -> str | os.PathLike[str]:
        """Train under `seed`, save a checkpoint under a path of its own, and return that path."""


class LoadFn(Protocol):
    """Loads the models of all methods."""

    def __call__(self, path: Path, /) -> Callable[..., Any]:
        """Return the model of a checkpoint: a `torch.nn.Module`, or a function of a batch's inputs."""


@dataclass(frozen=True)
class StudyDesign:
    """What a Study has decided.

    Attributes
    ----------
    dataset : str
        The label of the test data.
    methods : mapping of str to TrainFn
        Name → how it is trained.
    seeds : tuple of int
        In the order of the result.
    load_fn : LoadFn
        Returns the model of a checkpoint.
    data : iterable of batches
        The test split.
    evaluation : CellEvaluation
        How a model is scored on it.
    results : Path
        The results folder.
    threads : int
        Threads of torch for training and evaluation.
    deterministic : bool
        Whether torch refuses operations whose result depends on the order of threads.
    """

    dataset: str
    methods: Mapping[str, TrainFn]
    seeds: tuple[int, ...]
    load_fn: LoadFn
    data: Iterable[Any]
    evaluation: CellEvaluation
    results: Path
    threads: int
    deterministic: bool

    def cells(self) -> Iterator[CellName]:
        """Yield every cell, methods first, seeds last."""
        for method in self.methods:
            for seed in self.seeds:
                yield CellName(self.dataset, method, seed)


@dataclass(frozen=True)
class Dependencies:
    """What the cells of one method depend on, in the form of `mushin.config.plan.Settings`.

    Attributes
    ----------
    texts, sources : dict of str to str
        By the groups ``data``, ``method``, ``training`` and ``task``.
    """

    texts: dict[str, str]
    sources: dict[str, str]


def dependencies(design: StudyDesign) -> dict[CellName, Dependencies]:
    """Return what each cell depends on; reads the first batch of the test data once."""
    of_task, sources_of_task = _task(design)
    common = {
        "data": {"dataset": design.dataset},
        "training": {"threads": design.threads, "deterministic": design.deterministic},
        "task": of_task,
    }
    found: dict[CellName, Dependencies] = {}
    for method, train_fn in design.methods.items():
        of_seed = _fingerprint_by_seed(train_fn)
        for seed in design.seeds:
            print_of = of_seed(seed)
            groups = {**common, "method": {"function": print_of.name, "arguments": print_of.arguments}}
            sources = {"data": {}, "training": {}, "method": print_of.sources, "task": sources_of_task}
            found[CellName(design.dataset, method, seed)] = Dependencies(
                texts={name: f"{name}={canonical_json(group)}" for name, group in groups.items()},
                sources={name: f"{name}.source={canonical_json(group)}" for name, group in sources.items()},
            )
    return found


def _fingerprint_by_seed(train_fn: TrainFn) -> Callable[[int], Fingerprint]:
    """Return what a method depends on under a seed: its function, or the checkpoint that was given."""
    if isinstance(train_fn, GivenCheckpoints):
        return lambda seed: Fingerprint("checkpoint", {"sha256": train_fn.sha256(seed)})
    of_every_seed = fingerprint(train_fn)
    return lambda seed: of_every_seed


def _task(design: StudyDesign) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the scores of a model depend on."""
    evaluation, task = design.evaluation, design.evaluation.task
    # The loader of mushin itself is known by mushin's version.
    own_loader = None if design.load_fn is load_model else design.load_fn
    functions: dict[str, Callable[..., Any] | None] = {"load_fn": own_loader}
    functions["predict_fn"] = evaluation.predict_fn or task.predict_fn
    functions |= {name: own.metric for name, own in task.custom.items() if not own.is_object}
    prints = {name: fingerprint(function) for name, function in functions.items() if function is not None}
    settings = {
        "name": task.name,
        "metrics": {name: _describe_metric(task.custom.get(name)) for name in task.metrics},
        "prob_metrics": list(task.prob_metrics),
        "keep_samples": task.keep_samples,
        "num_classes": evaluation.num_classes,
        "ignore_index": evaluation.ignore_index,
        "class_names": list(evaluation.class_names),
        "functions": {name: {"function": of.name, "arguments": of.arguments} for name, of in prints.items()},
        "data": _describe(design.data),
    }
    return settings, {name: digest for of in prints.values() for name, digest in of.sources.items()}


def _describe_metric(own: CustomMetric | None) -> dict[str, Any]:
    """Describe a metric of the user's own; a torchmetrics object by its class and its plain options."""
    if own is None:
        return {}
    described: dict[str, Any] = {"higher_is_better": own.higher_is_better}
    if own.is_object:
        described["class"] = type(own.metric).__qualname__
        options = {key: of for key, of in vars(own.metric).items() if not key.startswith("_")}
        described |= {key: of for key, of in options.items() if isinstance(of, bool | int | float | str)}
    return described


def has_fixed_order(data: object) -> bool:
    """Tell whether every pass over the data certainly gives the same samples in the same order."""
    if isinstance(data, DataLoader):
        return isinstance(data.sampler, SequentialSampler) and data.batch_size is not None
    return isinstance(data, list | tuple)


def _describe(data: Iterable[Any]) -> dict[str, Any]:
    """Describe the test data, as far as its first batch and its length show."""
    described: dict[str, Any] = {}
    if isinstance(data, Sized):
        described["batches"] = len(data)
    if has_fixed_order(data):
        digest = hashlib.sha256()
        with isolated_randomness(0):  # A DataLoader draws from torch's state.
            for batch in islice(data, 1):
                _add(batch, digest)
        described["first_batch"] = digest.hexdigest()[:16]
    return described


def _add(value: Any, digest: Any) -> None:
    """Add the arrays of a batch to a digest."""
    if isinstance(value, torch.Tensor):
        content = value.detach().cpu().contiguous()
        digest.update(f"{content.dtype} {list(content.shape)}".encode())
        digest.update(content.flatten().view(torch.uint8).numpy().tobytes())
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype} {list(value.shape)}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        for key in value:
            digest.update(str(key).encode())
            _add(value[key], digest)
    elif isinstance(value, list | tuple):
        for part in value:
            _add(part, digest)
