"""Time what compare and Study cost beside a bare loop: one command, one table.

    OMP_NUM_THREADS=1 python benchmarks/library.py [--seeds 50] [--repeats 5]

The cells are trivial: a linear model of 64 inputs and 10 classes on one batch of 256 samples, under two
methods. So nearly all of the time is overhead. The bare loop does by hand what is compared:

- beside `compare`: each model predicts, and its accuracy is computed;
- beside `Study`: each model is built, saved, loaded, and its accuracy is computed.

All run in turn, so that a busy moment of the machine falls on all. Times are medians with their range, in
milliseconds per cell; a Study's time includes merging the cells and writing the tables.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate
from torch import nn

from mushin import Study, compare

_METHODS = ("first", "second")


def main() -> None:
    arguments = _arguments()
    seeds = range(arguments.seeds)
    targets = torch.arange(256) % 10
    batches = [(torch.randn(256, 64, generator=torch.Generator().manual_seed(0)), targets)]
    methods = {name: [nn.Linear(64, 10) for _ in seeds] for name in _METHODS}
    times: dict[str, list[float]] = {}
    for _ in range(arguments.repeats):
        with tempfile.TemporaryDirectory() as folder:
            for name, run in _contenders(methods, batches, seeds, Path(folder)).items():
                began = time.perf_counter()
                run()
                milliseconds = 1000 * (time.perf_counter() - began) / (len(_METHODS) * len(seeds))
                times.setdefault(name, []).append(milliseconds)
    rows = [
        {"": name, "ms per cell": f"{statistics.median(of):.2f} ({min(of):.2f}-{max(of):.2f})"}
        for name, of in times.items()
    ]
    print(f"{len(_METHODS) * len(seeds)} cells, {arguments.repeats} turns\n")
    print(tabulate(rows, headers="keys", tablefmt="pipe"))


def _contenders(
    methods: dict[str, list[nn.Module]], batches: list[Any], seeds: range, folder: Path
) -> dict[str, Callable[[], Any]]:
    def train(seed: int, name: str) -> Path:
        path = folder / f"{name}-{seed}.pt"
        torch.save(nn.Linear(64, 10).state_dict(), path)
        return path

    def load(path: Path) -> nn.Module:
        model = nn.Linear(64, 10)
        model.load_state_dict(torch.load(path, weights_only=True))
        return model

    def study(**run: Any) -> Any:
        trained = {name: _named(train, name) for name in _METHODS}
        options = {"seeds": seeds, "data": batches, "num_classes": 10, "metrics": ["accuracy"]}
        return Study(trained, load, **options, working_dir=folder / "results").run(progress=False, **run)

    options: dict[str, Any] = {"num_classes": 10, "progress": False}
    return {
        "loop: predict": lambda: [_accuracy(m, batches) for of in methods.values() for m in of],
        "compare, accuracy": lambda: compare(methods, batches, metrics=["accuracy"], **options),
        "compare, battery of six": lambda: compare(methods, batches, **options),
        "loop: build, save, load, predict": lambda: [
            _accuracy(load(train(seed, name)), batches) for name in _METHODS for seed in seeds
        ],
        "Study, accuracy": study,
        "Study again, nothing to do": study,
    }


def _named(train: Callable[[int, str], Path], name: str) -> Callable[[int], Path]:
    return lambda seed: train(seed, name)


def _accuracy(model: nn.Module, batches: list[Any]) -> float:
    right = total = 0
    with torch.inference_mode():
        for inputs, targets in batches:
            right += int((model(inputs).argmax(dim=1) == targets).sum())
            total += len(targets)
    return right / total


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50, help="seeds per method (default 50)")
    parser.add_argument("--repeats", type=int, default=5, help="turns (default 5)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
