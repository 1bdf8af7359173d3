"""Make studies of any size for the benchmark of the pipeline, without training anything."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from mushin.cells import Cell, write_cell
from mushin.config.make_plan import make_plan
from mushin.config.plan import CellName, Plan, Settings
from mushin.dataset import FORMAT, MergedResults
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import get_task
from mushin.files import sha256_of
from mushin.labelled import as_results
from mushin.layout import (
    CELL,
    CHECKPOINT,
    COSTS,
    PROVENANCE,
    RESULTS,
    TRAINING_RECORD,
    cell_folder,
)
from mushin.provenance.cost import Cost
from mushin.provenance.run_record import start_run, write_run
from mushin.results_file import write_results
from mushin.stages.record import TrainingRecord, record_training, write_record

ROOT = Path(__file__).resolve().parent.parent
CLASSES = 3
SAMPLES = 100
COST = Cost(seconds=1.5, cpu_seconds=1.4, peak_memory_mb=180.2)


def make_study(folder: Path, cells: int) -> tuple[int, int, int]:
    """Write the conf/ of a study of trivial methods.

    Returns
    -------
    tuple of int
        Data sets, methods, seeds: 5000 cells are 5 data sets x 10 methods x 100 seeds.
    """
    datasets = 5 if cells >= 5000 else 1
    methods = 10 if cells >= 1000 else 2
    seeds = math.ceil(cells / datasets / methods)
    shutil.copytree(ROOT / "tests/workflow/study", folder)
    conf = folder / "conf"
    data, near = (conf / "data/blobs.yaml").read_text(), (conf / "method/near.yaml").read_text()
    for number in range(datasets):
        (conf / f"data/blobs{number}.yaml").write_text(data)
    for number in range(methods):
        (conf / f"method/near{number}.yaml").write_text(near.replace("scale: 1.0", f"scale: {number + 1}.0"))
    head = (conf / "config.yaml").read_text().partition("methods:")[0]
    listed = {
        "datasets": [f"blobs{number}" for number in range(datasets)],
        "methods": [f"near{number}" for number in range(methods)],
        "seeds": list(range(seeds)),
    }
    (conf / "config.yaml").write_text(
        head + "".join(f"{key}: {json.dumps(value)}\n" for key, value in listed.items())
    )
    return datasets, methods, seeds


def read_plan(folder: Path) -> Plan:
    """Return the plan of a study; its data and methods are modules in `folder`."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return make_plan(conf="conf")
    finally:
        os.chdir(before)


def make_cells(folder: Path) -> None:
    """Write what every cell of a study leaves, as its stages would."""
    plan = read_plan(folder)
    rng = np.random.default_rng(0)
    run = start_run("evaluate")
    for name in plan.cells():
        settings = plan.settings[name.dataset, name.method]
        place = cell_folder(folder / plan.folder, name)
        place.mkdir(parents=True)
        (place / CHECKPOINT).write_bytes(str(name).encode())
        sha256 = sha256_of(place / CHECKPOINT)
        record = record_training(sha256, settings)
        write_record(place / TRAINING_RECORD, record)
        write_cell(place / CELL, _cell(name, record, settings, rng))
        for stage, made in (("train", sha256), ("evaluate", sha256_of(place / CELL))):
            write_run(place, replace(run, stage=stage), made, COST)


def mark_finished(folder: Path, snakemake: Callable[..., object] | None) -> None:
    """Add the merged files of a study of made cells, and have Snakemake record all of it as its own work."""
    results = folder / "results"
    tables = [
        f"{table}.{kind}" for table in ("comparisons", "summary") for kind in ("csv", "md", "tex", "html")
    ]
    over = ["ranks.csv", "over_datasets.csv", "over_datasets.md"]
    for name in (RESULTS, COSTS, PROVENANCE, "report.html", *tables, *over):
        (results / name).write_text("made")
    (results / "report_figures").mkdir()
    if snakemake is not None:
        snakemake("--touch", "--forceall", "--quiet", "--cores", "1000")


def _cell(name: CellName, record: TrainingRecord, settings: Settings, rng: np.random.Generator) -> Cell:
    confusion = rng.multinomial(SAMPLES, [0.8, 0.1, 0.1], size=CLASSES)
    statistics = SufficientStatistics(
        confusion=confusion,
        n_samples=CLASSES * SAMPLES,
        calibration_count=rng.integers(0, 9, 16),
        calibration_confidence=rng.random(16),
        calibration_correct=rng.integers(0, 9, 16),
        mann_whitney_u=SAMPLES**2 * rng.random(CLASSES),
    )
    provenance = {
        **record.provenance,
        "settings_task": settings.texts["task"],
        "sources_task": settings.sources["task"],
        "checkpoint_sha256": record.checkpoint_sha256,
        "targets_digest": "0" * 64,
        **{f"trained_with_{package}": number for package, number in record.versions.items()},
        **{f"evaluated_with_{package}": number for package, number in record.versions.items()},
    }
    return Cell(
        name=name,
        task="classification",
        metrics=get_task("classification").metrics,
        class_names=tuple(map(str, range(CLASSES))),
        ignore_index=None,
        statistics=statistics,
        provenance=provenance,
    )


def make_results(folder: Path, methods: int, metrics: int, seeds: int) -> Path:
    """Write the ``compare.nc`` of a study with many methods and metrics, and return its path."""
    rng = np.random.default_rng(0)
    level = np.linspace(0.9, 0.6, methods)[:, None]
    about = {"units": "1", "higher_is_better": 1, "valid_range": (0.0, 1.0)}
    scores = {
        f"metric_{number}": (
            ("method", "seed"),
            level + rng.normal(0, 0.02, (methods, seeds)),
            {"long_name": f"Metric {number}", **about},
        )
        for number in range(metrics)
    }
    ds = xr.Dataset(
        scores,
        coords={"method": [f"method_{number}" for number in range(methods)], "seed": range(seeds)},
        attrs={"format": FORMAT, "task": "classification", "metrics": " ".join(scores)},
    )
    path = folder / "results" / RESULTS
    write_results(path, MergedResults(as_results(ds)))
    return path
