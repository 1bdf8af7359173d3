"""Plan the study of the working directory from what a command line would say."""

from __future__ import annotations

import pytest

from mushin.config.make_plan import make_plan
from mushin.config.plan import Plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError


def plan(*arguments: str) -> Plan:
    return make_plan(Selection.from_arguments(arguments))


def faults(*arguments: str) -> list[str]:
    """Return what is wrong with a plan, a line each."""
    with pytest.raises(ConfigError) as caught:
        plan(*arguments)
    return str(caught.value).splitlines()
