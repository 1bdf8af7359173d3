"""Digest the targets of a test split, so that cells scored on other samples are told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import torch


class TargetDigest:
    """The digest of the targets that have passed by, in their order."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def watch(
        self, source: Iterable[tuple[torch.Tensor, torch.Tensor]]
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield the batches of `source` unchanged."""
        for inputs, targets in source:
            # Of one type, so that masks of bytes and the labels of a file have the same digest; values of a
            # file are decimals, which agree with those of the data set in float32.
            same_type = targets.to(torch.float32 if targets.is_floating_point() else torch.int64)
            self._hash.update(same_type.detach().cpu().contiguous().numpy().tobytes())
            yield inputs, targets

    def hexdigest(self) -> str:
        """Return the digest of the targets seen so far."""
        return self._hash.hexdigest()
