"""Tasks of sweeps, in a module that the workers of a launcher can import."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from mushin import MultiRunMetricsWorkflow, sweep


class Line(MultiRunMetricsWorkflow):
    @staticmethod
    def task(slope: float, seed: int, model: str = "line") -> dict[str, Any]:
        return {"height": 10 * slope + seed, "process": os.getpid(), "model_name": model}


class UnpicklableError(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


@sweep
def fragile(lr: float, seed: int) -> dict[str, Any]:
    if lr < 0:
        raise UnpicklableError(1, 2)
    return {"loss": lr + seed}


@sweep
def deadly(x: int) -> dict[str, Any]:
    if x == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"y": x}


@sweep
def counted(x: int, log: str) -> dict[str, Any]:
    with Path(log).open("a") as file:
        file.write(f"{x}\n")
    return {"square": x * x}
