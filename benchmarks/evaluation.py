"""Time evaluation against torchmetrics: one command, one table.

    OMP_NUM_THREADS=1 python benchmarks/evaluation.py [--repeats 5] [--only WORD]

Every case runs these in turn, so that a busy moment of the machine falls on all of them:

- `mushin`: evaluate_model, and all scores of the task;
- `battery`: one torchmetrics object per metric, updated per batch with argmax(softmax(logits)) and the
  probabilities, as its users write it;
- `collection`: MetricCollection with compute groups and validate_args=False, softmax only where a metric
  needs it, as an expert writes it;
- `reading`: a sum over all bytes of inputs and targets, which nothing that reads them once can undercut.

Times are medians with their range; ratios are medians of the ratios within a turn; the share of the read
limit is the time of `reading` in that of `mushin`. Memory is the growth of the peak resident size over one
run, in a process of its own (Linux only).
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torchmetrics
import torchmetrics.classification as tm
from torch import Tensor, nn

from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.tasks import get_task
from mushin.metrics.catalog import get_metric

Batches = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Case:
    """One workload: what is scored, and the unit of its time."""

    name: str
    task: str
    num_classes: int
    shape: tuple[int, ...]
    n_batches: int
    gives_labels: bool = False
    label_type: torch.dtype = torch.int64
    ignore_index: int | None = None

    @property
    def n_targets(self) -> int:
        """Samples or pixels in all batches."""
        return self.n_batches * torch.Size(self.shape).numel()

    def batches(self) -> Batches:
        """Random batches whose predictions are right four times in five."""
        generator = torch.Generator().manual_seed(0)
        return [self._batch(generator) for _ in range(self.n_batches)]

    def _batch(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        coarse = [max(1, side // 8) for side in self.shape[1:]]
        targets = torch.randint(self.num_classes, (self.shape[0], *coarse), generator=generator)
        for axis in range(1, len(self.shape)):
            targets = targets.repeat_interleave(8, dim=axis)
        noise = torch.rand(targets.shape, generator=generator)
        predictions = torch.where(noise < 0.2, (targets + 1) % self.num_classes, targets)
        if self.ignore_index is not None:
            targets[noise > 0.95] = self.ignore_index
        if self.gives_labels:
            return predictions.to(self.label_type), targets.to(self.label_type)
        logits = torch.randn(self.shape[0], self.num_classes, *self.shape[1:], generator=generator)
        logits.scatter_add_(1, predictions[:, None], torch.full_like(logits[:, :1], 3.0))
        return logits, targets


IMAGES = (4, 512, 512)
CASES = (
    Case("labels int64, 21 classes", "segmentation", 21, IMAGES, 6, True),
    Case("labels uint8, 21 classes", "segmentation", 21, IMAGES, 6, True, torch.uint8),
    Case("labels int64, 21 classes, ignore 255", "segmentation", 21, IMAGES, 6, True, ignore_index=255),
    Case("labels uint8, 21 classes, ignore 255", "segmentation", 21, IMAGES, 6, True, torch.uint8, 255),
    Case("labels int64, 150 classes", "segmentation", 150, IMAGES, 6, True),
    Case("logits, 21 classes", "segmentation", 21, IMAGES, 2),
    Case("logits, 21 classes, 32 x 32 pixels", "segmentation", 21, (512, 32, 32), 2),
    Case("logits, 150 classes", "segmentation", 150, (1, 512, 512), 2),
    Case("classification 50,000 x 1000", "classification", 1000, (250,), 200),
    Case("classification 10,000 x 10", "classification", 10, (250,), 40),
)


def mushin(case: Case, batches: Batches) -> dict[str, float]:
    predict_fn = (lambda model, x: (x, None)) if case.gives_labels else None
    found = evaluate_model(
        nn.Identity(),
        batches,
        task=case.task,
        num_classes=case.num_classes,
        ignore_index=case.ignore_index,
        predict_fn=predict_fn,
    ).arrays()
    names = get_task(case.task).metrics
    return {name: float(get_metric(name).score(found, ignore_index=case.ignore_index)) for name in names}


def objects(case: Case, **options: bool) -> dict[str, torchmetrics.Metric]:
    shared = {"num_classes": case.num_classes, "ignore_index": case.ignore_index, **options}
    makers = {
        "accuracy": lambda: tm.MulticlassAccuracy(average="micro", **shared),
        "pixel_acc": lambda: tm.MulticlassAccuracy(average="micro", **shared),
        "precision": lambda: tm.MulticlassPrecision(**shared),
        "recall": lambda: tm.MulticlassRecall(**shared),
        "f1": lambda: tm.MulticlassF1Score(**shared),
        "dice": lambda: tm.MulticlassF1Score(**shared),
        "miou": lambda: tm.MulticlassJaccardIndex(**shared),
        "auroc": lambda: tm.MulticlassAUROC(**shared),
        "ece": lambda: tm.MulticlassCalibrationError(n_bins=15, **shared),
    }
    return {name: makers[name]() for name in get_task(case.task).metrics}


def battery(case: Case, batches: Batches) -> dict[str, float]:
    metrics = objects(case)
    with torch.inference_mode():
        for inputs, targets in batches:
            probabilities = inputs if case.gives_labels else inputs.softmax(dim=1)
            predictions = inputs if case.gives_labels else probabilities.argmax(dim=1)
            for name, metric in metrics.items():
                metric.update(probabilities if get_metric(name).needs_probabilities else predictions, targets)
        return {name: float(metric.compute()) for name, metric in metrics.items()}


def collection(case: Case, batches: Batches) -> dict[str, float]:
    metrics = objects(case, validate_args=False)
    of_probabilities = {name for name in metrics if get_metric(name).needs_probabilities}
    labels = torchmetrics.MetricCollection({n: m for n, m in metrics.items() if n not in of_probabilities})
    scores = torchmetrics.MetricCollection({n: metrics[n] for n in sorted(of_probabilities)})
    with torch.inference_mode():
        for inputs, targets in batches:
            labels.update(inputs if case.gives_labels else inputs.argmax(dim=1), targets)
            if of_probabilities:
                scores.update(inputs.softmax(dim=1), targets)
        found = labels.compute() | (scores.compute() if of_probabilities else {})
    return {name: float(value) for name, value in found.items()}


CONTENDERS: tuple[Callable[[Case, Batches], dict[str, float]], ...] = (mushin, battery, collection)


def reading(batches: Batches) -> int:
    # Words of 8 bytes, whatever the type: torch's own sum of uint8 is slower than the memory.
    return sum(int(tensor.flatten().view(torch.int64).sum()) for batch in batches for tensor in batch)


def seconds_of(case: Case, repeats: int) -> dict[str, list[float]]:
    batches = case.batches()
    taken: dict[str, list[float]] = {name.__name__: [] for name in (*CONTENDERS, reading)}
    agreed: dict[str, float] = {}
    for turn in range(repeats + 1):
        for contender in CONTENDERS:
            start = time.perf_counter()
            found = contender(case, batches)
            if turn:  # the first turn warms up
                taken[contender.__name__].append(time.perf_counter() - start)
            agreed = agreed or found
            assert all(abs(found[name] - agreed[name]) < 1e-3 for name in agreed), (found, agreed)
        start = time.perf_counter()
        reading(batches)
        if turn:
            taken[reading.__name__].append(time.perf_counter() - start)
    return taken


def grown_mib(case: Case, contender: Callable[[Case, Batches], dict[str, float]]) -> float:
    """Return by how much one run raises the peak memory of a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grow, (case, contender))


def _grow(case: Case, contender: Callable[[Case, Batches], dict[str, float]]) -> float:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "No positive samples")
    batches = case.batches()
    small = Case("small", case.task, case.num_classes, (case.shape[0], *(8 for _ in case.shape[1:])), 1)
    if not case.gives_labels:
        contender(small, small.batches())
    Path("/proc/self/clear_refs").write_text("5")  # start the peak anew
    before = _peak_kib()
    contender(case, batches)
    return (_peak_kib() - before) / 1024


def _peak_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def row_of(case: Case, repeats: int) -> str:
    taken = seconds_of(case, repeats)
    by_target = case.task == "segmentation"
    scale, unit = (1e9 / case.n_targets, "ns/px") if by_target else (1e3, "ms")
    cells = [case.name, unit]
    for contender in CONTENDERS:
        seconds = taken[contender.__name__]
        low, middle, high = (scale * f(seconds) for f in (min, statistics.median, max))
        cells.append(f"{middle:.1f} ({low:.1f}-{high:.1f})")
    ratios = {
        other: statistics.median(
            theirs / ours for theirs, ours in zip(taken[other], taken["mushin"], strict=True)
        )
        for other in ("battery", "collection", "reading")
    }
    cells += [f"{ratios[other]:.1f}" for other in ("battery", "collection")]
    cells.append(f"{ratios['reading']:.0%} ({scale * statistics.median(taken['reading']):.2f})")
    cells += [f"{grown_mib(case, contender):.0f}" for contender in CONTENDERS]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="timed turns per case (default 5)")
    parser.add_argument("--only", default="", help="run only the cases whose name contains this")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "No positive samples")
    print(
        "| case | unit | mushin | battery | collection | battery / mushin | collection / mushin",
        end=" ",
    )
    print("| share of the read limit (limit) | +MiB mushin | battery | collection |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for case in CASES:
        if arguments.only in case.name:
            print(row_of(case, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()
