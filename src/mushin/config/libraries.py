"""Name the installed modules that a target needs, without running it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from mushin.config.targets import find_spec, find_target, is_installed, parse_source

_PACKAGE = "mushin"
_ZOO = f"{_PACKAGE}.zoo."
_OTHERS = {_PACKAGE, *sys.stdlib_module_names}
"""What every job imports, or what costs nothing."""


def libraries_behind(path: str) -> set[str]:
    """Return the module of an installed target; of one's own, the installed modules that its source imports.

    Imports within functions count, and those of further files of one's own.

    Raises
    ------
    ConfigError
        As for `mushin.config.targets.find_target`.

    Examples
    --------
    >>> libraries_behind("torch.optim.adamw.AdamW")
    {'torch.optim.adamw'}
    """
    libraries = set()
    pending = [find_target(path).module]
    seen = set(pending)
    while pending:
        module = pending.pop()
        file = _file_to_read(module)
        if file is not None:
            new = set(_imported(file, module)) - seen
            seen |= new
            pending += sorted(new)
        elif _is_library(module):
            libraries.add(module)
    return libraries


def _file_to_read(module: str) -> Path | None:
    """Return the source file of a module of one's own, or of the zoo; None for all others."""
    spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    of_zoo = module.startswith(_ZOO)
    is_others = module.partition(".")[0] in _OTHERS or is_installed(Path(spec.origin))
    return Path(spec.origin) if of_zoo or not is_others else None


def _imported(file: Path, module: str) -> Iterator[str]:
    """Yield the modules that a file imports; ``from a import b`` may mean the module a, or a.b as well."""
    for node in ast.walk(parse_source(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join(filter(None, [*_package(module, file, node.level), node.module]))
            yield origin
            yield from (name for alias in node.names if find_spec(name := f"{origin}.{alias.name}"))


def _package(module: str, file: Path, level: int) -> list[str]:
    """Return the package that the dots of a relative import mean; none without dots."""
    parts = module.split(".")
    if level and file.stem == "__init__":
        level -= 1
    elif not level:
        return []
    return parts[: len(parts) - level]


def _is_library(module: str) -> bool:
    top = module.partition(".")[0]
    spec = None if top in _OTHERS else find_spec(top)
    return spec is not None and spec.origin is not None and is_installed(Path(spec.origin))
