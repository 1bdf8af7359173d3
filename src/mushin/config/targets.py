"""Find the source behind a ``_target_`` without running it."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.machinery
import os
import pkgutil
import site
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mushin.errors import ConfigError, did_you_mean

INSTALLED = "installed"
HYDRA_KEYS = {"_target_", "_args_", "_partial_", "_convert_", "_recursive_"}
"""What Hydra reads beside the arguments of a callable."""
_DYNAMIC = {"exec", "globals"}
"""Builtins with which a module can define names that its source does not show."""
LIBRARIES = tuple(
    {
        Path(folder).resolve()
        for folder in (
            *(sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")),
            *site.getsitepackages(),  # Debian's dist-packages among them.
            site.getusersitepackages(),
            # What a cluster's module or PYTHONPATH adds.
            *(folder for folder in sys.path if any(Path(folder).glob("*.dist-info"))),
        )
    }
)
"""The folders of what is installed, which nobody edits in place."""


@dataclass(frozen=True)
class Target:
    """What is known of a dotted path before it is imported.

    Attributes
    ----------
    path : str
        The dotted path.
    module : str
        The module in it.
    file : Path or None
        The source file of its module; None for a module without one (built in or compiled).
    keywords : tuple of str or None
        The keyword arguments that the callable accepts; None where the source alone does not tell.
    """

    path: str
    module: str
    file: Path | None
    keywords: tuple[str, ...] | None


def find_target(path: str) -> Target:
    """Locate the module and the attribute of a dotted path.

    No module is executed, not even the packages on the way, so that a plan neither pays for importing torch
    nor runs the user's code.

    Raises
    ------
    ConfigError
        The path has no dot, its module does not exist, or the module's source defines no such attribute.
    """
    if not isinstance(path, str) or not all(part.isidentifier() for part in path.split(".")):
        raise ConfigError(f"{path!r} is not a dotted path such as package.module.callable")
    module, rest = _split(path)
    if not rest:
        raise ConfigError(f"{path!r} names a module; accepted: package.module.callable")
    file = _source_file(module)
    if file is None:
        return Target(path, module, None, None)
    names = _top_level(file)
    attribute = rest.split(".")[0]
    if names is not None and attribute not in names:
        close = did_you_mean(attribute, [*names, *_submodules(module)])
        raise ConfigError(f"{path!r} does not exist: module {module!r} has no {attribute!r}{close}")
    keywords = None
    if names is not None and "." not in rest:
        keywords = _keywords(names[attribute])
    return Target(path, module, file, keywords)


def source_digest(path: str) -> str:
    """Digest the source file behind a dotted path; ``"installed"`` for a file of an installed library.

    Only code that its author edits in place can change between two runs unnoticed; the version of an
    installed library is recorded with the results instead.
    """
    file = find_target(path).file
    return INSTALLED if file is None or is_installed(file) else _file_digest(file)


def is_installed(file: Path) -> bool:
    """Tell whether a file is a library's or Python's own, and not the user's."""
    return any(file.resolve().is_relative_to(library) for library in LIBRARIES)


def targets_in(node: Any) -> Iterator[str]:
    """Yield every ``_target_`` of a resolved piece of configuration, outermost first."""
    if isinstance(node, dict):
        if isinstance(node.get("_target_"), str):
            yield node["_target_"]
        for value in node.values():
            yield from targets_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from targets_in(value)


def clear_caches() -> None:
    """Forget the sources read so far, for a process that outlives an edit of them."""
    for cached in (find_spec, _source_file, _top_level, _file_digest):
        cached.cache_clear()
    importlib.invalidate_caches()


def _split(path: str) -> tuple[str, str]:
    """Split a dotted path into its longest importable module and the attributes behind it."""
    parts = path.split(".")
    if find_spec(parts[0]) is None:
        raise ConfigError(
            f"{path!r} cannot be imported: there is no module {parts[0]!r} here or in the environment"
        )
    depth = 1
    while depth < len(parts) and find_spec(".".join(parts[: depth + 1])) is not None:
        depth += 1
    module, rest = ".".join(parts[:depth]), ".".join(parts[depth:])
    spec = find_spec(module)
    if spec is not None and spec.origin is None and rest:
        close = did_you_mean(parts[depth], _submodules(module))
        raise ConfigError(f"{path!r} does not exist: folder {module!r} has no module {parts[depth]!r}{close}")
    return module, rest


def _submodules(package: str) -> list[str]:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    return [found.name for found in pkgutil.iter_modules(list(folders or []))]


@functools.cache
def find_spec(name: str) -> importlib.machinery.ModuleSpec | None:
    """Find a module as the import system would, with the working directory first."""
    parent, _, last = name.rpartition(".")
    search: list[str] | None = None
    if parent:
        found = find_spec(parent)
        if found is None or found.submodule_search_locations is None:
            return None
        search = list(found.submodule_search_locations)
    for finder in sys.meta_path:
        if finder is importlib.machinery.PathFinder:
            # By its last part, because a folder without __init__.py asks for its parent in sys.modules.
            spec = finder.find_spec(last, search or [str(Path.cwd()), *sys.path])
        else:
            spec = finder.find_spec(name, search, None) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec
    return None


@functools.cache
def _source_file(module: str) -> Path | None:
    spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@functools.cache
def _file_digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


@functools.cache
def _top_level(file: Path) -> dict[str, ast.AST | None] | None:
    """Map the names that a module defines to their nodes; None where the source alone does not tell.

    A name that is bound in several places has no node, because which of them holds is up to the run.
    """
    tree = parse_source(file)
    names: dict[str, ast.AST | None] = {}
    for node in _module_scope(tree):
        for name in _bound_names(node):
            names[name] = None if name in names else node
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names.update(dict.fromkeys(node.names))
        elif isinstance(node, ast.Name) and node.id in _DYNAMIC:
            return None
    return None if {"*", "__getattr__"} & names.keys() else names


def parse_source(file: Path) -> ast.Module:
    """Parse a source file, and name the line where it is not valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python gives them again where the module is imported.
            return ast.parse(file.read_bytes(), filename=str(file))
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        raise ConfigError(f"{os.path.relpath(file)}{line} is not valid Python: {error.msg}") from None


def _module_scope(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs when the module does: all but the insides of functions and classes."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))


def _bound_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id


def _keywords(node: ast.AST | None) -> tuple[str, ...] | None:
    """Read the keyword arguments of a plain function, or of a class by its own ``__init__``."""
    if isinstance(node, ast.ClassDef):
        methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
        if node.decorator_list or node.keywords or "__new__" in methods or "__init__" not in methods:
            return None
        return _accepted(methods["__init__"], of_method=True)
    return _accepted(node) if isinstance(node, ast.FunctionDef) else None


def _accepted(function: ast.FunctionDef, *, of_method: bool = False) -> tuple[str, ...] | None:
    """Name what a function takes by keyword, `self` left out; None where it takes anything or is wrapped."""
    arguments = function.args
    if function.decorator_list or arguments.kwarg is not None:
        return None
    named = arguments.args[1:] if of_method and not arguments.posonlyargs else arguments.args
    return tuple(argument.arg for argument in (*named, *arguments.kwonlyargs))
