"""What is forced is trained again, and not put back from what is kept."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mushin.stages.kept import FORCED_VARIABLE
from tiny_study import SNAKEFILE, SNAKEMAKE, Study, environment

pytestmark = pytest.mark.workflow

MODEL = "results/blobs/near/0/model.pt"
LOG = "logs/results/train/blobs/near/0.log"


def test_training_of_an_unfinished_study_comes_back_unless_it_is_forced(fresh: Study) -> None:
    def log_of(*arguments: str) -> str:
        ran = fresh.run(*arguments, MODEL)
        assert ran.returncode == 0, ran.stderr
        return (fresh.folder / LOG).read_text()

    assert "fitted on" in log_of()
    shutil.rmtree(fresh.folder / "results/blobs")
    assert "its training is kept and not repeated" in log_of()
    forced = log_of("--forcerun", "train", "--")
    assert "fitted on" in forced
    assert "its training is kept" not in forced


@pytest.mark.parametrize(
    ("arguments", "inherited", "expected"),
    [
        (("--retries", "2"), None, ""),
        (("--forcerun", "train"), None, "1"),
        (("--forceall",), None, "1"),
        (("--force",), None, "1"),
        # The Snakemake of a remote job is always called with --force.
        (("--force",), "", ""),
    ],
)
def test_jobs_know_what_the_user_forced(
    fresh: Study, tmp_path: Path, arguments: tuple[str, ...], inherited: str | None, expected: str
) -> None:
    told = tmp_path / "told.txt"
    asking = tmp_path / "Snakefile"
    asking.write_text(
        "import atexit\n"
        f"include: {str(SNAKEFILE)!r}\n"
        f"atexit.register(lambda: Path({str(told)!r}).write_text(os.environ[{FORCED_VARIABLE!r}]))\n"
    )
    variables = environment() if inherited is None else {**environment(), FORCED_VARIABLE: inherited}
    ran = subprocess.run(
        [SNAKEMAKE, "--snakefile", asking, "--directory", fresh.folder, "--dry-run", *arguments, "--", MODEL],
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert told.read_text() == expected
