"""Write plain values as Hydra's overrides, so that each comes back as it was."""

from __future__ import annotations

import re
from typing import Any

from mushin.errors import ConfigError

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_READ_AS_OTHERS = {"null", "true", "false", "inf", "nan"}


def override(key: str, value: Any) -> str:
    r"""Write ``key=value`` in Hydra's override grammar.

    Examples
    --------
    >>> print(override("name", "it's ${here}"))
    name='it\'s \${here}'
    >>> print(override("layers", [1, None, "1e-3"]))
    layers=[1,null,'1e-3']
    """
    return f"{key}={_element(value, key)}"


def without_interpolations(value: Any) -> Any:
    r"""Escape what OmegaConf takes for a reference, in every string of a plain value.

    Examples
    --------
    >>> print(without_interpolations({"a": "${b}"})["a"])
    \${b}
    """
    if isinstance(value, str):
        return re.sub(r"(\\*)\$\{", lambda found: found[1] * 2 + r"\${", value)
    if isinstance(value, list):
        return [without_interpolations(item) for item in value]
    if isinstance(value, dict):
        return {key: without_interpolations(item) for key, item in value.items()}
    return value


def _element(value: Any, key: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(without_interpolations(value))
    if isinstance(value, list):
        return f"[{','.join(_element(item, key) for item in value)}]"
    return f"{{{','.join(f'{_dict_key(name, key)}:{_element(item, key)}' for name, item in value.items())}}}"


def _quoted(text: str) -> str:
    """Quote a string; of its backslashes, only those before a quote need a second one."""
    inside = re.sub(r"(\\*)'", lambda found: found[1] * 2 + r"\'", text)
    trailing = len(inside) - len(inside.rstrip("\\"))
    return "'" + inside + "\\" * trailing + "'"


def _dict_key(name: str, key: str) -> str:
    """Return a key of a dict; Hydra's grammar has no way to quote one."""
    if not _IDENTIFIER.fullmatch(name) or name.lower() in _READ_AS_OTHERS:
        raise ConfigError(
            f"{key}: key {name!r} of a swept dict is no plain name, and Hydra cannot quote keys; "
            "accepted: letters, digits, '_' and '-'"
        )
    return name
