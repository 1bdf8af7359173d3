"""Compare machine-learning methods over seeds, and say honestly which is better."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME_OF = {
    "Data": "mushin.training.data",
}

__all__ = ["Data", "__version__"]

if TYPE_CHECKING:
    from mushin.training.data import Data


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mushin' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
