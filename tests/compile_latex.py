"""Compile LaTeX fragments where the machine has a compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_ENGINES = {
    "pdflatex": ("-interaction=nonstopmode", "-halt-on-error", "-draftmode"),
    "tectonic": ("--only-cached",),
}


def compile_latex(fragments: list[str], folder: Path) -> None:
    """Compile fragments as one article, the packages taken from what each says it needs."""
    engine = next((name for name in _ENGINES if shutil.which(name)), None)
    if engine is None:
        pytest.skip("neither pdflatex nor tectonic is installed")
    packages = {
        line.removeprefix("% ")
        for fragment in fragments
        for line in fragment.splitlines()
        if line.startswith(r"% \usepackage")
    }
    body = "\n".join(fragments)
    document = "\n".join(
        [r"\documentclass{article}", *sorted(packages), r"\begin{document}", body, r"\end{document}"]
    )
    (folder / "tables.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        [engine, *_ENGINES[engine], "tables.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout, done.stdout[-2000:]
