"""Say what the design of a study could find, and how many seeds are missing where it found nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from mushin.planned_power import Power, power
from mushin.power_words import how_found
from mushin.report.cells_text import fixed, records
from mushin.report.score_grid import find_baseline
from mushin.score_arrays import read_labels
from mushin.statistics.decisions import CLAIMS


@dataclass(frozen=True)
class EffectRow:
    """How likely a true difference is found, and the seeds that find it with 80 %."""

    effect: str
    chance: str
    seeds: str


@dataclass(frozen=True)
class OpenPair:
    """A pair without a claim: what it could have shown, and the seeds that its difference needs."""

    metric: str
    dataset: str
    pair: str
    decision: str
    detectable: str
    seeds: str
    more: str


@dataclass(frozen=True)
class DesignText:
    """The design of a study and what it can claim, for a reader.

    Attributes
    ----------
    symbol, unit : str
        The name of the effect, and what one is.
    sentences : tuple of str
        The smallest p and the detectable effect in words.
    effects : tuple of EffectRow
        By true effect.
    open_pairs : tuple of OpenPair
        Those without a claim.
    """

    symbol: str
    unit: str
    sentences: tuple[str, ...]
    effects: tuple[EffectRow, ...]
    open_pairs: tuple[OpenPair, ...]


def planned_design(ds: xr.Dataset, comparisons: pd.DataFrame) -> Power:
    """Return the power of the design behind the comparisons, which names test, correction and family."""
    labels = read_labels(ds)
    first = records(comparisons.head(1))[0]
    return power(
        len(labels.methods),
        len(labels.seeds),
        test=str(first["test"]),
        alpha=float(first["alpha"]),
        correction=str(first["correction"]),
        family=str(first["family"]),
        n_metrics=comparisons["metric"].nunique(),
        n_datasets=len(labels.datasets or (None,)),
        baseline=find_baseline(comparisons) is not None,
        alternative=first.get("alternative", "two-sided"),
    )


def describe_design(
    ds: xr.Dataset, comparisons: pd.DataFrame, *, listed: pd.DataFrame | None = None
) -> DesignText:
    """Return the power of a study's design in words and rows; `listed` are the comparisons to list."""
    design = planned_design(ds, comparisons)
    is_paired = bool(comparisons["paired"].iloc[0])
    symbol = "d_z" if is_paired else "d"
    unit = (
        "one standard deviation of the differences between paired runs"
        if is_paired
        else "one standard deviation between seeds"
    )
    effects = tuple(
        EffectRow(
            f"{symbol} = {effect:g}", _share(design.chance[effect]), _count(design.seeds_needed[effect])
        )
        for effect in design.chance
    )
    rows = records(comparisons if listed is None else listed)
    open_pairs = tuple(_open_pair(row, design.n_seeds) for row in rows if row["decision"] not in CLAIMS)
    return DesignText(symbol, unit, tuple(_sentences(design, symbol)), effects, open_pairs)


def _sentences(design: Power, symbol: str) -> list[str]:
    """Return what the design can claim."""
    told = []
    if not design.can_claim:
        told.append("No claim is possible with this design, whatever the scores.")
    if math.isfinite(design.detectable_effect):
        told.append(
            f"A true difference of {symbol} = {design.detectable_effect:.2f} is found four times in five; "
            f"smaller ones are found less often."
        )
    else:
        told.append("No difference, however large, is found four times in five.")
    if design.smallest_p > 0:
        told.append(
            f"The smallest adjusted p that {design.n_seeds} seeds per method can give is "
            f"{design.smallest_corrected_p:.3g}; a claim needs {design.alpha:g} or less."
        )
    how = how_found(design.test, [design.n_seeds, *design.seeds_needed.values()])
    told.append(f"Power is {how} for normal scores with the same spread for every method.")
    return told


def _open_pair(row: dict[str, Any], n_seeds: int) -> OpenPair:
    needed = float(row["seeds_needed_80"])
    more = "none"
    if not needed <= n_seeds:
        more = f"{needed - n_seeds:+,.0f}" if math.isfinite(needed) else "n/a"
    return OpenPair(
        metric=str(row["metric"]),
        dataset=str(row.get("dataset", "")),
        pair=f"{row['method_a']} v {row['method_b']}",
        decision=str(row["decision"]),
        detectable=_difference(float(row["mde_80"])),
        seeds="none" if _is_never_found(row) else _count(needed),
        more=more,
    )


def _is_never_found(row: dict[str, Any]) -> bool:
    """Tell whether the observed difference is none, or lies on the side that a one-sided test leaves out."""
    advantage = row["mean_diff"] if row["higher_is_better"] else -row["mean_diff"]
    alternative = row.get("alternative", "two-sided")
    sought = {"two-sided": abs(advantage), "greater": advantage, "less": -advantage}[alternative]
    return bool(sought <= 0)


def _difference(value: float) -> str:
    """Return a difference with two digits."""
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else "none"
    return fixed(value, 1 - math.floor(math.log10(value))) if value > 0 else "0"


def _share(chance: float) -> str:
    """Return a chance in percent, never rounded up to certainty."""
    return "> 99 %" if chance >= 0.995 else f"{100 * chance:.0f} %"


def _count(seeds: float) -> str:
    """Return a number of seeds."""
    if math.isnan(seeds):
        return "n/a"
    return "over a million" if math.isinf(seeds) else f"{seeds:,.0f}"
