"""The segmentation studies of conf/: planned, and the drawn shapes run through real Snakemake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
import torchmetrics.classification as tm

import mushin
from mushin.training.checkpoint import load_checkpoint
from mushin.zoo.drawn_shapes import draw_shapes
from mushin.zoo.fcn import FCN
from mushin.zoo.unet import UNet
from page_blocks import blocks_of
from tiny_study import Study, cells

pytestmark = pytest.mark.workflow

SHARED = {"num_classes": 4, "ignore_index": 255}
ORACLES = {
    "miou": tm.MulticlassJaccardIndex(**SHARED),
    "dice": tm.MulticlassF1Score(**SHARED),
    "pixel_acc": tm.MulticlassAccuracy(average="micro", **SHARED),
    "precision": tm.MulticlassPrecision(**SHARED),
    "recall": tm.MulticlassRecall(**SHARED),
}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study of drawn shapes after one epoch with two seeds."""
    folder = tmp_path_factory.mktemp("shapes")
    shutil.copytree(Path(__file__).parents[2] / "conf", folder / "conf")
    study = Study(folder)
    ran = study.run("--config", "experiment=shapes", "seeds=0,1", "overrides=training.epochs=1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return study


@pytest.mark.parametrize("experiment", ["brain", "shapes"])
def test_every_cell_of_a_segmentation_study_is_planned(study: Path, experiment: str) -> None:
    names = [f"{experiment}/{method}/{seed}" for method in ("unet", "fcn") for seed in (0, 1, 2)]
    assert Study(study).planned("--config", f"experiment={experiment}") == cells(*names)


def test_scores_of_the_study_are_those_of_torchmetrics(shapes: Study) -> None:
    ds = mushin.open_results(shapes.folder / "results/shapes/compare.nc")
    images, labels = draw_shapes().test
    for name, build in (("unet", UNet), ("fcn", FCN)):
        for seed in (0, 1):
            model = build([1, 32, 32], 4)
            load_checkpoint(shapes.folder / f"results/shapes/shapes/{name}/{seed}/model.pt", model)
            with torch.inference_mode():
                predictions = model.eval()(images).argmax(1)
            for metric, oracle in ORACLES.items():
                found = float(ds.sel(method=name, seed=seed)[metric])
                assert found == pytest.approx(float(oracle(predictions, labels)), abs=1e-6), metric


def test_ignored_pixels_count_nowhere(shapes: Study) -> None:
    ds = mushin.open_results(shapes.folder / "results/shapes/compare.nc")
    _, labels = draw_shapes().test
    counted = torch.bincount(labels[labels != 255], minlength=4)
    assert (labels == 255).sum() > 0
    assert ds.attrs["ignore_index"] == 255
    assert (ds["confusion"].sum("prediction").values == counted.numpy()).all()


def test_tables_name_the_metrics_of_segmentation(shapes: Study) -> None:
    shown = shapes.mushin("show", "results/shapes").stdout
    for metric in ORACLES:
        assert metric in shown


def test_examples_of_the_docs_run(study: Path, repository: Path) -> None:
    files = [block for block in blocks_of(repository / "docs/segmentation.md") if block.file]
    assert len(files) == 4
    for block in files:
        (study / str(block.file)).write_text(block.body)
    small = Study(study).planned("--config", "experiment=small", "seeds=0")
    assert small == cells("shapes/unet/0", "shapes/wide/0")
    chosen = ("experiment=dicts", "seeds=0", "overrides=training.epochs=1")
    ran = Study(study).run("results/dicts/compare.nc", "--config", *chosen)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    ds = mushin.open_results(study / "results/dicts/compare.nc")
    counted = int((draw_shapes().test[1] != 255).sum())
    assert (ds["confusion"].sum(("target", "prediction")) == counted).all()
