"""Take checkpoints that exist already in the place of training."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mushin.errors import CheckpointError
from mushin.files import sha256_of


@dataclass(frozen=True)
class GivenCheckpoints:
    """The checkpoints of one method, by seed; called like a training function, it returns a path."""

    paths: Mapping[int, Path]

    def __call__(self, seed: int) -> Path:
        """Return the checkpoint of a seed."""
        return self.paths[seed]

    def sha256(self, seed: int) -> str:
        """Return the hash of the checkpoint of a seed."""
        return checkpoint_sha256(self.paths[seed])


def checkpoint_sha256(path: Path) -> str:
    """Return the SHA-256 of a checkpoint: of a file, or of the names and contents of a folder.

    Raises
    ------
    CheckpointError
        There is no such file or folder.
    """
    if path.is_dir():
        whole = hashlib.sha256()
        for file in sorted(found for found in path.rglob("*") if found.is_file()):
            whole.update(f"{file.relative_to(path).as_posix()} {checkpoint_sha256(file)}\n".encode())
        return whole.hexdigest()
    try:
        return sha256_of(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: the checkpoint does not exist") from None
