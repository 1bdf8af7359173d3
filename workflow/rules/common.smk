# The plan that every rule reads: which cells there are, and what each depends on.

import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from mushin.config.make_plan import make_plan
from mushin.config.plan import canonical_json
from mushin.config.selection import Selection
from mushin.errors import ConfigError


def find_conf():
    """The study's own conf/, or the one beside this workflow."""
    local = Path("conf")
    return local if local.is_dir() else Path(workflow.current_basedir) / "../../conf"


try:
    PLAN = make_plan(Selection.from_mapping(config), find_conf())
except ConfigError as error:
    raise WorkflowError(str(error)) from None

RESULTS = PLAN.results
CELL = f"{RESULTS}/{{dataset}}/{{method}}/{{seed}}"


wildcard_constraints:
    dataset="|".join(map(re.escape, PLAN.datasets)),
    method="|".join(map(re.escape, PLAN.methods)),
    seed="|".join(map(str, PLAN.seeds)),


def settings(group):
    """Give a rule the settings of one group as a text that names it."""
    return lambda wildcards: PLAN.settings[wildcards.dataset, wildcards.method].texts[
        group
    ]


def sources(*groups):
    """Give a rule the digests of the source files behind some groups."""
    return lambda wildcards: " ".join(
        PLAN.settings[wildcards.dataset, wildcards.method].sources[group]
        for group in groups
    )


def export_threads(rule):
    """Fix the thread counts before Python starts; they come from conf/, so --cores changes no result."""
    threads = PLAN.resources[rule]["threads"]
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return (
        "export "
        + " ".join(f"{name}={threads}" for name in names)
        + " PYTHONHASHSEED=0;"
    )


# Used in shell commands by name, so that a change of them is no change of a rule's code.
TRAIN_THREADS = PLAN.resources["train"]["threads"]
TRAIN_ENVIRONMENT = export_threads("train")
EVALUATE_THREADS = PLAN.resources["evaluate"]["threads"]
EVALUATE_ENVIRONMENT = export_threads("evaluate")
