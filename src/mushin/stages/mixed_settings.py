"""Find seeds of one method that were trained under other settings than its other seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mushin.config.plan import CellName
from mushin.stages.changes import changes, listed
from mushin.stages.record import TRAINING_GROUPS
from mushin.stages.status import MADE_BY_STUDY

_KEYS = tuple(f"{kind}_{group}" for kind in ("settings", "sources") for group in TRAINING_GROUPS)
_SHOWN = 10


class TrainingVariants:
    """How the cells of each method were trained, collected while they are merged.

    Cells of a `mushin.Study` are left out: it runs again what differs, and a checkpoint that is given has
    settings of its own for every seed.
    """

    def __init__(self) -> None:
        self._seeds: dict[tuple[str, str], dict[tuple[str, ...], list[int]]] = {}

    def add(self, name: CellName, provenance: Mapping[str, str]) -> None:
        """Note a cell that is merged, from what it says of itself; one without settings is left out."""
        if provenance.get("made_by") == MADE_BY_STUDY or "settings_training" not in provenance:
            return
        variant = tuple(provenance.get(key, "") for key in _KEYS)
        self._seeds.setdefault((name.dataset, name.method), {}).setdefault(variant, []).append(name.seed)

    def differences(self) -> Iterator[str]:
        """Yield a sentence for each variant of a method beside its commonest one."""
        for (dataset, method), variants in self._seeds.items():
            commonest, *others = sorted(variants, key=lambda variant: -len(variants[variant]))
            for other in others:
                yield (
                    f"{dataset}/{method}: training of {_seeds(variants[other])} differs from that of"
                    f" {_seeds(variants[commonest])} ({_what_differs(commonest, other)}); their scores are"
                    " those of two methods: train the cells again under the same settings"
                )


def _seeds(seeds: list[int]) -> str:
    shown = ", ".join(map(str, sorted(seeds)[:_SHOWN])) + (", …" if len(seeds) > _SHOWN else "")
    return f"seed {shown}" if len(seeds) == 1 else f"seeds {shown}"


def _what_differs(commonest: tuple[str, ...], other: tuple[str, ...]) -> str:
    texts, sources = (
        dict(zip(TRAINING_GROUPS, part, strict=True))
        for part in (other[: len(TRAINING_GROUPS)], other[len(TRAINING_GROUPS) :])
    )
    then = dict(zip(_KEYS, commonest, strict=True))
    return listed(changes(TRAINING_GROUPS, texts, sources, then))
