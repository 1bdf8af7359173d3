"""Read from a command line which study is meant, and plan it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mushin.config.plan import Plan

CONF = "conf"
SELECTION = """\
KEY=VALUE selects and overrides, with the same keys as 'snakemake --config':
  experiment=NAME  datasets=a,b  methods=a,b  seeds=0,1,2  results=FOLDER  overrides='training.epochs=5'
"""


def add_conf(parser: argparse.ArgumentParser) -> None:
    """Declare the option that names the configuration."""
    parser.add_argument("--conf", default=CONF, metavar="DIR", help="the configuration (default: conf)")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Declare the words that select a part of the study."""
    parser.add_argument("selection", nargs="*", metavar="KEY=VALUE", help="see below")


def read_plan(words: Sequence[str], conf: str) -> Plan:
    """Plan the study of `conf`, as the ``KEY=VALUE`` words select.

    Raises
    ------
    ConfigError
        A word or the configuration has faults.
    """
    from mushin.config.make_plan import make_plan
    from mushin.config.selection import Selection

    return make_plan(Selection.from_arguments(words), conf)
