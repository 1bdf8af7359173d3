"""Save a figure, the same bytes for the same figure."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from mushin.errors import ConfigError, did_you_mean
from mushin.files import replacing

FORMATS = ("svg", "png", "pdf")
_DOTS_PER_INCH = 200

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "mushin",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "pdf.use14corefonts": False,
}

# Dates and random ids would make every file differ from the last.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None},
}


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure whole or not at all.

    Parameters
    ----------
    figure : Figure
        Any figure.
    path : Path
        Ends with ``.svg``, ``.png`` or ``.pdf``. Its folder is made if it is missing.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ConfigError
        Another ending.
    """
    path = Path(path)
    kind = path.suffix.removeprefix(".")
    if kind not in FORMATS:
        hint = did_you_mean(kind, FORMATS)
        raise ConfigError(f"{path}: figures end with .svg, .png or .pdf, not with {path.suffix!r}{hint}")
    with mpl.rc_context(_SETTINGS), replacing(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=_DOTS_PER_INCH, metadata=_METADATA[kind])
    return path


def svg_text(figure: Figure) -> str:
    """Return a figure as the text of an SVG file, as `save_figure` writes it."""
    content = io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        figure.savefig(content, format="svg", metadata=_METADATA["svg"])
    return content.getvalue().decode()
