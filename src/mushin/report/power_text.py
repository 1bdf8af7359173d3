"""Say in a few lines what a planned study can claim."""

from __future__ import annotations

import math

from mushin.planned_power import Power
from mushin.power_words import how_found
from mushin.statistics.tests import find_test


def format_power(design: Power) -> str:
    """Return the power of a design for a terminal, with a warning where no claim is possible.

    Examples
    --------
    >>> from mushin.planned_power import power
    >>> print(format_power(power(3, 10)))
    3 methods x 10 seeds, welch, holm over 3 tests, alpha 0.05:
      smallest adjusted p  no bound (t test)
      found at 80 %        d = 1.59
      seeds needed         d = 0.5: 86, 0.8: 35, 1.2: 17, 2: 8
    d is a difference in standard deviations between seeds; power is exact for normal scores.
    """
    symbol = "d_z" if find_test(design.test).paired else "d"
    side = "" if design.alternative == "two-sided" else f" ({design.alternative})"
    tests = "test" if design.family_size == 1 else "tests"
    seeds = "1 seed" if design.n_seeds == 1 else f"{design.n_seeds} seeds"
    heading = (
        f"{design.n_methods} methods x {seeds}, {design.test}{side}, {design.correction} over "
        f"{design.family_size} {tests}, alpha {design.alpha:g}:"
    )
    smallest = "no bound (t test)" if design.smallest_p == 0 else f"{design.smallest_corrected_p:.3g}"
    detectable = design.detectable_effect
    found = f"{symbol} = {detectable:.2f}" if math.isfinite(detectable) else "none"
    needed = (f"{d:g}: {'none' if math.isinf(n) else f'{n:.0f}'}" for d, n in design.seeds_needed.items())
    of = "the differences between pairs" if symbol == "d_z" else "seeds"
    how = how_found(design.test, [design.n_seeds, *design.seeds_needed.values()])
    unit = f"a difference in standard deviations {'of' if symbol == 'd_z' else 'between'} {of}"
    lines = [
        heading,
        f"  smallest adjusted p  {smallest}",
        f"  found at 80 %        {found}",
        f"  seeds needed         {symbol} = {', '.join(needed)}",
        f"{symbol} is {unit}; power is {how} for normal scores.",
    ]
    return "\n".join([*lines, *_warnings(design, symbol)])


def _warnings(design: Power, symbol: str) -> list[str]:
    """Say where no claim is possible, or none is likely, and what would help."""
    largest = max(design.seeds_needed, default=None)
    needed = design.seeds_needed[largest] if largest is not None else math.inf
    help_ = f"; {symbol} = {largest:g} needs {needed:.0f} seeds" if math.isfinite(needed) else ""
    if not design.can_claim:
        return [f"warning: no claim is possible with this design, whatever the scores{help_}"]
    if largest is not None and design.detectable_effect > largest:
        return [
            f"warning: even {symbol} = {largest:g} is found with a chance of "
            f"{design.chance[largest]:.0%} only{help_}"
        ]
    return []
