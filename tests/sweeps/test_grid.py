from __future__ import annotations

import re

from mushin.sweeps.grid import Grid


def test_the_last_parameter_varies_fastest() -> None:
    grid = Grid({"a": [1, 2], "b": ["x", "y"]}, {"c": 0})
    assert grid.shape == (2, 2)
    assert [tuple(job.point.values()) for job in grid.jobs] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
    assert grid.jobs[1].parameters == {"c": 0, "a": 1, "b": "y"}
    assert str(grid.jobs[1]) == "a=1, b='y'"


def test_nothing_swept_is_one_job() -> None:
    (job,) = Grid({}, {"c": 0}).jobs
    assert job.folder.startswith("job-")


def test_a_folder_depends_on_the_parameters_only() -> None:
    narrow, wide = Grid({"a": [2]}, {"c": 0}), Grid({"a": [1, 2]}, {"c": 0})
    assert narrow.jobs[0].folder == wide.jobs[1].folder
    assert narrow.jobs[0].folder != Grid({"a": [2]}, {"c": 1}).jobs[0].folder
    assert narrow.jobs[0].folder != Grid({"a": [2.0]}, {"c": 0}).jobs[0].folder


def test_a_folder_is_a_plain_name_whatever_the_values() -> None:
    for job in Grid({"a": ["../../x", "a/b\n", "${x}", "é" * 300]}, {}).jobs:
        assert re.fullmatch(r"[A-Za-z0-9_.=,+-]{1,73}", job.folder)
