"""Show how training proceeds: a bar on a terminal, a line per epoch in a log."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, TextIO

from tqdm import tqdm


@dataclass(frozen=True)
class Epoch:
    """What one epoch of training came to.

    Parameters
    ----------
    number, total : int
        Which epoch, counted from 1, of how many.
    loss : float
        The mean loss over the training split's batches, weighted by their numbers of samples.
    learning_rate : float
        What the optimizer's first group of parameters used in this epoch.
    seconds : float
        Wall time.
    validation_loss : float, optional
        The mean loss over the validation split, after the epoch.
    """

    number: int
    total: int
    loss: float
    learning_rate: float
    seconds: float
    validation_loss: float | None = None

    def __str__(self) -> str:
        validation = "" if self.validation_loss is None else f"  validation {self.validation_loss:.4f}"
        return (
            f"epoch {self.number}/{self.total}  loss {self.loss:.4f}{validation}  "
            f"lr {self.learning_rate:.4g}  {self.seconds:.1f} s"
        )


class Progress:
    """Show nothing; the base of those that do."""

    def start(self, n_batches: int) -> None:
        """Take note that training starts, and takes `n_batches` steps in all."""

    def end_batch(self) -> None:
        """Take note of one step."""

    def end_epoch(self, epoch: Epoch) -> None:
        """Take note of one epoch."""

    def close(self) -> None:
        """Release what `start` took; called also where training fails."""


class ProgressLines(Progress):
    """Print one line per epoch to `stream`, or to standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def end_epoch(self, epoch: Epoch) -> None:
        """Print the epoch's line."""
        print(epoch, file=self._stream or sys.stderr, flush=True)


class ProgressBar(Progress):
    """Show a progress bar over all steps on `stream`, or on standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._bar: tqdm[Any] | None = None

    def start(self, n_batches: int) -> None:
        """Open the bar."""
        self._bar = tqdm(total=n_batches, unit="batch", file=self._stream or sys.stderr, dynamic_ncols=True)

    def end_batch(self) -> None:
        """Move the bar by one step."""
        if self._bar is not None:
            self._bar.update()

    def end_epoch(self, epoch: Epoch) -> None:
        """Show the epoch's numbers beside the bar."""
        if self._bar is not None:
            self._bar.set_description_str(str(epoch))

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def default_progress() -> Progress:
    """Return a bar where standard error is a terminal, and lines elsewhere."""
    return ProgressBar() if sys.stderr.isatty() else ProgressLines()
