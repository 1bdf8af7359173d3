"""Digest the source of a task, so that a resumed sweep notices a change of it."""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_LIBRARIES = tuple({Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "purelib", "platlib")})
_CONSTANTS = (type(None), bool, int, float, complex, str, bytes)

UNREADABLE = ""
"""The digest where Python knows no source, as for code typed at a prompt."""


def task_digest(task: Callable[..., Any]) -> str:
    """Digest a task, and what it names of its author's code.

    That is: the functions and classes of the same module that it names, and what they name in turn; the
    constants that these read; and the files of other modules that they use, unless these are installed.
    Comments, docstrings and the layout of the task's own module do not count, and neither does the rest of
    it: the cell of a notebook that calls the sweep may change.

    Returns
    -------
    str
        `UNREADABLE` where there is no source to read.
    """
    parts: dict[str, str] = {}
    pending: list[tuple[str, Any]] = [("task", inspect.unwrap(task))]
    module = getattr(pending[0][1], "__module__", None)
    while pending:
        name, found = pending.pop()
        if name in parts:
            continue
        if isinstance(found, FunctionType) and found.__module__ == module:
            source = _normalised(found)
            if source is None:
                return UNREADABLE
            parts[name] = source
            pending.extend(_named_by(found))
        elif isinstance(found, type) and found.__module__ == module:
            parts[name] = " ".join(base.__qualname__ for base in found.__bases__)
            pending.extend((f"{name}.{key}", member) for key, member in _members(found))
        elif _is_constant(found):
            parts[name] = repr(found)
        else:
            parts[name] = _file_digest(found, but=module)
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:16]


def _normalised(function: FunctionType) -> str | None:
    """Return the source of a function without comments, docstring and layout."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return None
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source  # A lambda's line need not be a statement of its own.
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def _named_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the globals and the enclosing variables that a function names."""
    for name in sorted(set(_names(function.__code__)) & function.__globals__.keys()):
        yield f"{function.__module__}:{name}", _plain_function(function.__globals__[name])
    enclosed: Mapping[str, Any] = inspect.getclosurevars(function).nonlocals
    for name, value in sorted(enclosed.items()):
        yield f"{function.__qualname__}:{name}", _plain_function(value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _members(found: type) -> Iterator[tuple[str, Any]]:
    for key, member in sorted(vars(found).items()):
        plain = _plain_function(member)
        if isinstance(plain, FunctionType) or (_is_constant(plain) and not key.startswith("__")):
            yield key, plain


def _is_constant(found: Any) -> bool:
    return isinstance(found, _CONSTANTS) or (isinstance(found, tuple) and all(map(_is_constant, found)))


def _plain_function(found: Any) -> Any:
    """Return the function behind a static method, a property, a class method or a decorator."""
    if isinstance(found, property):
        return found.fget
    if isinstance(found, staticmethod | classmethod):
        return found.__func__
    return inspect.unwrap(found) if callable(found) and not isinstance(found, type) else found


def _file_digest(found: Any, *, but: str | None) -> str:
    """Digest the file that something comes from; empty where that is installed, or of the module `but`."""
    name = found.__name__ if isinstance(found, ModuleType) else getattr(found, "__module__", None)
    module = sys.modules.get(name) if isinstance(name, str) and name != but else None
    file = Path(getattr(module, "__file__", None) or "")
    is_source = file.suffix == ".py" and file.is_file()
    if not is_source or any(file.resolve().is_relative_to(library) for library in _LIBRARIES):
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
