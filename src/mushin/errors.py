"""The errors that mushin raises on purpose."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self


class MushinError(Exception):
    """Base of every error that mushin raises on purpose; the command line prints it as one line."""

    _reason = ""

    @property
    def reason(self) -> str:
        """What is wrong, in one line, for who has the files of a study and writes no Python."""
        return self._reason or " ".join(str(self).split())

    def told_as(self, reason: str) -> Self:
        """Set `reason` where the message gives advice in Python, and return the error."""
        self._reason = reason
        return self


class ConfigError(MushinError, ValueError):
    """The configuration has faults; the message lists all of them, one a line."""


class UnknownNameError(MushinError, ValueError):
    """A task, metric, test or correction of this name does not exist."""


class DataError(MushinError, ValueError):
    """A data set could not be loaded, or what it holds breaks its own description."""


class TrainingError(MushinError, RuntimeError):
    """A method could not be trained: it raised, returned no model, or diverged."""


class CheckpointError(MushinError, ValueError):
    """A checkpoint is damaged, holds more than weights, or belongs to another architecture."""


class PredictionError(MushinError, ValueError):
    """A model's output, or what a predict function returned, cannot be scored."""


class CellError(MushinError, ValueError):
    """A cell file is damaged, of another format, or of another study."""


class IncompleteStudyError(MushinError, ValueError):
    """Cells are missing where a complete study is needed; the message lists them."""


class BusyError(MushinError, RuntimeError):
    """Another run works in the same results folder."""


class WorkerLostError(MushinError, RuntimeError):
    """The process that a warm worker was forked from has ended, and the worker with it."""


class StorageError(MushinError, OSError):
    """A file cannot be written: the disk is full, or the folder is read-only."""


class SweepError(MushinError, RuntimeError):
    """A job of a sweep failed, or what a sweep left in its folder cannot be used."""


class ShippedFilesError(MushinError, RuntimeError):
    """The installation lacks the workflow that mushin ships."""


class ProjectError(MushinError, ValueError):
    """A project, a method or a data set would replace what is there already."""


class FigureError(MushinError, ValueError):
    """A figure cannot be drawn: the study lacks what it shows."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known name, or ``""``.

    Examples
    --------
    >>> did_you_mean("mIoU", ["miou", "dice"])
    "; did you mean 'miou'?"
    """
    lowered = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[close[0]]!r}?" if close else ""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Build the error for an unknown task, metric, test or correction.

    Examples
    --------
    >>> str(unknown_name("metric", "mIoU", ["miou", "dice"]))
    "metric 'mIoU' is unknown; did you mean 'miou'? Known: dice, miou"
    """
    names = sorted(known)
    hint = did_you_mean(name, names)
    return UnknownNameError(f"{kind} {name!r} is unknown{hint or ';'} Known: {', '.join(names)}")
