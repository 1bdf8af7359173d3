from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from mushin import MultiRunMetricsWorkflow, sweep
from mushin.errors import ConfigError, UnknownNameError
from sweep_tasks import Line


class NoTask(MultiRunMetricsWorkflow):
    pass


class Bound(MultiRunMetricsWorkflow):
    def task(self, x: int) -> dict[str, Any]:  # type: ignore[override]
        return {}


@pytest.mark.parametrize(
    ("workflow", "options", "error", "message"),
    [
        (NoTask(), {}, ConfigError, "NoTask defines no task; give it a static method"),
        (Bound(), {}, ConfigError, "Bound.task is no static method; put @staticmethod above it"),
        (
            Line(),
            {"on_error": "ignore"},
            UnknownNameError,
            "on_error 'ignore' is unknown; Known: raise, skip",
        ),
        (Line(), {"resume": 1}, ConfigError, "resume is 1; accepted: True or False"),
        (Line(), {"resume": True, "working_dir": None}, ConfigError, "resume=True needs the working_dir"),
        (Line(), {"working_dir": "a/${b}"}, ConfigError, r"holds '\$\{', which Hydra takes for a reference"),
        (Line(), {"launcher": "slrum"}, ConfigError, "launcher 'slrum' is unknown; installed: basic, joblib"),
        (Line(), {"launcher": 3}, ConfigError, "launcher is 3; accepted: a name, or a dict"),
        (Line(), {"launcher": {"n_jobs": 3}}, ConfigError, "has no name; accepted: {'name': 'joblib'"),
        (
            Line(),
            {"launcher": {"name": "joblib", "njobs": 3}},
            ConfigError,
            "launcher 'joblib' has no option 'njobs'; did you mean 'n_jobs'",
        ),
    ],
)
def test_wrong_options_are_refused_before_any_job(
    workflow: Any, options: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with contextlib.chdir(tmp_path), pytest.raises(error, match=message):
        workflow.run(**{"slope": 1, "seed": 0, "working_dir": tmp_path / "sweep", **options})
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_working_dir(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="file is a file; name a folder"):
        Line().run(slope=1, seed=0, working_dir=tmp_path / "file")


def test_only_a_callable_becomes_a_sweep() -> None:
    with pytest.raises(ConfigError, match="@sweep stands above a value of type int; accepted: a function"):
        sweep(3)  # type: ignore[arg-type]
