"""Draw the chance to find an effect, against seeds or against the effect, with the study's position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mushin.errors import ConfigError, FigureError, unknown_name
from mushin.figures.canvas import new_figure
from mushin.figures.style import COLOURS, GREY, in_house_style, method_styles
from mushin.figures.words import counted
from mushin.power_words import how_found
from mushin.statistics.corrections import level_alone
from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM
from mushin.statistics.design_power import TestPower
from mushin.statistics.tests import find_test

EFFECTS = (0.5, 0.8, 1.2, 2.0)
_AIM = 0.8
_MOST_SEEDS = 60
_FEWEST_SHOWN = 12
_LARGEST_EFFECT = 4.0


@dataclass(frozen=True)
class _Position:
    """Where a study stands: its test and the runs of each method."""

    test: str
    sides: int
    level: float
    alpha: float
    correction: str
    family_size: int
    n_seeds: int

    @property
    def power(self) -> TestPower:
        return TestPower(self.test, self.level, self.sides)

    @property
    def symbol(self) -> str:
        return "d_z" if find_test(self.test).paired else "d"


@in_house_style
def draw_power_curve(
    comparisons: pd.DataFrame, *, against: str = "seeds", effects: Sequence[float] = EFFECTS
) -> Figure:
    """Draw the power of the study's test, with the number of seeds that the study has.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`: test, alpha, correction, family and number of runs are read from it,
        never the scores. Where methods differ in their number of runs, the smallest counts.
    against : {"seeds", "effect"}
        What lies along the axis.
    effects : sequence of float
        Against seeds: a curve for each true effect, in standard deviations; repeats count once.

    Returns
    -------
    Figure
        Power is the chance that a true effect of this size is found, for one pair that differs while no
        other does. It is not computed from the observed effects, which would only repeat the p-values
        (Hoenig & Heisey 2001, doi:10.1198/000313001300339897).

    Raises
    ------
    FigureError
        The table has no rows; or a method has no run, against the effect.
    ConfigError, UnknownNameError
        `effects` holds what is no number above 0; or `against` is neither.

    See Also
    --------
    mushin.power : the same as numbers, with how each is found.
    """
    if comparisons.empty:
        raise FigureError("the comparisons have no rows, so there is no design; compare two methods at least")
    if against not in ("seeds", "effect"):
        raise unknown_name("against", against, ("seeds", "effect"))
    if not effects or not all(0 < effect < np.inf for effect in effects):
        raise ConfigError(f"effects is {list(effects)!r}; name numbers above 0, such as (0.5, 0.8)")
    position = _position(comparisons)
    if against == "effect" and position.n_seeds == 0:
        raise FigureError(
            "a method has no run, so there is no power to draw against the effect; draw it against='seeds'"
        )
    sizes = sorted(set(effects))
    needed = {effect: float(position.power.seeds_for(effect)) for effect in sizes if against == "seeds"}
    numbers = _seeds_along(position, needed) if against == "seeds" else _seeds_compared(position)
    study = f"this study has {counted(position.n_seeds, 'seed')}"
    title = f"Power to find a true difference, by {against}; {study}"
    figure = new_figure(6.2, 3.2, title=title, note=_note(position, [*numbers, *needed.values()]))
    axes = figure.subplots()
    if against == "seeds":
        _draw_against_seeds(axes, position, needed, numbers)
    else:
        _draw_against_effect(axes, position, sizes, numbers)
    axes.axhline(_AIM, color=GREY, linewidth=0.8, linestyle=":", label="aim")
    axes.set_ylim(0, 1.03)
    axes.set_ylabel("power (chance of a claim)")
    axes.grid(color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure


def _position(comparisons: pd.DataFrame) -> _Position:
    """Read the design from the table."""
    first = comparisons.iloc[0]
    correction, family_size = str(first["correction"]), int(first["family_size"])
    alpha = float(first["alpha"])
    return _Position(
        test=str(first["test"]),
        sides=2 if first.get("alternative", "two-sided") == "two-sided" else 1,
        level=level_alone(alpha, correction, family_size),
        alpha=alpha,
        correction=correction,
        family_size=family_size,
        n_seeds=int(comparisons[["n_a", "n_b"]].to_numpy().min()),
    )


def _seeds_along(position: _Position, needed: Mapping[float, float]) -> list[int]:
    """Return the numbers of seeds along the axis: to where the effects are found, and beyond the study."""
    reachable = [n for n in needed.values() if np.isfinite(n) and n <= _MOST_SEEDS]
    last = int(min(_MOST_SEEDS, max(_FEWEST_SHOWN, 2 * position.n_seeds, *(1.1 * n for n in reachable), 0)))
    last = max(last, position.n_seeds + 1)
    return [int(n) for n in np.unique(np.linspace(2, last, min(last - 1, _MOST_SEEDS)).astype(int))]


def _seeds_compared(position: _Position) -> list[int]:
    """Return the seeds of the study and, for comparison, twice and four times as many."""
    return [position.n_seeds, 2 * position.n_seeds, 4 * position.n_seeds]


def _draw_against_seeds(
    axes: Axes, position: _Position, needed: Mapping[float, float], seeds: Sequence[int]
) -> None:
    """Draw a curve per effect, with the seeds that it needs; the study is a line at its number of seeds."""
    for (effect, enough), style in zip(needed.items(), method_styles(needed).values(), strict=True):
        chances = [_chance(position.power, effect, n) for n in seeds]
        needs = f"{enough:.0f} seeds for {_AIM:.0%}" if np.isfinite(enough) else f"never {_AIM:.0%}"
        axes.plot(
            seeds,
            chances,
            color=style.colour,
            marker=style.marker,
            markersize=4,
            markevery=max(1, len(seeds) // 10),
            label=f"{position.symbol} = {effect:g}: {needs}",
        )
    axes.axvline(position.n_seeds, color=COLOURS[-1], linewidth=1.4, linestyle="--", label="this study")
    axes.set_xlim(2, seeds[-1])
    axes.set_xlabel("seeds per method (n)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes, f"true effect {position.symbol}\n(in standard deviations)")


def _draw_against_effect(
    axes: Axes, position: _Position, effects: Sequence[float], numbers: Sequence[int]
) -> None:
    """Draw a curve per number of seeds, the first of which is the study's."""
    detectable = position.power.detectable(position.n_seeds)
    largest = max(_LARGEST_EFFECT, *effects)
    if np.isfinite(detectable):
        largest = max(largest, 1.2 * detectable)
    sizes = np.linspace(0, largest, 41)
    for n, style in zip(numbers, method_styles(numbers).values(), strict=True):
        mine = n == position.n_seeds
        axes.plot(
            sizes,
            [_chance(position.power, float(size), n) for size in sizes],
            color=style.colour,
            linewidth=2.2 if mine else 1.2,
            marker=style.marker,
            markersize=4,
            markevery=4,
            label=f"n = {n}" + (" (this study)" if mine else ""),
        )
    if np.isfinite(detectable):
        axes.plot(
            [detectable, detectable],
            [0, _AIM],
            color="black",
            linewidth=1.4,
            linestyle="--",
            label="this study",
        )
        axes.annotate(
            f"{position.symbol} = {detectable:.2f}",
            (detectable, 0.02),
            textcoords="offset points",
            xytext=(4, 2),
        )
    axes.set_xlim(0, largest)
    axes.set_xlabel(f"true effect {position.symbol} (in standard deviations)")
    _legend(axes, "seeds per method")


def _chance(power: TestPower, effect: float, n: int) -> float:
    """Return the chance of a claim, which needs three runs at least."""
    return float(power.chance(effect, n)) if n >= MIN_RUNS_FOR_A_CLAIM else 0.0


def _legend(axes: Axes, title: str) -> None:
    """List the curves beside the axes."""
    lines = [line for line in axes.get_lines() if line.get_label() not in ("aim", "this study")]
    study = [line for line in axes.get_lines() if line.get_label() == "this study"]
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    figure.legend(handles=[*lines, *study], loc="outside right center", title=title)


def _note(position: _Position, seeds: Sequence[float]) -> str:
    """Say what power is here."""
    of = "the differences between pairs" if position.symbol == "d_z" else "seeds"
    spread = f"standard deviations {'of' if position.symbol == 'd_z' else 'between'} {of}"
    side = "" if position.sides == 2 else ", one-sided"
    how = how_found(position.test, seeds)
    return (
        f"{position.test}{side}, {position.correction} over {counted(position.family_size, 'test')}, "
        f"alpha {position.alpha:g}: p must reach {position.level:.3g}. Effects are in {spread}; one pair "
        f"differs, no other does. Power is {how} for normal scores; it is not computed from the observed "
        f"scores. Dotted: {_AIM:.0%}."
    )
