"""Read what the command line selects of a study: ``experiment=… methods=a,b seeds=0,1,2``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mushin.config.faults import Faults

WHERE = "command line"


@dataclass(frozen=True)
class Selection:
    """What a run selects and overrides; None leaves the choice to conf/.

    The same keys stand behind ``snakemake --config`` and behind every ``mushin`` command.

    Attributes
    ----------
    experiment : str or None
        A name of ``conf/experiment/``.
    datasets, methods : tuple of str or None
        Names of ``conf/data/`` and of ``conf/method/`` (or of variants that the study defines).
    seeds : tuple or None
        As typed; the plan checks them.
    overrides : tuple of str
        Hydra overrides such as ``training.epochs=5``.
    results : str or None
        The results folder.
    """

    experiment: str | None = None
    datasets: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    seeds: tuple[Any, ...] | None = None
    overrides: tuple[str, ...] = ()
    results: str | None = None

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> Selection:
        """Read Snakemake's ``config``, whose values are strings, numbers or lists as they were typed.

        Raises
        ------
        ConfigError
            A key is unknown, or an override is none; lists all such faults.
        """
        faults = Faults()
        known = {option.name for option in fields(cls)}
        for key in sorted(set(config) - known):
            faults.add_unknown_key(WHERE, key, known)
        faults.raise_if_any()
        overrides = _overrides(config.get("overrides"), faults)
        faults.raise_if_any()
        return cls(
            experiment=_text(config.get("experiment")),
            datasets=_items(config.get("datasets")),
            methods=_items(config.get("methods")),
            seeds=_items(config.get("seeds")),
            overrides=overrides,
            results=_text(config.get("results")),
        )

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> Selection:
        """Read ``KEY=VALUE`` words, as the ``mushin`` commands take them.

        Raises
        ------
        ConfigError
            A word has no ``=``, or as for `from_mapping`.
        """
        faults = Faults()
        config: dict[str, str] = {}
        for word in arguments:
            key, equals, value = word.partition("=")
            if not equals:
                accepted = ", ".join(f"{option.name}=…" for option in fields(cls))
                faults.add(WHERE, "", f"{word!r} is no KEY=VALUE; accepted: {accepted}")
            elif key in config:
                faults.add(WHERE, key, "given twice; give it once")
            config[key] = value
        faults.raise_if_any()
        return cls.from_mapping(config)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _items(value: Any) -> tuple[Any, ...] | None:
    """Split ``a,b`` (brackets and spaces allowed); a list stays one; a lone number is a list of one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return tuple(item.strip() for item in value.strip().removeprefix("[").removesuffix("]").split(","))
    if isinstance(value, Sequence):
        return tuple(value)
    return (value,)


def _overrides(value: Any, faults: Faults) -> tuple[str, ...]:
    try:
        words = shlex.split(value) if isinstance(value, str) else list(map(str, _items(value) or ()))
    except ValueError as error:
        faults.add(WHERE, "overrides", f"{value!r} cannot be split into words: {error}")
        return ()
    for word in words:
        if word.startswith(("+", "~")):
            faults.add(
                WHERE,
                "overrides",
                f"{word!r} adds or removes a key, so a typo would pass; "
                "put the key into its file in conf/ and set it with key=value",
            )
        elif "=" not in word:
            faults.add(WHERE, "overrides", f"{word!r} is no override; accepted: key=value")
    return tuple(words)
