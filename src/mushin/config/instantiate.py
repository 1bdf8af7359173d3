"""Turn a ``_target_`` of the configuration into an object: the one place that runs what conf/ names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_method
from hydra.utils import instantiate as hydra_instantiate

from mushin.config.targets import HYDRA_KEYS
from mushin.errors import ConfigError, MushinError, did_you_mean


def call_target(node: Mapping[str, Any], *, where: str, error: type[MushinError], **keywords: Any) -> Any:
    """Call the ``_target_`` of `node` with the keys beside it and with `keywords`.

    Parameters
    ----------
    node : mapping
        ``{_target_: dotted.path, key: value, …}``; nested targets are called first.
    where : str
        The group of the configuration, for messages.
    error : MushinError type
        What to raise where the callable raises.
    **keywords
        Further arguments.

    Raises
    ------
    ConfigError
        The path cannot be imported, or the callable does not take the keys.
    MushinError
        As `error`, caused by what the callable raised.
    """
    _check_keywords(node, where, keywords)
    try:
        return hydra_instantiate(dict(node), _convert_="all", **keywords)
    except InstantiationException as failure:
        cause = failure.__cause__
        if isinstance(cause, MushinError):
            raise cause from None
        reason = f"{type(cause).__name__}: {cause}" if cause is not None else str(failure).splitlines()[0]
        raise error(f"{where}: {node['_target_']} raised {reason}") from cause


def bind_target(node: Mapping[str, Any], *, where: str, error: type[MushinError]) -> Callable[..., Any]:
    """Return the ``_target_`` of `node` with the keys beside it bound, to be called with the rest."""
    partial: Callable[..., Any] = call_target({**node, "_partial_": True}, where=where, error=error)
    return partial


def import_callable(path: str, *, where: str) -> Callable[..., Any]:
    """Import the callable of a dotted path.

    Raises
    ------
    ConfigError
        There is none.
    """
    try:
        found: Callable[..., Any] = get_method(path)
    except (ImportError, ValueError) as failure:
        cause = failure.__cause__ or failure
        raise ConfigError(f"{where}: {path!r} cannot be imported: {cause}") from None
    return found


def _check_keywords(node: Mapping[str, Any], where: str, keywords: Mapping[str, Any]) -> None:
    """Compare the keys with the callable's signature, which says more than its TypeError."""
    target = import_callable(node["_target_"], where=where)
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return  # A callable written in C need not have a signature; calling it tells.
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for key in {**node, **keywords}:
        if key not in parameters and key not in HYDRA_KEYS:
            hint = did_you_mean(str(key), parameters) or ";"
            accepted = ", ".join(parameters) or "no argument"
            raise ConfigError(
                f"{where}: {key}: {node['_target_']} does not take it{hint} accepted: {accepted}"
            )
