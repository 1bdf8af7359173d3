from __future__ import annotations

import time

import numpy as np

from mushin.provenance.cost import Cost, Stopwatch


def test_cost_counts_work_as_cpu_time_and_sleep_as_time_only() -> None:
    stopwatch = Stopwatch()
    while stopwatch.cost().cpu_seconds == 0:
        sum(range(10_000))
    worked = stopwatch.cost()
    time.sleep(0.06)
    slept = stopwatch.cost()
    assert worked.cpu_seconds is not None
    assert slept.cpu_seconds is not None
    assert slept.seconds - worked.seconds >= 0.05
    assert slept.cpu_seconds - worked.cpu_seconds < 0.05


def test_peak_memory_includes_what_is_held_no_longer() -> None:
    held = np.ones(200_000_000 // 8)
    del held
    peak = Stopwatch().cost().peak_memory_mb
    assert peak is not None
    assert peak > 200


def test_stage_in_a_process_that_does_other_things_has_a_time_only() -> None:
    cost = Stopwatch().time_only()
    assert cost == Cost(cost.seconds)
