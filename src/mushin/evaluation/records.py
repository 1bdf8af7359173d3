"""Keep what was predicted for every sample, beside the counts of all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.evaluation.labels import Labels


class RecordAccumulator:
    """The labels of every sample, growing with each batch.

    A sample with one label is one record. An image is one record per pair of labels that occurs in it, with
    the number of its pixels: a few dozen, where the pixels are hundreds of thousands.

    Parameters
    ----------
    num_classes : int
        C.
    ignore_index : int, optional
        Samples and pixels with this target leave no record.
    """

    def __init__(self, num_classes: int, ignore_index: int | None = None) -> None:
        self._num_classes = num_classes
        self._ignore_index = ignore_index
        self._label_type = np.min_scalar_type(num_classes - 1)
        self._kept: dict[str, list[NDArray[Any]]] = {"record_target": [], "record_prediction": []}
        self._n_seen = 0

    def update(self, predictions: Labels, targets: Labels) -> None:
        """Add a batch of samples with one label each.

        Parameters
        ----------
        predictions, targets : int arrays, shape (n,)
            Labels of any integer type, checked.
        """
        if self._ignore_index is not None:
            kept = targets != self._ignore_index
            predictions, targets = predictions[kept], targets[kept]
        self._keep(record_target=targets, record_prediction=predictions)

    def update_images(self, predictions: Labels, targets: Labels, n_images: int) -> None:
        """Add a batch of images.

        Parameters
        ----------
        predictions, targets : int arrays, shape (n,)
            The labels of all pixels, checked, those of one image after those of another.
        n_images : int
            How many images they are, of one size.
        """
        for of_image, true in zip(
            predictions.reshape(n_images, -1), targets.reshape(n_images, -1), strict=True
        ):
            image, self._n_seen = self._n_seen, self._n_seen + 1
            if self._ignore_index is not None:
                kept = true != self._ignore_index
                of_image, true = of_image[kept], true[kept]
            joint = true.astype(np.int64) * self._num_classes + of_image
            counts = np.bincount(joint)
            pairs = np.flatnonzero(counts)
            self._keep(
                record_target=pairs // self._num_classes,
                record_prediction=pairs % self._num_classes,
                record_sample=np.full(pairs.size, image),
                record_count=counts[pairs],
            )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the records so far, by the name of their variable."""
        empty = np.empty(0, dtype=np.uint8)
        joined = {name: np.concatenate(parts) if parts else empty for name, parts in self._kept.items()}
        return {
            name: values.astype(
                np.min_scalar_type(int(values.max(initial=0)))
                if name in ("record_sample", "record_count")
                else self._label_type
            )
            for name, values in joined.items()
        }

    def _keep(self, **records: NDArray[Any]) -> None:
        for name, values in records.items():
            is_label = name in ("record_target", "record_prediction")
            self._kept.setdefault(name, []).append(values.astype(self._label_type) if is_label else values)
