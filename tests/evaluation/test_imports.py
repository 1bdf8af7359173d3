"""What the modules of the evaluation load, seen from a fresh interpreter."""

import subprocess
import sys

import pytest

SLOW = ("torch", "torchmetrics", "pandas", "scipy", "xarray", "sklearn")


def loaded_by(module):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "module", ["mushin.metrics.catalog", "mushin.evaluation.tasks", "mushin.evaluation.sufficient"]
)
def test_metrics_and_tasks_load_without_torch(module):
    assert loaded_by(module).isdisjoint(SLOW)


def test_evaluation_loads_torch_and_nothing_else_that_is_slow():
    assert loaded_by("mushin.evaluation.evaluate").intersection(SLOW) == {"torch"}
