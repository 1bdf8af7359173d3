"""Read the code of a function, so that two versions of it can be compared."""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import CodeType, FunctionType
from typing import Any


def names_in(code: CodeType) -> set[str]:
    """Return the names that a function reads, those of the functions inside it too."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
    return names


def code_of(function: FunctionType) -> Any:
    """Return the function's source without comments and layout; its instructions where there is none.

    A lambda has no source of its own: its line may hold others beside it.
    """
    if function.__name__ != "<lambda>":
        try:
            # Of the code, since that of a decorator's wrapper would be the source of what it wraps.
            tree = ast.parse(textwrap.dedent(inspect.getsource(function.__code__)))
            return ast.unparse(_without_docstring(tree))
        except (OSError, TypeError, SyntaxError):
            pass  # Typed at a prompt, or made by exec.
    return _instructions(function.__code__)


def _without_docstring(tree: ast.Module) -> ast.Module:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _instructions(code: CodeType) -> list[Any]:
    constants = [
        _instructions(constant) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]
