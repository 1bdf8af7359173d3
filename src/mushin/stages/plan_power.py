"""Say what a planned study can claim, from its configuration alone."""

from __future__ import annotations

from mushin.colours import Paint, plain
from mushin.config.battery import metrics_of
from mushin.config.plan import Plan
from mushin.planned_power import Power, power
from mushin.report.power_text import format_power


def study_power(plan: Plan) -> Power | None:
    """Return the power of a study; None where there is nothing to compare.

    With ``family: table`` every metric of the task counts; of a task of the user's own, which is not
    imported here, those that conf/task/ lists, or else one.
    """
    if len(plan.methods) < 2:
        return None
    stats = plan.stats
    n_metrics = max(len(metrics_of(settings.task) or [None]) for settings in plan.settings.values())
    return power(
        len(plan.methods),
        len(plan.seeds),
        test=stats["test"],
        alpha=stats["alpha"],
        correction=stats["correction"],
        family=stats["family"],
        n_metrics=n_metrics,
        n_datasets=len(plan.datasets),
        baseline=stats["baseline"] is not None,
        paired=stats["paired"],
        alternative=stats["alternative"],
    )


def power_text(found: Power | None, paint: Paint = plain) -> str:
    """Return the power of a study for a terminal; empty where there is none."""
    if found is None:
        return ""
    lines = format_power(found).splitlines()
    return "\n".join(paint(line, "yellow") if line.startswith("warning:") else line for line in lines)
