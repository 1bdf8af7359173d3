"""What a warm worker is for its job: the process that it would have been, started sooner."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from mushin.warm.run import VARIABLE
from warm_run import Run, is_running, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm workers need Linux")
BeginRun = Callable[..., Run]
TELL_PIDS = "print('worker', os.getpid(), os.getppid(), flush=True)"
HANG = f"{TELL_PIDS}; time.sleep(600)"


def pids(printed: str) -> list[int]:
    """Return a worker's number and its parent's."""
    found = re.search(r"^worker (\d+) (\d+)$", printed, flags=re.MULTILINE)
    assert found is not None, printed
    return [int(number) for number in found.groups()]


def hanging(run: Run, **variables: str) -> tuple[subprocess.Popen[str], int, int]:
    """Start a job that hangs; return its process, its worker and the server."""
    process = run.start(block=HANG, **variables)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("worker"):
            return process, *pids(line)
    raise AssertionError(process.communicate())


def test_job_is_forked_from_the_server_and_leaves_what_it_would_leave(run: Run) -> None:
    left = {}
    for way, variables in (("directly", {VARIABLE: ""}), ("forked", {})):
        status, out, errors = run.finish(block=TELL_PIDS, **variables)
        assert (status, errors) == (0, "")
        assert (pids(out)[1] == run.server()) == (way == "forked")
        status, out, errors = run.finish("evaluate", **variables)
        assert (status, errors) == (0, "")
        assert "45 samples, 6 metrics" in out
        folder = run.folder / "results/blobs/trial/0"
        left[way] = [(folder / name).read_bytes() for name in ("model.pt", "train.json", "cell.nc")]
    assert left["forked"] == left["directly"]
    assert run.log == ""


def test_standard_streams_folder_and_environment_are_the_jobs(run: Run) -> None:
    block = (
        "print(os.getcwd(), os.environ['COLOUR'], sys.argv[1:3], sys.stdin.read())\n"
        "print('E', file=sys.stderr)"
    )
    process = run.start(block=block, COLOUR="blue")
    out, errors = process.communicate("typed", timeout=120)
    assert f"{run.folder} blue ['train', 'blobs/trial/0'] typed\n" in out
    assert errors == "E\n"


def test_environment_holds_what_libraries_set_when_they_are_imported(run: Run) -> None:
    names = "print('names', sorted(set(os.environ) - {'COLOUR'}))"
    found = [run.finish(block=f"import torch._dynamo; {names}", **way) for way in ({VARIABLE: ""}, {})]
    assert found[0][1].splitlines()[1] == found[1][1].splitlines()[1]
    assert "TORCHINDUCTOR_CACHE_DIR" in found[1][1]


def test_workers_draw_different_random_numbers_where_no_seed_is_set(run: Run) -> None:
    """The trainings seed them; before that each process has a state of its own."""
    method = run.folder / "near.py"
    content = method.read_text()
    method.write_text(f"import random, numpy\ndrawn = random.random(), numpy.random.rand()\n{content}")
    printed = [run.finish(block="import near; print('drawn', *near.drawn)")[1] for _ in range(2)]
    method.write_text(content)
    drawn = [re.findall(r"0\.\d{9,}", text) for text in printed]
    assert [len(numbers) for numbers in drawn] == [2, 2]
    assert set(drawn[0]).isdisjoint(drawn[1])


def test_change_of_the_users_source_is_seen_by_the_next_job(run: Run) -> None:
    for text in ("first", "second"):
        (run.folder / "added.py").write_text(f"TEXT = {text!r}\n")
        os.utime(run.folder / "added.py", (1, 1))  # Not even a later time is needed.
        assert f"it is {text}" in run.finish(block="import added; print('it is', added.TEXT)")[1]


@pytest.mark.parametrize(
    ("block", "status", "message"),
    [
        ("raise ValueError('of the method')", 1, "ValueError: of the method"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137, "killed (SIGKILL) after it had used up to"),
        ("os.abort()", 134, "crashed (SIGABRT) in compiled code"),
        ("sys.exit(3)", 3, "its own code ended the process, with exit status 3"),
        ("os._exit(0)", 1, "its own code ended the process, with exit status 0"),
        ("raise KeyboardInterrupt", 130, "interrupted (SIGINT)"),
    ],
)
def test_what_ended_a_job_is_said_as_without_workers(run: Run, block: str, status: int, message: str) -> None:
    found, _, errors = run.finish(block=block)
    assert found == status
    assert message in errors
    assert run.finish()[0] == 0


def test_job_that_takes_too_long_ends_with_where_it_was(run: Run) -> None:
    status, _, errors = run.finish(block="time.sleep(600)", MUSHIN_TRAIN_TIME_LIMIT="0.02")
    assert status == 137
    assert "in fit" in errors
    assert "cell blobs/trial/0: ended after its time limit of 0.02 minutes" in errors.splitlines()[-1]


def test_what_a_job_registers_to_run_at_exit_runs(run: Run) -> None:
    block = (
        "import atexit, threading;"
        " atexit.register(print, 'at exit');"
        " threading.Thread(target=lambda: (time.sleep(0.2), print('from a thread'))).start()"
    )
    status, out, _ = run.finish(block=block)
    assert status == 0
    assert out.endswith("from a thread\nat exit\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_to_the_job_reaches_its_worker(run: Run, number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # These tests may run below nohup.
    try:
        process, worker, _ = hanging(run)
    finally:
        signal.signal(number, before)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert f"interrupted ({number.name})" in errors
    assert not is_running(worker)


def test_signal_that_a_job_ignores_is_ignored_by_its_worker(run: Run) -> None:
    """As below nohup, whatever the job did that started the server."""
    tell = "print('ignored', signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    for handler in (signal.SIG_DFL, signal.SIG_IGN):
        before = signal.signal(signal.SIGHUP, handler)
        try:
            assert f"ignored {handler is signal.SIG_IGN}" in run.finish(block=tell)[1]
        finally:
            signal.signal(signal.SIGHUP, before)


def test_interrupt_from_the_terminal_reaches_worker_and_not_the_server(run: Run) -> None:
    """A terminal signals the process group that is in front."""
    process, worker, server = hanging(run)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted (SIGINT); what was complete is kept" in errors
    assert not is_running(worker)
    assert run.server() == server


def test_worker_ends_with_its_job(run: Run) -> None:
    process, worker, server = hanging(run)
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: not is_running(worker))
    assert run.server() == server


def test_job_of_several_threads_starts_directly(run: Run) -> None:
    status, out, errors = run.finish(block=TELL_PIDS, OMP_NUM_THREADS="2")
    assert (status, errors) == (0, "")
    assert pids(out)[1] != run.server()


def test_job_whose_libraries_would_load_differently_starts_directly_and_says_so(run: Run) -> None:
    status, out, errors = run.finish(block=TELL_PIDS, PYTHONHASHSEED="7")
    assert status == 0
    assert pids(out)[1] != run.server()
    assert errors == (
        "mushin: no warm worker, so this starts directly: libraries read at their start what differs now:"
        " PYTHONHASHSEED\n"
    )


def test_server_that_is_killed_ends_its_workers_and_is_replaced(own_run: BeginRun) -> None:
    run = own_run()
    process, worker, server = hanging(run)
    os.kill(server, signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "cell blobs/trial/0: the process that warm workers are forked from was killed" in errors
    wait_until(lambda: not is_running(worker))
    assert run.finish()[0] == 0
    assert run.server() not in (None, server)


def test_run_that_is_killed_lets_its_last_jobs_finish_and_its_server_end(own_run: BeginRun) -> None:
    run = own_run()
    go = run.folder / "go"
    process = run.start(block=f"{TELL_PIDS}\nwhile not os.path.exists('go'): time.sleep(0.01)")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("train blobs/trial/0")
    server = run.server()
    assert server is not None
    run.snakemake.kill()
    run.snakemake.wait()
    go.touch()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    wait_until(lambda: not is_running(server))


def test_job_after_the_end_of_its_run_starts_directly(own_run: BeginRun) -> None:
    run = own_run()
    run.snakemake.kill()
    run.snakemake.wait()
    status, out, errors = run.finish(block=TELL_PIDS)
    assert status == 0
    assert errors.startswith("mushin: no warm worker, so this starts directly: its server has ended; see ")
    assert "worker" in out


def test_library_that_cannot_be_imported_is_noted_and_left_to_the_jobs(own_run: BeginRun) -> None:
    run = own_run("no_such_library")
    assert run.finish()[0] == 0
    assert run.log == "not imported ahead: no_such_library: No module named 'no_such_library'\n"


def test_library_that_starts_threads_has_jobs_start_directly(own_run: BeginRun) -> None:
    run = own_run("threaded")
    (run.folder / "threaded.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    status, out, errors = run.finish(block=TELL_PIDS)
    assert status == 0
    assert pids(out)[1] != run.server()
    assert "a library that was imported ahead has started threads" in errors


def test_server_that_cannot_start_is_named_and_jobs_start_directly(own_run: BeginRun) -> None:
    run = own_run("broken")
    (run.folder / "broken.py").write_text("raise ValueError('at import')\n")
    status, _, errors = run.finish()
    assert status == 0
    assert f"its server has ended; see {run.warm.log}" in errors
    assert "ValueError: at import" in run.log


def test_server_of_another_session_refuses(run: Run) -> None:
    assert run.finish()[0] == 0
    out, errors = run.start(block=TELL_PIDS, new_session=True).communicate(timeout=120)
    assert "it runs in another session" in errors
    assert pids(out)[1] != run.server()
