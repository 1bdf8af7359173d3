from __future__ import annotations

import os
from pathlib import Path

from mushin.warm.run import VARIABLE, WarmRun


def test_run_reads_back_from_the_environment_as_it_was_written() -> None:
    run = WarmRun.begin(["torch", "sklearn.datasets"], Path("logs/workers.log"))
    assert WarmRun.of_environment({VARIABLE: str(run)}) == run
    assert run.process == os.getpid()
    assert Path(run.log).is_absolute()


def test_command_outside_of_a_run_belongs_to_none() -> None:
    assert WarmRun.of_environment({}) is None
    assert WarmRun.of_environment({VARIABLE: ""}) is None


def test_every_run_has_an_address_of_its_own_that_no_file_holds() -> None:
    addresses = {WarmRun.begin([], Path("log")).address for _ in range(3)}
    assert len(addresses) == 3
    assert all(address.startswith("\0mushin-") and len(address) > 32 for address in addresses)
