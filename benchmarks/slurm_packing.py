"""Measure what a tiny cell costs on SLURM, by the number of cells in a job.

    python benchmarks/slurm_packing.py [--cells N] [--packs 1 4 16]

Needs root and SLURM (tests/slurm/up --install FOLDER). SLURM runs in a control group, which counts the CPU
time of all that its jobs start, and of the snakemake that submits them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION_1 = Path("/sys/fs/cgroup/cpuacct")
GROUP = (VERSION_1 if VERSION_1.is_dir() else Path("/sys/fs/cgroup")) / "mushin-packing"


def cpu_seconds() -> float:
    if VERSION_1.is_dir():
        return int((GROUP / "cpuacct.usage").read_text()) / 1e9
    return int((GROUP / "cpu.stat").read_text().split()[1]) / 1e6


def measure(folder: Path, cells: int, *options: str) -> tuple[float, float]:
    shutil.copytree(ROOT / "tests/workflow/study", folder)
    shutil.copytree(ROOT / "slurm", folder / "slurm")
    seeds = ",".join(map(str, range(cells)))
    snakemake = [
        Path(sys.executable).with_name("snakemake"),
        "--snakefile",
        ROOT / "Snakefile",
        "results/compare.nc",
    ]
    start, cpu = time.monotonic(), cpu_seconds()
    subprocess.run(
        [*snakemake, *options, "--config", "methods=near", f"seeds={seeds}"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return (cpu_seconds() - cpu) / cells, (time.monotonic() - start) / cells


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=16)
    parser.add_argument("--packs", type=int, nargs="+", default=[1, 4, 16])
    arguments = parser.parse_args()
    GROUP.mkdir()
    (GROUP / "cgroup.procs").write_text(str(os.getpid()))
    slurm = Path(tempfile.mkdtemp(prefix="mushin-slurm-"))
    cpus = str(os.cpu_count())
    try:
        subprocess.run([ROOT / "tests/slurm/up", slurm], env={**os.environ, "CPUS": cpus}, check=True)
        with tempfile.TemporaryDirectory() as scratch:
            cost = measure(Path(scratch) / "local", arguments.cells, "--cores", cpus)
            print(f"local: {cost[0]:.1f} CPU s, {cost[1]:.1f} s per cell", flush=True)
            for pack in arguments.packs:
                options = ["--profile", "slurm", "--group-components", f"cell={pack}"]
                cost = measure(Path(scratch) / str(pack), arguments.cells, *options)
                print(f"{pack} cells a job: {cost[0]:.1f} CPU s, {cost[1]:.1f} s per cell", flush=True)
    finally:
        subprocess.run([ROOT / "tests/slurm/down", slurm], check=True)
        (GROUP.parent / "cgroup.procs").write_text(str(os.getpid()))
        GROUP.rmdir()


if __name__ == "__main__":
    main()
