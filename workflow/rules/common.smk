# The plan behind all rules, with the cells and what each depends on.

import inspect
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from mushin.config.make_plan import make_plan
from mushin.config.plan import CellName, canonical_json
from mushin.config.selection import Selection
from mushin.errors import ConfigError
from mushin.layout import trained_file
from mushin.provenance.run_record import COMMAND_VARIABLE
from mushin.stages.cell_logs import logs_folder
from mushin.stages.kept import FORCED_VARIABLE
from mushin.warm.run import VARIABLE as WARM_RUN_VARIABLE, WarmRun


def find_conf():
    """The study's own conf/, or the one beside this workflow."""
    local = Path("conf")
    return local if local.is_dir() else Path(workflow.current_basedir) / "../../conf"


def is_for_one_job():
    """Whether Snakemake has started this Snakemake for one job, as in every step of a SLURM job."""
    _, started, words = " ".join(sys.argv).partition(" --target-jobs ")
    return bool(started) and " " not in words.partition(" -")[0]


try:
    PLAN = make_plan(Selection.from_mapping(config), find_conf())
    # Read from the source of all that the targets import, which may not be valid Python.
    HAS_WORKERS = PLAN.resources["warm_workers"] and not is_for_one_job()
    LIBRARIES = PLAN.libraries if HAS_WORKERS else ()
except ConfigError as error:
    raise WorkflowError(str(error)) from None

RESULTS = PLAN.results
LOGS = logs_folder(RESULTS).as_posix()
CELL = f"{RESULTS}/{{dataset}}/{{method}}/{{seed}}"


wildcard_constraints:
    dataset="|".join(map(re.escape, PLAN.datasets)),
    method="|".join(map(re.escape, PLAN.methods)),
    seed="|".join(map(str, PLAN.seeds)),


# Every job runs in the environment that runs Snakemake. Its path stands here and not in the rules, because a
# changed command is a reason to run a rule again. So do the limits of its time.
shell.prefix(
    "set -euo pipefail; export PYTHONHASHSEED=0"
    f" MUSHIN_TRAIN_TIME_LIMIT={PLAN.resources['train']['time_limit'] or ''}"
    f" MUSHIN_EVALUATE_TIME_LIMIT={PLAN.resources['evaluate']['time_limit'] or ''}"
    f" PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
)


# What the user typed, for the notes of who ran what. A remote job starts a Snakemake of its own, which inherits it.
os.environ.setdefault(
    COMMAND_VARIABLE, shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
)


# What the jobs of this process share, which are forked from one that has imported torch.
os.environ.pop(WARM_RUN_VARIABLE, None)
if HAS_WORKERS:
    os.environ[WARM_RUN_VARIABLE] = str(
        WarmRun.begin(LIBRARIES, Path(LOGS) / "workers.log")
    )


def methods_where(leaves_predictions):
    """The methods that leave predictions, or those that leave a model, as a wildcard constraint."""
    dataset = PLAN.datasets[0]
    found = [
        method
        for method in PLAN.methods
        if PLAN.settings[dataset, method].leaves_predictions == leaves_predictions
    ]
    return "|".join(map(re.escape, found)) or "(?!)"  # which matches nothing


def inspected(function):
    """Spare Snakemake from inspecting the function again for every job, some 100,000 times for 5000 cells."""
    function.__signature__ = inspect.signature(function)
    return function


@inspected
def trained(wildcards):
    """What training leaves of a cell."""
    cell = CellName(wildcards.dataset, wildcards.method, wildcards.seed)
    settings = PLAN.settings[wildcards.dataset, wildcards.method]
    return str(trained_file(Path(RESULTS), cell, settings))


@inspected
def results_folder(wildcards):
    """The results folder, for a command line."""
    return RESULTS


def settings(group):
    """The settings of one group, as a text that names the group."""
    return inspected(
        lambda wildcards: PLAN.settings[wildcards.dataset, wildcards.method].texts[
            group
        ]
    )


def sources(*groups):
    """The digests of the source files behind some groups."""
    return inspected(
        lambda wildcards: " ".join(
            PLAN.settings[wildcards.dataset, wildcards.method].sources[group]
            for group in groups
        )
    )


def threads_of(group):
    """The number of threads that the settings ask for."""
    return inspected(
        lambda wildcards: getattr(
            PLAN.settings[wildcards.dataset, wildcards.method], group
        )["threads"]
    )


def tell_jobs_what_is_forced():
    """Say in the environment whether the user forces jobs: a forced training is not put back from what is kept.

    Snakemake knows that only after it has read the rules. A remote job's Snakemake is always called with --force, and
    inherits the answer for what the user typed.
    """
    asked = workflow.dag_settings
    is_forced = asked.forceall or asked.forcerun or asked.forcetargets
    os.environ.setdefault(FORCED_VARIABLE, "1" if is_forced else "")


def grown(asked):
    """A resource that a retried job gets more of: twice at its second attempt, three times at its third."""

    def resource(wildcards, attempt):
        tell_jobs_what_is_forced()  # Snakemake asks this of every job before it starts one.
        return attempt * asked

    return inspected(resource)


def resources_of(rule):
    """What a job of this rule asks for; 'cell' bounds how many cells of one cluster job run at a time."""
    asked = PLAN.resources[rule]
    return {
        "mem_mb": grown(asked["mem_mb"]),
        "runtime": grown(asked["runtime"]),
        "gpu": asked["gpu"],
        "cell": 1,
    }
