"""Read the parameters that a sweep is called with, and check them before any job."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from hydra_zen import hydra_list, multirun

from mushin.errors import ConfigError, did_you_mean
from mushin.sweeps.grid import Grid, put
from mushin.sweeps.values import canonical_text, plain_value

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", flags=re.ASCII)
_OF_HYDRA = ("defaults", "hydra")
"""Keys at the top of a configuration that Hydra reads itself."""


def merge_parameters(
    task: Callable[..., Any],
    params: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    keywords: Mapping[str, Any],
) -> dict[str, Any]:
    """Join the parameters given by keyword with those in ``params=``, and tell both from the options.

    An option's keyword is always the option. Where the task has a parameter of that name, a value that could
    be meant for either is refused, unless ``params=`` holds the parameter.

    Raises
    ------
    ConfigError
        A parameter is given twice, or a keyword could mean an option or a parameter.
    """
    if params is not None and not isinstance(params, Mapping):
        raise ConfigError(f"params is a {type(params).__name__}; accepted: a dict of names to values")
    further = dict(params or {})
    for name, value in options.items():
        is_for_task = isinstance(value, multirun | hydra_list)
        is_unclear = value not in (None, "raise", False) and name in _parameters_of(task)[0]
        if name not in further and (is_for_task or is_unclear):
            raise ConfigError(
                f"{name}= is an option of run; give a parameter of that name as params={{{name!r}: ...}}"
            )
    twice = sorted(further.keys() & keywords.keys())
    if twice:
        raise ConfigError(f"{twice[0]!r} is given twice, as a keyword and in params")
    return {**keywords, **further}


def read_grid(task: Callable[..., Any], given: Mapping[str, Any]) -> Grid:
    """Tell swept from fixed parameters, and add the defaults of the task.

    Parameters
    ----------
    task : callable
        What the parameters are for.
    given : mapping
        By name, dotted for a key of a parameter that is a dict. A `multirun` varies; anything else is fixed.

    Raises
    ------
    ConfigError
        A parameter is unknown, missing, given twice, or of a value that a sweep cannot hold.
    """
    accepted, takes_any = _parameters_of(task)
    for name in given:
        _check_name(name, accepted, takes_any)
    _check_once(given)
    swept = {name: _values(name, value) for name, value in given.items() if isinstance(value, multirun)}
    fixed: dict[str, Any] = {}
    for name in sorted(given, key=lambda name: name.count(".")):  # A whole dict goes before its keys.
        if name not in swept:
            put(fixed, name, _fixed(name, given[name]))
    roots = {name.split(".")[0] for name in given}
    missing = [name for name, p in accepted.items() if p.default is p.empty and name not in roots]
    if missing:
        raise ConfigError(
            f"the task needs {', '.join(missing)}; give each as {missing[0]}=multirun([...]) or as one value"
        )
    return Grid(swept, _with_defaults(fixed, accepted, given))


def _parameters_of(task: Callable[..., Any]) -> tuple[dict[str, inspect.Parameter], bool]:
    """Return what a task can be called with by keyword, and whether it takes any other name."""
    try:
        parameters = inspect.signature(task).parameters
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the task has no signature to read: {error}; wrap it in a function") from None
    for name, parameter in parameters.items():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ConfigError(
                f"the task's parameter {name!r} is positional only; a sweep passes parameters by name"
            )
    named = {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    return named, any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())


def _check_name(name: Any, accepted: Mapping[str, Any], takes_any: bool) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no parameter's name; accepted: names, joined by dots for nested keys")
    root = name.split(".")[0]
    if root in _OF_HYDRA:
        raise ConfigError(f"parameter {root!r} has a name of Hydra's own; rename it in the task")
    if root not in accepted and not takes_any:
        hint = did_you_mean(root, accepted) or ";"
        raise ConfigError(f"the task takes no {root!r}{hint} accepted: {', '.join(accepted) or 'nothing'}")


def _check_once(given: Mapping[str, Any]) -> None:
    """Refuse a name that is given as a whole and by one of its keys, where the two could disagree."""
    for name, value in given.items():
        inner = [other for other in given if other.startswith(f"{name}.")]
        if not inner:
            continue
        if not isinstance(value, Mapping):
            raise ConfigError(
                f"{name!r} is given twice, as a whole and as {inner[0]!r}; "
                "give the whole as one dict or leave it out"
            )
        for other in inner:
            first = other.removeprefix(f"{name}.").split(".")[0]
            if first in value:
                raise ConfigError(f"{other!r} is given twice: {name!r} holds the key {first!r} as well")


def _values(name: str, values: multirun[Any]) -> list[Any]:
    """Return the values of a swept parameter, each once."""
    plain = [plain_value(value, name) for value in values]
    if not plain:
        raise ConfigError(f"{name}: multirun([]) is empty; give one value or more")
    identities = [_identity(value) for value in plain]
    for value, identity in zip(plain, identities, strict=True):
        if identities.count(identity) > 1:
            raise ConfigError(f"{name}: {value!r} appears twice; list each value once")
    return plain


def _identity(value: Any) -> Any:
    """Return what makes two values the same label: 1 and 1.0 are, 1 and True are not."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    return value if is_number else canonical_text(value)


def _fixed(name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        raise ConfigError(
            f"{name}: a list can mean two things; write multirun([...]) to sweep over it, "
            "or hydra_list([...]) to pass it as one value"
        )
    return plain_value(value, name)


def _with_defaults(
    fixed: dict[str, Any], accepted: Mapping[str, inspect.Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Add the defaults that a configuration can hold; the others stay Python's business.

    A default is left out where it would come back as something else, a tuple as a list, say.
    """
    complete: dict[str, Any] = {}
    for name, parameter in accepted.items():
        inner = [other for other in given if other.startswith(f"{name}.")]
        if name in given or (not inner and not _is_plain(parameter.default)):
            continue
        if inner and parameter.default is not parameter.empty and not isinstance(parameter.default, dict):
            raise ConfigError(
                f"{inner[0]!r} names a key of {name!r}, whose default is no dict but {parameter.default!r}"
            )
        complete[name] = {} if parameter.default is parameter.empty else plain_value(parameter.default, name)
    return _merged(complete, fixed)


def _is_plain(default: Any) -> bool:
    """Tell whether a value is the same after it went through a configuration."""
    if isinstance(default, list):
        return all(_is_plain(item) for item in default)
    if isinstance(default, dict):
        return all(type(key) is str and _is_plain(item) for key, item in default.items())
    return default is None or type(default) in (bool, int, float, str)


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested dicts; what is given wins over a default."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
