"""A shell in which `mushin`, `snakemake` and `python` start at once; see warm_server.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({where!r})
    command = [{name!r}, *sys.argv[1:]]
    request = {{"command": command, "folder": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(connection, [json.dumps(request).encode()], [0, 1, 2])
    status = connection.recv(16)
sys.exit(int(status or b"1"))
"""


@dataclass(frozen=True)
class WarmShell:
    """A bash whose programs are warm.

    Attributes
    ----------
    programs : Path
        The folder of the programs, first in PATH.
    home : Path
        The home folder that commands see.
    """

    programs: Path
    home: Path

    def run(self, script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script that ends at the first command that fails; output and errors come together."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "MUSHIN"))}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env={
                **kept,
                "HOME": str(self.home),
                "PATH": f"{self.programs}:{kept['PATH']}",
                "WARM_PROGRAMS": str(self.programs),
                "PYTHONDONTWRITEBYTECODE": "1",
                "TERM": "dumb",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def add(self, name: str, script: str) -> None:
        """Put a program of one's own before all others."""
        file = self.programs / name
        file.write_text(script)
        file.chmod(0o755)


@contextmanager
def warm_shell(folder: Path) -> Iterator[WarmShell]:
    """Start the server; it ends with the context."""
    shell = WarmShell(folder / "programs", folder / "home")
    shell.programs.mkdir(parents=True)
    shell.home.mkdir()
    where = str(folder / "socket")
    for name in ("mushin", "snakemake", "python"):
        shell.add(name, CLIENT.format(python=sys.executable, where=where, name=name))
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("warm_server.py")), where],
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield shell
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()
