"""Name the installed modules that a target needs, without running it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from mushin.config.targets import find_spec, find_target, is_installed, parse_source

_OWN = "mushin"


def libraries_behind(path: str) -> set[str]:
    """Return the module of an installed target; of one's own, the installed modules that its file imports.

    Imports within functions count. What further files of one's own import is not looked for.

    Raises
    ------
    ConfigError
        As for `mushin.config.targets.find_target`.

    Examples
    --------
    >>> libraries_behind("torch.optim.adamw.AdamW")
    {'torch.optim.adamw'}
    """
    target = find_target(path)
    top = target.module.partition(".")[0]
    if top != _OWN and (target.file is None or is_installed(target.file)):
        return set() if top in sys.stdlib_module_names else {target.module}
    if target.file is None:
        return set()
    return {module for module in _imported(target.file) if _is_library(module)}


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(parse_source(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module


def _is_library(module: str) -> bool:
    top = module.partition(".")[0]
    spec = None if top == _OWN or top in sys.stdlib_module_names else find_spec(top)
    return spec is not None and spec.origin is not None and is_installed(Path(spec.origin))
