"""The server's loop and its start, in the process of the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mushin.warm.server import Server, _import_ahead, _Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm workers need Linux")


def test_client_that_goes_as_its_worker_ends_does_not_end_the_server() -> None:
    """Both are told in one round, and the first of them closes what the second is about."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")
        listener.listen()
        server = Server(listener, os.getpid(), {})
        worker = subprocess.Popen([sys.executable, "-S", "-c", ""])
        client, other_end = socket.socketpair()
        server._add(_Worker(worker.pid, os.pidfd_open(worker.pid), client))
        server._end()
        other_end.close()
        os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
        assert len(server._selector.select()) == 2
        assert server.serve() is None
        assert client.fileno() == -1
    worker.wait()


@pytest.mark.parametrize("error", ["ImportError", "OSError", "AttributeError", "RuntimeError"])
def test_library_that_fails_as_it_is_imported_is_noted(
    error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / f"broken_{error}.py").write_text(f"raise {error}('built for another numpy')")
    _import_ahead([f"broken_{error}"])
    assert capsys.readouterr().err == f"not imported ahead: broken_{error}: built for another numpy\n"
