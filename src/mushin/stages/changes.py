"""Say what changed in the settings and sources of a cell since it was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_SHOWN = 3


def changes(
    groups: Iterable[str], texts: Mapping[str, str], sources: Mapping[str, str], provenance: Mapping[str, str]
) -> list[str]:
    """Compare settings and sources with those that made a cell.

    Parameters
    ----------
    groups : iterable of str
        Which groups of settings count.
    texts, sources : mapping of str to str
        By group, as `mushin.config.plan.Settings` has them: what they are now.
    provenance : mapping of str to str
        ``settings_GROUP`` and ``sources_GROUP``: what they were.

    Returns
    -------
    list of str
        One reason per change; empty where there is none.

    Examples
    --------
    >>> then = {"settings_method": 'method={"lr":0.2}'}
    >>> changes(["method"], {"method": 'method={"lr":0.1}'}, {"method": ""}, then)
    ['method.lr: 0.2 -> 0.1']
    """
    return [found for group in groups for found in _of_group(group, texts, sources, provenance)]


def listed(reasons: list[str]) -> str:
    """Join the first reasons into one line."""
    more = f"; {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    return "; ".join(reasons[:_SHOWN]) + more


def _of_group(
    group: str, texts: Mapping[str, str], sources: Mapping[str, str], provenance: Mapping[str, str]
) -> Iterator[str]:
    now, then = texts[group], provenance.get(f"settings_{group}", "")
    if now != then:
        yield from _differences(group, _parse(then), _parse(now))
    now, then = sources[group], provenance.get(f"sources_{group}", "")
    for target, digest in _parse(now).items():
        if _parse(then).get(target) != digest:
            yield f"the source of {target} changed"
    for target in _parse(then).keys() - _parse(now).keys():
        yield f"the source of {target} is no longer watched"


def _parse(text: str) -> dict[str, Any]:
    """Read ``group={…}`` back; an empty text is an empty group, one of another form stays a text."""
    try:
        content = json.loads(text.partition("=")[2] or "{}")
    except (ValueError, RecursionError):
        return {"text": text}
    return content if isinstance(content, dict) else {"text": text}


def _differences(path: str, then: Any, now: Any) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            if key not in then:
                yield f"{path}.{key} is new: {json.dumps(now[key])}"
            elif key not in now:
                yield f"{path}.{key} is gone: {json.dumps(then[key])}"
            else:
                yield from _differences(f"{path}.{key}", then[key], now[key])
    elif then != now:
        yield f"{path}: {json.dumps(then)} -> {json.dumps(now)}"
