"""A SLURM of one node for the drills."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slurm_study import SlurmStudy, cancel_all_jobs, make_study
from tiny_study import Study

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def slurm() -> Iterator[None]:
    """Bring SLURM up, once for all drills."""
    if os.getuid() != 0:
        pytest.skip("the SLURM drills need root")
    if shutil.which("slurmctld") is None:
        pytest.skip("no SLURM here; tests/slurm/up --install FOLDER gets it from Debian's packages")
    if os.path.lexists("/etc/slurm/slurm.conf"):
        pytest.skip("this machine has a SLURM of its own: /etc/slurm/slurm.conf")
    # Not among pytest's folders, which a later run of pytest removes.
    folder = Path(tempfile.mkdtemp(prefix="mushin-slurm-"))
    with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the daemons
        up = subprocess.run(
            [HERE / "up", folder], env={**os.environ, "GPUS": "2"}, stdout=said, stderr=said, check=False
        )
        said.seek(0)
        assert up.returncode == 0, said.read()
    # It waits for the end of its input, which comes even when the tests are killed.
    down = subprocess.Popen(
        ["sh", "-c", 'cat; exec "$0" "$1"', HERE / "down", folder],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    yield
    down.communicate()
    assert down.returncode == 0


@pytest.fixture
def study(slurm: None, tmp_path: Path) -> Iterator[SlurmStudy]:
    """A tiny study of two cells; its jobs are gone afterwards."""
    study = make_study(tmp_path / "study")
    yield study
    for run in study.runs:
        run.process.kill()
        run.process.wait()
    cancel_all_jobs()


@pytest.fixture(scope="session")
def local_bytes(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """``compare.nc`` of the same study, run without SLURM."""
    study = make_study(tmp_path_factory.mktemp("local") / "study")
    ran = Study(study.folder).run("results/compare.nc")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return study.merged
