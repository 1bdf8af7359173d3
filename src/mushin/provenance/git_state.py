"""Read which commit of git a folder stands at."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SECONDS = 30
_NO_COMMIT = "(initial)"


@dataclass(frozen=True)
class GitState:
    """The state of a working tree.

    Attributes
    ----------
    commit : str
        The full hash.
    dirty : bool
        Whether a tracked file differs from the commit. Files that git does not track are not looked at.
    """

    commit: str
    dirty: bool

    def __str__(self) -> str:
        return f"{self.commit[:10]}{' with uncommitted changes' if self.dirty else ''}"


def read_git_state(folder: Path) -> GitState | None:
    """Return the commit of the working tree around `folder`.

    Returns
    -------
    GitState or None
        None where there is no git, no working tree, no commit yet, or git refuses the folder.
    """
    # Without the locks and the file watcher, cells that start together neither wait nor write.
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder)]
    command += ["status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=dirty"]
    # A hook of git sets GIT_DIR, which would name the repository of the hook.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, env=environment
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    lines = asked.stdout.splitlines()
    heads = [line.removeprefix("# branch.oid ") for line in lines if line.startswith("# branch.oid ")]
    if asked.returncode != 0 or not heads or heads[0] == _NO_COMMIT:
        return None
    return GitState(heads[0], dirty=any(not line.startswith("#") for line in lines))


@cache
def git_state_of_mushin() -> GitState | None:
    """Return the commit of mushin itself where it runs from a checkout; None where it is installed."""
    root = Path(__file__).resolve().parents[3]
    # An environment inside a study's own repository must not pass for a checkout of mushin.
    return read_git_state(root) if (root / ".git").exists() and (root / "src/mushin").is_dir() else None
