"""The built-in batteries as torchmetrics objects, to start a battery of one's own from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mushin.errors import ConfigError

if TYPE_CHECKING:
    from torchmetrics import MetricCollection


def classification_battery(num_classes: int) -> MetricCollection:
    """Return the metrics of task ``classification`` as torchmetrics objects.

    The built-in task computes the same numbers faster, and sums the calibration error in float64. Take these
    to add to or to change: ``metrics={**classification_battery(10), "kappa": ...}``.

    Parameters
    ----------
    num_classes : int
        C, at least 2.

    Returns
    -------
    torchmetrics.MetricCollection
        ``accuracy``, ``f1``, ``precision``, ``recall``, ``auroc`` and ``ece``. All of them take
        probabilities (N, C) and targets (N,); the first four take predicted labels too.

    Raises
    ------
    ConfigError
        If `num_classes` is not what it must be.

    Examples
    --------
    >>> import torch
    >>> battery = classification_battery(2)
    >>> scores = battery(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 1]))
    >>> float(scores["auroc"])
    1.0
    """
    from torchmetrics import MetricCollection
    from torchmetrics import classification as metrics

    _check_count(num_classes)
    return MetricCollection(
        {
            "accuracy": metrics.MulticlassAccuracy(num_classes, average="micro"),
            "f1": metrics.MulticlassF1Score(num_classes, average="macro"),
            "precision": metrics.MulticlassPrecision(num_classes, average="macro"),
            "recall": metrics.MulticlassRecall(num_classes, average="macro"),
            "auroc": metrics.MulticlassAUROC(num_classes, average="macro"),
            "ece": metrics.MulticlassCalibrationError(num_classes, n_bins=15, norm="l1"),
        }
    )


def segmentation_battery(num_classes: int, ignore_index: int | None = None) -> MetricCollection:
    """Return the metrics of task ``segmentation`` as torchmetrics objects.

    The built-in task computes the same numbers faster. Take these to add to or to change.

    Parameters
    ----------
    num_classes : int
        C, at least 2.
    ignore_index : int, optional
        The label of pixels that are left out; pass the same to the evaluation.

    Returns
    -------
    torchmetrics.MetricCollection
        ``miou``, ``dice``, ``pixel_acc``, ``precision`` and ``recall``, which take predicted labels and
        targets (N, H, W).

    Raises
    ------
    ConfigError
        If `num_classes` is not what it must be.

    Examples
    --------
    >>> import torch
    >>> battery = segmentation_battery(2, ignore_index=255)
    >>> masks = torch.tensor([[[0, 1], [1, 1]]])
    >>> float(battery(masks, torch.tensor([[[0, 1], [1, 255]]]))["miou"])
    1.0
    """
    from torchmetrics import MetricCollection
    from torchmetrics import classification as metrics

    _check_count(num_classes)
    kept: dict[str, Any] = {"num_classes": num_classes, "ignore_index": ignore_index}
    return MetricCollection(
        {
            "miou": metrics.MulticlassJaccardIndex(average="macro", **kept),
            "dice": metrics.MulticlassF1Score(average="macro", **kept),
            "pixel_acc": metrics.MulticlassAccuracy(average="micro", **kept),
            "precision": metrics.MulticlassPrecision(average="macro", **kept),
            "recall": metrics.MulticlassRecall(average="macro", **kept),
        }
    )


def _check_count(num_classes: object) -> None:
    if not isinstance(num_classes, int) or isinstance(num_classes, bool) or num_classes < 2:
        raise ConfigError(f"num_classes is {num_classes!r}; accepted is an integer of 2 or more")
