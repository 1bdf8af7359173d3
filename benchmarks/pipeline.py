"""Measure what the pipeline itself costs, and hold it against the targets: one command, one table.

    python benchmarks/pipeline.py [--only WORD ...] [--repeats 3] [--cells 20 100]

Parts, for --only: cells (trivial cells, direct and warm), plan (dry runs from scratch and without anything to
do, and mushin plan), aggregate (against xr.open_mfdataset), start (every command on a small study) and
wide (50 methods x 20 metrics x 20 seeds).

CPU-seconds are user plus system of a command and of all that it started. On Linux those count too that
detached themselves: their new parent is this process, which waits for them. Contenders run in turn, so that
a busy moment of the machine falls on all of them; a row shows the median of its repeats with their range.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

from made_pipeline import ROOT, make_cells, make_results, make_study, mark_finished, read_plan
from tabulate import tabulate

from mushin.config.plan import canonical_json
from mushin.config.schema import Resources

PR_SET_CHILD_SUBREAPER = 36
SNAKEMAKE = [Path(sys.executable).with_name("snakemake"), "--snakefile", ROOT / "Snakefile", "--cores", "2"]
PYTHON = [sys.executable]
MUSHIN = [*PYTHON, "-m", "mushin"]
PER_MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10
# A child begins as a copy of this process, so that a smaller peak of its own cannot be seen.
OWN_MEGABYTES = 1 + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PER_MEGABYTE
OPEN_MFDATASET = """
import sys, xarray as xr
from pathlib import Path
results, *labels = sys.argv[1:]
datasets, methods, seeds = (words.split(",") for words in labels)
files = [[f"{results}/{d}/{m}/{s}/cell.nc" for s in seeds] for d in datasets for m in methods]
ds = xr.open_mfdataset(files, combine="nested", concat_dim=["method", "seed"], engine="netcdf4")
ds.load().to_netcdf(sys.argv[1] + "/xarray.nc")
"""
BARE = """
rule all:
    input: expand("bare/{{m}}/{{s}}/cell.nc", m=range({methods}), s=range({seeds}))
rule train:
    output: "bare/{{m}}/{{s}}/model.pt"
    shell: "touch {{output}}"
rule evaluate:
    input: "bare/{{m}}/{{s}}/model.pt"
    output: "bare/{{m}}/{{s}}/cell.nc"
    shell: "touch {{output}}"
"""


@dataclass(frozen=True)
class Cost:
    """What one command cost: CPU-seconds of its processes, and the largest resident size of one in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    target: str = ""
    is_met: bool | None = None


def run(folder: Path, *command: str | Path) -> Cost:
    """Run a command, wait for it and for what it left behind, and return what all of them cost."""
    kept = {name: text for name, text in os.environ.items() if not name.endswith("_NUM_THREADS")}
    path = f"{ROOT / 'src'}{os.pathsep}{kept.get('PYTHONPATH', '')}"
    before = os.times()
    with tempfile.TemporaryFile("w+") as printed:
        child = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env={**kept, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        if child.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}\n{printed.read()[-3000:]}")
    try:
        while True:  # The kernel hands over who outlives its parent.
            os.wait()
    except ChildProcessError:
        pass
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds, used.ru_maxrss / PER_MEGABYTE)


def in_turn(repeats: int, **contenders: Callable[[], Cost]) -> dict[str, list[Cost]]:
    """Run contenders in turn, several times."""
    found: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, contender in contenders.items():
            found[name].append(contender())
    return found


def spread(values: Sequence[float], digits: int = 2) -> str:
    low, middle, high = (f"{of(values):.{digits}f}" for of in (min, statistics.median, max))
    return middle if len(values) == 1 else f"{middle} ({low} - {high})"


def row(
    what: str, costs: Sequence[Cost], *, target: float | None = None, per: int = 1, unit: str = "s"
) -> Row:
    """Return a line: CPU-seconds, or CPU-milliseconds with ``unit="ms"``, for each of `per`."""
    scale = 1000 if unit == "ms" else 1
    values = [scale * cost.seconds / per for cost in costs]
    largest = max(cost.megabytes for cost in costs)
    peak = f", {largest:.0f} MB" if largest > OWN_MEGABYTES + 10 else ""
    met = None if target is None else statistics.median(values) <= target
    return Row(what, f"{spread(values)} {unit}{peak}", "" if target is None else f"<= {target:g} {unit}", met)


def cells(scratch: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Train and evaluate trivial cells, each in a process of its own, and from the server that forks them."""
    has_warm = any(option.name == "warm_workers" for option in fields(Resources))
    ways = {"direct": "resources.warm_workers=false", "warm": "resources.warm_workers=true"}
    for number in arguments.cells:
        for way, override in ways.items():
            folder = scratch / f"cells-{number}-{way}"
            if way == "warm" and not has_warm:
                yield Row(f"{number} trivial cells, warm", "not available")
                continue
            make_study(folder, number)
            chosen = ["--config", f"overrides={override}"] if has_warm else []
            cost = run(folder, *SNAKEMAKE, "results/compare.nc", *chosen)
            target = 0.7 if way == "warm" and number == 100 else None
            yield row(f"{number} trivial cells, {way}: per cell", [cost], target=target, per=number)


def plan(scratch: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Plan studies from scratch and beside their finished results; and what Snakemake itself takes."""
    for number in (10, 100, 1000, 5000):
        folder = scratch / f"plan-{number}"
        datasets, methods, seeds = make_study(folder, number)
        (folder / "bare.smk").write_text(BARE.format(methods=datasets * methods, seeds=seeds))
        dry = [*SNAKEMAKE, "--dry-run", "--quiet"]
        repeats = arguments.repeats if number < 5000 else 1
        found = in_turn(
            repeats,
            ours=lambda folder=folder, dry=dry: run(folder, *dry),
            bare=lambda folder=folder, dry=dry: run(folder, *dry, "--snakefile", "bare.smk"),
        )
        yield row(f"snakemake -n from scratch, {number} cells", found["ours"])
        yield row("- two bare rules of as many jobs", found["bare"])
        make_cells(folder)
        # Recording 15,000 files takes Snakemake half an hour; without records it compares times only.
        is_recorded = number < 5000
        touch = partial(run, folder, *SNAKEMAKE) if is_recorded else None
        mark_finished(folder, touch)
        no_op = [run(folder, *dry) for _ in range(repeats)]
        yield row(
            f"snakemake -n, nothing to do, {number} cells{'' if is_recorded else ', no records'}",
            no_op,
            target=5 if number == 1000 else None,
        )
        if number in (1000, 5000):
            yield row(f"mushin plan, {number} finished cells", [run(folder, *MUSHIN, "plan")])


def _merge(*labels: Sequence[object]) -> list[str]:
    """Return what rule aggregate runs."""
    named = zip(("--datasets", "--methods", "--seeds"), labels, strict=True)
    return [*MUSHIN, "aggregate", *(str(word) for name, words in named for word in (name, *words))]


def _open_mfdataset(*labels: Sequence[object]) -> list[str]:
    return [*PYTHON, "-c", OPEN_MFDATASET, "results", *(",".join(map(str, words)) for words in labels)]


def aggregate(scratch: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Merge cells, in turn with what people write; that is given 1000 cells at most."""
    if importlib.util.find_spec("dask") is None:
        raise SystemExit("the baseline open_mfdataset needs dask: pip install dask")
    for number in (100, 1000, 10_000):
        folder = scratch / f"aggregate-{number}"
        make_study(folder, number)
        make_cells(folder)
        study = read_plan(folder)
        whole = (study.datasets, study.methods, study.seeds)
        few = (study.datasets[:1], study.methods, study.seeds[:100])
        one = (study.datasets[:1], study.methods[:1], study.seeds[:1])
        baseline = math.prod(map(len, few))
        found = in_turn(
            arguments.repeats if number < 10_000 else 1,
            ours=lambda folder=folder, whole=whole: run(folder, *_merge(*whole)),
            ours_one=lambda folder=folder, one=one: run(folder, *_merge(*one)),
            xarray=lambda folder=folder, few=few: run(folder, *_open_mfdataset(*few)),
            xarray_one=lambda folder=folder, one=one: run(folder, *_open_mfdataset(*one)),
        )
        ours, theirs = (
            [Cost(a.seconds - b.seconds, a.megabytes) for a, b in zip(found[name], found[idle], strict=True)]
            for name, idle in (("ours", "ours_one"), ("xarray", "xarray_one"))
        )
        yield row(
            f"aggregate {number} cells: per cell, less what one takes", ours, target=3, per=number, unit="ms"
        )
        yield row(f"- open_mfdataset, {baseline} cells: per cell", theirs, per=baseline, unit="ms")
        ratios = [b.seconds / baseline / (a.seconds / number) for a, b in zip(ours, theirs, strict=True)]
        met = statistics.median(ratios) >= 10 if number == 1000 else None
        yield Row("- open_mfdataset / aggregate", spread(ratios, 1), ">= 10" if number == 1000 else "", met)


def start(scratch: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Start every command on a study of ten cells."""
    folder = scratch / "start"
    make_study(folder, 10)
    make_cells(folder)
    commands = {
        "import mushin": ([*PYTHON, "-c", "import mushin"], 0.1),
        "mushin --help": ([*MUSHIN, "--help"], 0.2),
        **{
            f"mushin {name}": ([*MUSHIN, name], None)
            for name in ("plan", "aggregate", "stats", "show", "report")
        },
        "mushin train": ([*MUSHIN, "train", "blobs0/near0/0"], None),
        "mushin evaluate": ([*MUSHIN, "evaluate", "blobs0/near0/0"], None),
    }
    for name, (command, target) in commands.items():
        yield row(name, [run(folder, *command) for _ in range(arguments.repeats)], target=target)


def wide(scratch: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Compare and report 50 methods on 20 metrics under 20 seeds: 24,500 comparisons."""
    folder = scratch / "wide"
    make_study(folder, 10)
    stats = f"stats={canonical_json(read_plan(folder).stats)}"
    results = make_results(folder, methods=50, metrics=20, seeds=20)
    command = [*MUSHIN, "stats", "--file", results, "--settings", stats]
    yield row("stats: 50 methods, 20 metrics, 20 seeds", [run(folder, *command)])
    yield row("report of it", [run(folder, *MUSHIN, "report", "results")])
    page = (folder / "results/report.html").stat().st_size
    yield Row("- its page", f"{page / 1e6:.1f} MB")


PARTS = {part.__name__: part for part in (start, wide, aggregate, plan, cells)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="WORD")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cells", type=int, nargs="+", default=[20, 100])
    arguments = parser.parse_args()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    scratch = Path(tempfile.mkdtemp(prefix="mushin-pipeline-"))
    rows = []
    try:
        for name in arguments.only:
            for found in PARTS[name](scratch, arguments):
                verdict = {None: "", True: "yes", False: "no"}[found.is_met]
                rows.append([found.what, found.measured, found.target, verdict])
                print("  ".join(rows[-1]).rstrip(), file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(scratch)
    print(
        tabulate(
            rows, headers=["CPU time", "measured", "target", "met"], tablefmt="pipe", disable_numparse=True
        )
    )
    load = ", ".join(f"{of:.1f}" for of in os.getloadavg())
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load {load}")


if __name__ == "__main__":
    main()
