"""The page on sweeps, executed from top to bottom."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_every_snippet_of_the_page_runs_and_prints_what_it_shows(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs/sweeps.md").read_text()
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    script = tmp_path / "page.py"
    script.write_text("\n".join(body for kind, body in blocks if kind == "python"))
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    shown = [body for kind, body in blocks if kind == "text" and not body.startswith("sweeps/")]
    assert len(shown) >= 6
    for body in shown:
        assert body in ran.stdout
    (folder,) = (tmp_path / "sweeps/train/jobs").glob("model=cnn,lr=0.001,seed=0-*")
    for name in (".hydra/config.yaml", ".hydra/overrides.yaml", "Train.log", "result.json", "arrays.npz"):
        assert (folder / name).is_file()
