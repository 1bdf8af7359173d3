"""Tell whether a function of the user's own has changed: its code, what is bound to it, what it calls.

A function is followed through the functions, classes and plain values of its own module, since a notebook is
one module, and through every layer of its decorators. Other modules of its author that these name count as
whole files; what they import in turn, installed libraries and mushin itself do not.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from mushin.config.targets import is_installed
from mushin.function_code import code_of, names_in
from mushin.plain_values import dotted_name, is_plain, plain_value

_OWN = "mushin"


@dataclass(frozen=True)
class Fingerprint:
    """What a function depends on, as far as its own module shows.

    Attributes
    ----------
    name : str
        The function's dotted name.
    arguments : dict of str to JSON value
        What is bound to it: by `functools.partial`, by its defaults, by the variables around it, by the
        object whose method it is; the plain values of its module that it reads; and, with a name in front,
        what is bound to the functions that it reaches. A value that is no plain one stands for itself by its
        type.
    sources : dict of str to str
        Digest of its own code, and of each function and class of its module that it reaches; of several with
        one name, as all lambdas have, the second is ``name#2``. Comments, docstrings and layout do not count.
        Also of the files of other modules of its author.
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
    inner, bound = _unbound(function)
    arguments = {name: plain_value(value) for name, value in bound.items()}
    walk = _Walk(Fingerprint(dotted_name(inner), arguments), _home(next(_layers(inner))))
    walk.follow(inner, is_first=True)
    for value in bound.values():
        walk.reach(value)
    return walk.found


class _Walk:
    """One pass through what a function of a module reaches; nothing is visited twice."""

    def __init__(self, found: Fingerprint, module: str) -> None:
        self.found = found
        self._own = {module, "__main__"}
        self._visited: dict[int, Any] = {}  # Holds them too, so that no other one gets the same id.
        self._named: Counter[str] = Counter()

    def follow(self, value: Any, *, is_first: bool = False) -> None:
        """Add a function, a class or an object that can be called, layer by layer, and what it reaches."""
        if isinstance(value, MethodType):
            self._follow_object(value.__self__)
            value = value.__func__
        for layer in _layers(value):
            if isinstance(layer, FunctionType):
                self._follow_function(layer, is_first=is_first)
                is_first = False  # Below a decorator, names would mix with those of its wrapper.
            elif isinstance(layer, type):
                self._follow_class(layer)
            else:
                self._follow_object(layer)

    def reach(self, value: Any) -> None:
        """Follow a function or a class of the same module; take the file of another module as a whole."""
        inner, bound = _unbound(value)
        if bound and self._is_new(value):
            label = self._label(f"partial of {dotted_name(inner)}")
            self._bind(f"{label}: ", bound)
        for bound_value in bound.values():
            self.reach(bound_value)
        if isinstance(inner, ModuleType):
            self._add_file(inner.__name__)
            return
        for layer in _layers(inner):
            if not isinstance(layer, FunctionType | MethodType | type) or id(layer) in self._visited:
                continue
            if _home(layer) in self._own:
                self.follow(layer)
            elif not _is_library(_home(layer)):
                self._add_file(_home(layer))
                self._follow_around(layer)

    def _follow_object(self, value: Any) -> None:
        """Add the class of an object, and its attributes as what is bound."""
        if isinstance(value, type):
            self._follow_class(value)
            return
        self._follow_class(type(value))
        if self._is_new(value):
            attributes = {
                key: of for key, of in getattr(value, "__dict__", {}).items() if not key.startswith("__")
            }
            self._bind(f"{self._label(type(value).__name__)}.", attributes)
            for attribute in attributes.values():
                self.reach(attribute)

    def _follow_class(self, value: type) -> None:
        if _is_library(value.__module__) or not self._is_new(value):
            return
        self.found.sources[self._label(dotted_name(value))] = _digest(
            {key: plain_value(of) for key, of in vars(value).items() if is_plain(of) and key[:2] != "__"}
        )
        for base in value.__bases__:
            self.reach(base)
        for attribute in vars(value).values():
            for method in _functions_of(attribute):
                self.reach(method)

    def _follow_function(self, function: FunctionType, *, is_first: bool) -> None:
        if _is_library(_home(function)) or not self._is_new(function):
            return
        label = self._label(dotted_name(function))
        self.found.sources[label] = _digest(code_of(function))
        bound = dict(_around(function)) | _defaults(function)
        # A partial's value is stronger than the default of the same name.
        own = {name: of for name, of in bound.items() if not is_first or name not in self.found.arguments}
        self._bind("" if is_first else f"{label}: ", own)
        for value in bound.values():
            self.reach(value)
        for name in sorted(names_in(function.__code__)):
            if name in function.__globals__:
                value = function.__globals__[name]
                if is_plain(value):
                    self.found.arguments[f"{_home(function)}.{name}"] = plain_value(value)
                self.reach(value)

    def _follow_around(self, value: Any) -> None:
        """Add what is bound to a function of another module; its code is in a file that counts as a whole."""
        if isinstance(value, FunctionType) and value.__closure__ and self._is_new(value):
            around = dict(_around(value))
            self._bind(f"{self._label(dotted_name(value))}: ", around)
            for of in around.values():
                self.reach(of)

    def _bind(self, prefix: str, values: Mapping[str, Any]) -> None:
        self.found.arguments.update({f"{prefix}{name}": plain_value(of) for name, of in values.items()})

    def _add_file(self, module: str) -> None:
        """Add the file of a module that its author may edit."""
        file = Path(getattr(sys.modules.get(module), "__file__", None) or "")
        if file.suffix == ".py" and file.is_file() and not _is_library(module):
            self.found.sources[f"file of {module}"] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]

    def _is_new(self, value: Any) -> bool:
        if id(value) in self._visited:
            return False
        self._visited[id(value)] = value
        return True

    def _label(self, name: str) -> str:
        """Return the name, with a number where another one has it already."""
        self._named[name] += 1
        return name if self._named[name] == 1 else f"{name}#{self._named[name]}"


def _unbound(function: Any) -> tuple[Any, dict[str, Any]]:
    """Take off what `functools.partial` has bound."""
    if not isinstance(function, functools.partial):
        return function, {}
    inner, arguments = _unbound(function.func)
    bound = {**{f"args[{place}]": value for place, value in enumerate(function.args)}, **function.keywords}
    return inner, {**arguments, **bound}


def _layers(value: Any) -> Iterator[Any]:
    """Yield a function with what its decorators wrap, the innermost first: that is the one named."""
    layers: list[Any] = [value]
    while callable(inner := inspect.getattr_static(layers[-1], "__wrapped__", None)):
        if any(inner is layer for layer in layers):
            break
        layers.append(inner)
    yield from reversed(layers)


def _home(value: Any) -> str:
    """Return the module whose code a function runs; a decorator lends its wrapper the name of another one."""
    inner = value.__func__ if isinstance(value, MethodType) else value
    if isinstance(inner, FunctionType):
        return str(inner.__globals__.get("__name__", inner.__module__))
    named = inner if hasattr(inner, "__qualname__") else type(inner)
    return str(named.__module__)


def _is_library(module: str) -> bool:
    """Tell whether a module is mushin's, Python's or of an installed library: its version tells of it."""
    top = module.partition(".")[0]
    if top == "__main__":
        return False
    if top == _OWN:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return top in sys.stdlib_module_names if file is None else is_installed(Path(file))


def _functions_of(attribute: Any) -> Iterator[Any]:
    """Yield the functions behind a method, a property or a static method."""
    parts = (attribute, *(getattr(attribute, name, None) for name in ("__func__", "fget", "fset", "func")))
    for part in parts:
        if any(isinstance(layer, FunctionType) for layer in _layers(part)):
            yield part


def _around(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the variables of the functions around it that it reads."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if cell != CellType():  # empty where the variable is not assigned yet
            yield name, cell.cell_contents


def _defaults(function: FunctionType) -> dict[str, Any]:
    """Return the defaults of a function itself, not of what it wraps."""
    parameters = inspect.signature(function, follow_wrapped=False).parameters
    return {name: of.default for name, of in parameters.items() if of.default is not of.empty}


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]
