from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from mushin.entry import _is_job
from tiny_study import environment


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["train", "digits/mlp/0", "--results", "results", "--gpus", "0", "--settings", "data={}"], True),
        (["evaluate", "digits/mlp/0", "--settings", "task={}"], True),
        (["evaluate", "--predictions", "p.csv"], False),
        (["train", "digits/mlp/0", "--time-limit", "3"], False),
        (["train", "digits/mlp/0", "--help"], False),
        (["aggregate", "methods=mlp"], False),
        (["train"], False),
        ([], False),
    ],
)
def test_only_a_cell_as_the_rules_give_it_may_run_in_a_warm_worker(
    words: Sequence[str], expected: bool
) -> None:
    assert _is_job(words) is expected


def test_start_of_a_job_imports_neither_torch_nor_the_command_line() -> None:
    program = (
        "import sys, mushin.entry, mushin.process_watch, mushin.warm.client;"
        "print(sorted({'argparse', 'ctypes', 'mushin.cli', 'numpy', 'secrets', 'subprocess', 'torch'}"
        " & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    assert ran.stdout == "[]\n"
