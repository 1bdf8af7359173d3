"""Tell whether a function of the user's own has changed: its code, what is bound to it, what it calls.

A function is followed through the functions, classes and plain values of its own module, since a notebook is
one module. Other modules of its author that these name count as whole files; what they import in turn, and
installed libraries, do not.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from mushin.config.targets import LIBRARIES


@dataclass(frozen=True)
class Fingerprint:
    """What a function depends on, as far as its own module shows.

    Attributes
    ----------
    name : str
        The function's dotted name.
    arguments : dict of str to JSON value
        What is bound to it: by `functools.partial`, by its defaults, by the variables around it, by the
        object whose method it is; and the plain values of its module that it reads. A value that is no plain
        one stands for itself by its type.
    sources : dict of str to str
        Digest of its own code, and of each function and class of its module that it reaches. Comments,
        docstrings and layout do not count. Also of the files of other modules of its author.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """All of it in 16 hexadecimal digits."""
        return _digest([sorted(self.arguments.items()), sorted(self.sources.items())])


def fingerprint(function: Callable[..., Any]) -> Fingerprint:
    """Return what a function depends on.

    Parameters
    ----------
    function : callable
        A function, a lambda, a method, a `functools.partial`, or an object that can be called.

    Returns
    -------
    Fingerprint

    Examples
    --------
    >>> def train(seed, lr):
    ...     return seed
    >>> fingerprint(functools.partial(train, lr=0.1)).arguments
    {'lr': 0.1}
    """
    inner, arguments = _unbound(function)
    found = Fingerprint(_name(inner), arguments)
    _follow(inner, found)
    return found


def _unbound(function: Any) -> tuple[Any, dict[str, Any]]:
    """Take off what `functools.partial` has bound."""
    if not isinstance(function, functools.partial):
        return function, {}
    inner, arguments = _unbound(function.func)
    bound = {**{f"args[{place}]": value for place, value in enumerate(function.args)}, **function.keywords}
    return inner, {**arguments, **{name: _plain(value) for name, value in bound.items()}}


def _name(value: Any) -> str:
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _follow(value: Any, found: Fingerprint) -> None:
    """Add a function, a class or an object that can be called, and what it reaches."""
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, MethodType):
        _follow_object(value.__self__, found)
        value = value.__func__
    if isinstance(value, FunctionType):
        _follow_function(value, found)
    elif isinstance(value, type):
        _follow_class(value, found)
    else:
        _follow_object(value, found)


def _follow_object(value: Any, found: Fingerprint) -> None:
    """Add the class of an object, and its attributes as what is bound."""
    owner = value if isinstance(value, type) else type(value)
    _follow(owner, found)
    if owner is not value:
        attributes = getattr(value, "__dict__", {})
        found.arguments.update({f"{owner.__name__}.{key}": _plain(of) for key, of in attributes.items()})


def _follow_class(value: type, found: Fingerprint) -> None:
    if _name(value) in found.sources:
        return
    found.sources[_name(value)] = _digest(
        {key: _plain(of) for key, of in vars(value).items() if _is_data(of) and not key.startswith("__")}
    )
    for base in value.__bases__:
        if base.__module__ == value.__module__:
            _follow(base, found)
    for attribute in vars(value).values():
        for method in _functions_of(attribute):
            _follow_function(method, found)


def _functions_of(attribute: Any) -> Iterator[FunctionType]:
    """Yield the functions behind a method, a property or a static method."""
    parts = (attribute, *(getattr(attribute, name, None) for name in ("__func__", "fget", "fset", "func")))
    yield from (part for part in parts if isinstance(part, FunctionType))


def _follow_function(function: FunctionType, found: Fingerprint) -> None:
    if _name(function) in found.sources:
        return
    found.sources[_name(function)] = _digest(_code_of(function))
    around = dict(_around(function))
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }
    for name, value in {**around, **defaults}.items():
        # A partial's value is stronger than the default of the same name.
        found.arguments.setdefault(name, _plain(value))
        _follow_reached(value, function.__module__, found)
    for name in sorted(_names_in(function.__code__)):
        if name in function.__globals__:
            value = function.__globals__[name]
            if _is_data(value):
                found.arguments[f"{function.__module__}.{name}"] = _plain(value)
            _follow_reached(value, function.__module__, found)


def _around(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the variables of the functions around it that it reads."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if cell != CellType():  # empty where the variable is not assigned yet
            yield name, cell.cell_contents


def _follow_reached(value: Any, module: str, found: Fingerprint) -> None:
    """Follow a function or a class of the same module; take the file of another module as a whole."""
    inner, arguments = _unbound(value)
    if not isinstance(inner, FunctionType | MethodType | ModuleType | type):
        return
    owner = inner.__name__ if isinstance(inner, ModuleType) else inner.__module__
    found.arguments.update({f"{_name(inner)}: {name}": of for name, of in arguments.items()})
    if owner == module:
        _follow(inner, found)
    else:
        _add_file(owner, found)


def _add_file(module: str, found: Fingerprint) -> None:
    """Add the file of a module that its author may edit."""
    file = Path(getattr(sys.modules.get(module), "__file__", None) or "")
    is_source = file.suffix == ".py" and file.is_file()
    if is_source and not any(file.resolve().is_relative_to(library) for library in LIBRARIES):
        found.sources[f"file of {module}"] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _names_in(code: CodeType) -> set[str]:
    """Return the names that a function reads, those of the functions inside it too."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in(constant)
    return names


def _code_of(function: FunctionType) -> Any:
    """Return the function's source without comments and layout; its instructions where there is none.

    A lambda has no source of its own: its line may hold others beside it.
    """
    if function.__name__ != "<lambda>":
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
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


def _is_data(value: Any) -> bool:
    """Tell whether a value can be compared by its content."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_data, value))
    if isinstance(value, Mapping):
        return all(map(_is_data, value)) and all(map(_is_data, value.values()))
    return value is None or isinstance(
        _array(value), bool | int | float | complex | str | bytes | PurePath | np.generic | np.ndarray
    )


def _plain(value: Any) -> Any:
    """Describe a value as JSON; what cannot be compared by its content stands by its type."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): _plain(of) for key, of in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(of) for of in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(of) for of in value), key=repr)
    array = _array(value)
    if isinstance(array, np.ndarray) and array.dtype != object:
        content = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
        return f"array {array.dtype} {list(array.shape)} {content}"
    if hasattr(value, "__qualname__"):
        return _name(value)
    return f"a {_name(type(value))}"


def _array(value: Any) -> Any:
    """Return a tensor as an array; numpy has no bfloat16."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return value
    tensor = value.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]
