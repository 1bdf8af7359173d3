"""Check the keys of which a group has exactly one, such as a method's ``_target_`` and ``predict``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omegaconf import MISSING

from mushin.config.faults import Faults, Origin

_PASSED_ON = ("data", "seed")


def unchosen_alternatives(values: Mapping[str, Any], schema: type) -> set[str]:
    """Return which of the schema's ``ALTERNATIVES`` to leave out: all but those given, or but the first.

    They are left out rather than null, because a key that stood as null in the settings of every other
    method would, when it is introduced, change the settings of all of them and run all studies again.

    Examples
    --------
    >>> from mushin.config.schema import MethodConfig
    >>> unchosen_alternatives({"_target_": "a.b", "predict": None, "width": 3}, MethodConfig)
    {'predict'}
    """
    keys: tuple[str, ...] = getattr(schema, "ALTERNATIVES", ())
    given = {key for key in keys if values.get(key) not in (None, MISSING)}
    return set(keys) - (given or set(keys[:1]))


def check_predict(method: Mapping[str, Any], origin: Origin, faults: Faults) -> None:
    """Note what cannot stand beside, or in, the ``predict`` of a method."""
    predict = method.get("predict")
    if not isinstance(predict, Mapping):
        return
    if method.get("_target_") not in (None, MISSING):
        where, key = origin("predict")
        faults.add(where, key, "stands beside _target_; a method has one of the two: a model, or predictions")
        return
    for name, value in method.items():
        if name not in ("_target_", "predict") and value is not None:
            where, key = origin(name)
            reason = "trains the model of a _target_" if name == "fit" else "is an argument of no callable"
            faults.add(where, key, f"{reason}; settings of predict go inside it, as 'predict: {{{name}: …}}'")
    if "_target_" not in predict:
        where, key = origin("predict")
        faults.add(where, key, "has no _target_; name the callable predict(data, *, seed, **settings)")
    for name in _PASSED_ON:
        if name in predict:
            where, key = origin(f"predict.{name}")
            faults.add(where, key, "is what mushin passes to the callable; leave it out")
