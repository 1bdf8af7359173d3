from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mushin.process_watch import complain
from tiny_study import environment

PROGRAM = """
import os, signal, sys, time
from mushin.watched_process import WatchedProcess
with WatchedProcess("cell digits/mlp/0", minutes={minutes}):
    {block}
{after}
"""


def started(block: str, *, minutes: float | None = None, after: str = "") -> subprocess.Popen[str]:
    program = PROGRAM.format(block=block, minutes=minutes, after=after)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def ended(block: str, *, minutes: float | None = None, after: str = "") -> tuple[int, str, str]:
    process = started(block, minutes=minutes, after=after)
    out, errors = process.communicate(timeout=60)
    return process.returncode, out, errors


@pytest.mark.parametrize("status", [0, 1, 7])
def test_block_that_ends_in_order_keeps_its_output_and_status(status: int) -> None:
    assert ended("print('done')", after=f"sys.exit({status})") == (status, "done\n", "")


def test_error_comes_through_as_it_is() -> None:
    status, _, errors = ended("raise ValueError('of the method')")
    assert status == 1
    assert errors.endswith("ValueError: of the method\n")


@pytest.mark.parametrize(
    ("block", "status", "message"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", 137, "killed (SIGKILL) after it had used up to"),
        ("os.abort()", 134, "crashed (SIGABRT) in compiled code; the traceback above shows"),
        ("sys.exit(3)", 3, "its own code ended the process, with exit status 3 (sys.exit or os._exit)"),
        ("sys.exit(0)", 1, "its own code ended the process, with exit status 0"),
        ("os._exit(0)", 1, "its own code ended the process, with exit status 0"),
        ("raise KeyboardInterrupt", 130, "interrupted (SIGINT); what was complete is kept: run again"),
    ],
)
def test_what_ended_the_block_is_said_in_one_line(block: str, status: int, message: str) -> None:
    found, _, errors = ended(block)
    last = errors.splitlines()[-1]
    assert last.startswith("mushin: error: cell digits/mlp/0: ")
    assert message in last
    assert "run again" in last
    assert found == status


def test_killed_block_tells_its_memory_and_what_needs_less() -> None:
    _, _, errors = ended("held = bytearray(200 * 2**20); os.kill(os.getpid(), signal.SIGKILL)")
    used = int(errors.partition("up to ")[2].partition(" MB")[0])
    assert 200 <= used < 400
    assert "memory ran out: use a smaller batch_size, fewer cells at a time (--cores)" in errors


def test_traceback_shows_where_the_process_was_ended() -> None:
    assert "in <module>" in ended("sys.exit(3)")[2]


@pytest.mark.parametrize("block", ["time.sleep(600)", "signal.sigwait([])", "while True: pass"])
def test_block_that_hangs_ends_with_its_name_and_where_it_was(block: str) -> None:
    status, _, errors = ended(block, minutes=0.005)
    assert status == 137
    assert "most recent call first" in errors
    assert "cell digits/mlp/0: ended after its time limit of 0.005 minutes" in errors.splitlines()[-1]


def test_block_within_its_limit_is_left_alone() -> None:
    assert ended("print('done')", minutes=10) == (0, "done\n", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_reaches_the_block(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # nohup has its children ignore SIGHUP
    try:
        process = started("print('on', flush=True); time.sleep(600)")
    finally:
        signal.signal(number, before)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert f"interrupted ({number.name})" in errors


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not end a child with its parent")
def test_block_ends_with_the_process_that_waits_for_it() -> None:
    process = started("print(os.getpid(), flush=True); time.sleep(600)")
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.communicate(timeout=60)
    deadline = time.monotonic() + 60
    while _runs(child):
        assert time.monotonic() < deadline, "it goes on without its parent"
        os.sched_yield()


def _runs(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_complaint_is_coloured_where_the_terminal_takes_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    complain("cell a/b/0: killed")
    printed = capsys.readouterr().err
    assert printed.startswith("\x1b[")
    assert printed.endswith(" cell a/b/0: killed\n")
