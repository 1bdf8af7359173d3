"""The snippets that the project was designed from, with the definitions that they leave out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import mushin
from mushin import BenchmarkResult, Study, compare, get_task
from mushin.errors import PredictionError

VOID = 255


def _tiny_seg_model(in_channels: int, num_classes: int) -> nn.Module:
    return nn.Conv2d(in_channels, num_classes, 1)


def _train(model: nn.Module, loader: DataLoader[Any]) -> nn.Module:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(3):
        for inputs, targets in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs), targets, ignore_index=VOID).backward()
            optimizer.step()
    return model


def masks(num_classes: int, *, void: bool = False) -> DataLoader[Any]:
    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(num_classes, (12, 8, 8), generator=generator)
    inputs = torch.randn(12, 3, 8, 8, generator=generator)
    inputs[:, 0] += targets
    if void:
        targets[:, 0] = VOID
    return DataLoader(TensorDataset(inputs, targets), batch_size=4)


def run(
    loader: DataLoader[Any],
    *,
    in_channels: int = 3,
    num_classes: int = 4,
    seeds: Any = (0, 1, 2),
) -> BenchmarkResult:
    """Train two tiny segmentation models per seed, then compare."""
    methods: dict[str, list[nn.Module]] = {"model_a": [], "model_b": []}
    for seed in seeds:
        torch.manual_seed(seed)
        methods["model_a"].append(_train(_tiny_seg_model(in_channels, num_classes), loader))
        torch.manual_seed(seed + 100)
        methods["model_b"].append(_train(_tiny_seg_model(in_channels, num_classes), loader))

    return compare(
        methods,
        data=loader,
        task="segmentation",
        num_classes=num_classes,
        test="welch",
    )


def test_two_tiny_segmentation_models_are_compared() -> None:
    result = run(masks(4))
    assert list(result.data["method"].values) == ["model_a", "model_b"]
    assert result.data["seed"].values.tolist() == [0, 1, 2]
    assert set(result.metrics) == {"miou", "dice", "pixel_acc", "precision", "recall"}
    assert set(result.comparisons["test"]) == {"welch"}


@pytest.fixture
def val_loader() -> DataLoader[Any]:
    return masks(21, void=True)


@pytest.fixture
def fcn_models() -> list[nn.Module]:
    return [_tiny_seg_model(3, 21) for _ in range(2)]


@pytest.fixture
def deeplab_models() -> list[nn.Module]:
    return [_tiny_seg_model(3, 21) for _ in range(2)]


def test_void_labels_are_left_out(val_loader: Any, fcn_models: Any, deeplab_models: Any) -> None:
    result = compare(
        methods={"fcn": fcn_models, "deeplab": deeplab_models},
        data=val_loader,
        task="segmentation",
        num_classes=21,
        ignore_index=255,
    )
    assert int(result.confusion.sel(method="fcn", seed=0).sum()) == 12 * 7 * 8


class Dictionary(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return {"out": self.inner(x)}


def torchvision_seg_predict(model: Any, x: Any) -> Any:
    """Adapt a torchvision segmentation model (returns {"out": logits})."""
    logits = model(x)["out"]
    probs = logits.softmax(dim=1)
    return probs.argmax(dim=1), probs


def without_probabilities(model: Any, x: Any) -> Any:
    preds = model(x)["out"].argmax(dim=1)
    return preds, preds


@pytest.mark.parametrize("predict_fn", [torchvision_seg_predict, without_probabilities])
def test_models_that_return_dicts_take_a_predict_fn(
    val_loader: Any, fcn_models: Any, deeplab_models: Any, predict_fn: Any
) -> None:
    expected = compare(
        {"fcn": fcn_models, "deeplab": deeplab_models},
        val_loader,
        "segmentation",
        num_classes=21,
        ignore_index=255,
    )
    result = compare(
        {"fcn": list(map(Dictionary, fcn_models)), "deeplab": list(map(Dictionary, deeplab_models))},
        data=val_loader,
        task="segmentation",
        num_classes=21,
        ignore_index=255,
        predict_fn=predict_fn,
    )
    np.testing.assert_array_equal(result.confusion, expected.confusion)


def test_a_dict_without_a_predict_fn_is_an_error(val_loader: Any, fcn_models: Any) -> None:
    wrapped = list(map(Dictionary, fcn_models))
    with pytest.raises(PredictionError, match="predict_fn"):
        compare(
            {"fcn": wrapped, "other": wrapped}, val_loader, "segmentation", num_classes=21, ignore_index=255
        )


def test_a_study_trains_and_compares(
    val_loader: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def trainer(name: str) -> Callable[[int], str]:
        def train(seed: int) -> str:
            path = f"{name}-{seed}.pt"
            torch.save(_train(_tiny_seg_model(3, 21), val_loader), path)
            return path

        return train

    train_fcn, train_deeplab = trainer("fcn"), trainer("deeplab")
    study = Study(
        methods={"fcn": train_fcn, "deeplab": train_deeplab},
        load_fn=lambda p: torch.load(p, weights_only=False),
        seeds=[0, 1, 2],
        data=val_loader,
        task="segmentation",
        num_classes=21,
        ignore_index=255,
    )
    result = study.run()
    assert result.data.sizes["seed"] == 3
    assert (tmp_path / "results/compare.nc").is_file()


def test_the_results_are_a_labelled_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    batches = [(torch.randn(20, 4), torch.arange(20) % 3)]
    methods = {name: [nn.Linear(4, 3) for _ in range(3)] for name in ("cnn", "mlp")}
    ds = compare(methods, batches, num_classes=3).data
    assert ds["method"].values.tolist() == ["cnn", "mlp"]
    assert ds["seed"].dtype == np.int64
    assert ds["accuracy"].dims == ("method", "seed")
    assert ds["f1"].dtype == np.float64
    assert ds["accuracy"].mean("seed").dims == ("method",)
    assert ds.sel(method="cnn")["accuracy"].dims == ("seed",)
    ds.to_netcdf("results.nc")
    with xr.open_dataset("results.nc") as again:
        np.testing.assert_array_equal(again["accuracy"], ds["accuracy"])
    assert mushin.open_results("results.nc").sel(method="mlp").sizes["seed"] == 3


def test_the_batteries_are_those_that_are_promised() -> None:
    assert get_task("classification").metrics == ("accuracy", "f1", "precision", "recall", "auroc", "ece")
    assert get_task("segmentation").metrics == ("miou", "dice", "pixel_acc", "precision", "recall")
    assert get_task("segmentation").prob_metrics == ()
