"""Show how far a run of many cells is: a bar in terminals and notebooks, nothing in logs."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from tqdm import tqdm


def progress_bar(total: int, *, wanted: bool | None, description: str) -> tqdm[Any]:
    """Return a progress bar over `total` cells, on standard error.

    Parameters
    ----------
    total : int
        How many steps there are.
    wanted : bool, optional
        By default a bar is shown in a terminal or a notebook.
    description : str
        Stands before the bar.

    Returns
    -------
    tqdm
        A context manager with ``update()`` and ``set_postfix_str(text)``.

    Examples
    --------
    >>> with progress_bar(3, wanted=False, description="evaluate") as bar:
    ...     bar.update() is None
    True
    """
    in_notebook = "ipykernel" in sys.modules
    shown = (in_notebook or sys.stderr.isatty()) if wanted is None else wanted
    bar: Any = tqdm
    # The notebook's own bar is a widget, and needs the package that draws widgets.
    if in_notebook and importlib.util.find_spec("ipywidgets") is not None:
        bar = importlib.import_module("tqdm.notebook").tqdm
    made: tqdm[Any] = bar(total=total, disable=not shown, desc=description, unit="cell", dynamic_ncols=True)
    return made
