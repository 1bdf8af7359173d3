"""The completion script, in a real bash."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mushin.cli import main

pytest.importorskip("shtab")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_holds_every_command_and_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("init", "new", "plan", "train", "evaluate", "aggregate", "stats", "show", "score"):
        assert re.search(rf"\b{word}\b", script), word
    assert "allow-incomplete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["mushin", "ev"], {"evaluate"}),
        (["mushin", "new", ""], {"method", "data"}),
        (["mushin", "aggregate", "--allow"], {"--allow-incomplete"}),
        (["mushin", "stats", "--file", ""], {"results.nc", "folder"}),
        (["mushin", "plan", "--conf", ""], {"folder"}),
    ],
)
def test_bash_completes(tmp_path: Path, line: list[str], expected: set[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "results.nc").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "mushin", "completion", "bash"], capture_output=True, text=True, check=True
    )
    words = " ".join(f"'{word}'" for word in line)
    tried = subprocess.run(
        [
            "bash",
            "-c",
            f"{ran.stdout}\nCOMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; _shtab_mushin mushin"
            f" {line[-1]!r} {line[-2]!r}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert set(tried.stdout.split()) == expected
