"""Every block of the README and of docs/: run, composed, loaded, or named among those that cannot be."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from page_blocks import Block, blocks_of
from warm_shell import WarmShell, warm_shell

pytestmark = pytest.mark.workflow

REPOSITORY = Path(__file__).parents[2]
PAGES = [
    "README.md",
    *sorted(page.relative_to(REPOSITORY).as_posix() for page in (REPOSITORY / "docs").rglob("*.md")),
]
RUN = {"sh", "console", "python", "yaml"}
SHOWN = {"text", "csv", "bibtex", "{toctree}", "{eval-rst}", "{image}", "{figure}"}
ELSEWHERE = {"docs/sweeps.md": "tests/sweeps/test_docs.py"}
MOST_NOT_RUN = 6

# What needs a cluster, GPUs or minutes is planned by Snakemake, and not run.
PLANNED = re.compile(r"--profile slurm|--resources gpu|experiment=|--forcerun|--forceall")
DRAWING = {"mushin plot", "mushin report"}
MADE = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
inputs, targets = torch.randn(60, 64), torch.arange(60) % 10
test_loader = DataLoader(TensorDataset(inputs, targets), batch_size=32)
cnn_models, mlp_models = ([nn.Linear(64, 10) for _ in range(3)] for _ in range(2))


def train_cnn(seed):
    torch.save(nn.Linear(64, 10), f"cnn-{seed}.pt")
    return f"cnn-{seed}.pt"


def train_mlp(seed):
    torch.save(nn.Linear(64, 10), f"mlp-{seed}.pt")
    return f"mlp-{seed}.pt"


def load_fn(path):
    return torch.load(path, weights_only=False)


"""
BEFORE = {"README.md": MADE}
# A 'cd' holds for the rest of these pages; on others each block starts in the study.
FOLLOWED = {"docs/own-project.md", "docs/tutorial.md"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmShell]:
    with warm_shell(tmp_path_factory.mktemp("warm")) as shell:
        # The Makefile would set up an environment.
        shell.add("make", f'#!/bin/sh\nexec /usr/bin/make --dry-run --always-make -C "{REPOSITORY}" "$@"\n')
        for name in (".zfunc", ".config/fish/completions"):
            (shell.home / name).mkdir(parents=True)
        yield shell


@pytest.fixture(scope="module")
def finished(shell: WarmShell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of the README, with two seeds and one epoch."""
    folder = tmp_path_factory.mktemp("pages") / "finished"
    folder.mkdir()
    for name in ("conf", "workflow", "profiles", "slurm"):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "Snakefile", folder)
    _replace(folder / "conf/config.yaml", "seeds: [0, 1, 2, 3, 4]", "seeds: [0, 1]")
    _replace(folder / "conf/training/default.yaml", "epochs: 30", "epochs: 1")
    with (folder / "conf/task/classification.yaml").open("a") as task:
        task.write("metrics: [accuracy, ece]\nkeep_samples: true\n")
    _run(shell, "snakemake --cores 2", folder)
    return folder


@pytest.fixture(scope="module")
def drawn() -> set[str]:
    """The commands that drew figures on an earlier page: they take seconds, and would draw the same."""
    return set()


@pytest.fixture
def project(finished: Path, shell: WarmShell, tmp_path: Path) -> Path:
    """A copy of the finished study, with what the pages say that a reader has."""
    folder = tmp_path / "project"
    shutil.copytree(finished, folder)
    for name in ("tabular", "brain"):
        shutil.copytree(
            finished / "results", folder / "results" / name, ignore=shutil.ignore_patterns("report*")
        )
    (folder / "predictions.csv").write_text("a,b\n.9,.1\n.2,.8\n.6,.4\n")
    (folder / "targets.csv").write_text("label\n0\n1\n1\n")
    return folder


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def _run(shell: WarmShell, script: str, folder: Path) -> str:
    ran = shell.run(script, folder)
    assert ran.returncode == 0, f"{script}\n{ran.stdout}"
    return ran.stdout


def _quick(command: str) -> str:
    """Return a command that shows the same in less time: fewer seeds, no report, or the plan alone."""
    if not command.startswith("snakemake ") or "--report" in command:
        return command
    if PLANNED.search(command):
        return f"{command} --dry-run"
    if "--config" not in command:
        return f"{command} --until stats --config seeds=0,1"
    return f"{re.sub(r'seeds=[0-9,]+', 'seeds=0', command)} --until aggregate"


def _write(block: Block, folder: Path, home: Path) -> None:
    """Write the file that a block shows; a Snakefile that is there goes on."""
    assert block.file is not None
    file = home / block.file[2:] if block.file.startswith("~/") else folder / block.file
    file.parent.mkdir(parents=True, exist_ok=True)
    if block.file == "Snakefile":
        content = block.body.partition("\n")[2]
        if content.strip() not in file.read_text():
            with file.open("a") as snakefile:
                snakefile.write(f"\n\n{content}")
    else:
        file.write_text(block.body)


def _selections(block: Block) -> Iterator[str]:
    """Yield what selects a file of conf/ that a block shows, for 'mushin plan'."""
    kind, _, name = (block.file or "").removeprefix("conf/").removesuffix(".yaml").partition("/")
    if (block.file or "").startswith("conf/"):
        yield {
            "method": f"methods={name} seeds=0",
            "data": f"datasets={name} methods=linear seeds=0",
            "experiment": f"experiment={name}",
            "stats": f"overrides=stats={name}",
            "task": f"overrides=task={name}",
        }.get(kind, "")


def _all_blocks() -> dict[str, list[Block]]:
    return {page: blocks_of(REPOSITORY / page) for page in PAGES}


def test_no_block_is_of_a_kind_that_nothing_checks() -> None:
    for page, blocks in _all_blocks().items():
        for block in blocks:
            assert block.language in RUN | SHOWN, f"{page}:{block.line}: {block.language}"


def test_blocks_that_are_not_run_are_few_and_say_why() -> None:
    left_out = [block for blocks in _all_blocks().values() for block in blocks if block.not_run is not None]
    assert all(block.language in RUN and len(block.not_run or "") > 10 for block in left_out)
    assert len(left_out) <= MOST_NOT_RUN


def test_a_marker_is_never_left_beside_nothing() -> None:
    for page, blocks in _all_blocks().items():
        markers = (REPOSITORY / page).read_text().count("<!-- not run")
        assert markers == sum(block.not_run is not None for block in blocks), page


@pytest.mark.parametrize(
    "page",
    [
        page
        for page, blocks in _all_blocks().items()
        if page not in ELSEWHERE and any(block.language in RUN and block.not_run is None for block in blocks)
    ],
)
def test_every_block_of_the_page_runs(page: str, project: Path, shell: WarmShell, drawn: set[str]) -> None:
    # Snippets first: the study that they read is finished, and commands may make another one of it.
    blocks = [block for block in blocks_of(REPOSITORY / page) if block.not_run is None]
    snippets = [block.body for block in blocks if block.language == "python" and block.file is None]
    if snippets:
        # A fork of the server cannot start processes of joblib's.
        script = "\n".join([BEFORE.get(page, ""), *snippets]).replace("jobs=2", "jobs=1")
        (project / "page.py").write_text(script)
        _run(shell, "python page.py", project)
    folder, selections = project, []
    for block in blocks:
        if block.language == "yaml":
            assert yaml.safe_load(block.body), f"{page}:{block.line}"
        if block.file is not None:
            _write(block, folder, shell.home)
            selections += _selections(block)
        elif block.language in ("sh", "console"):
            script = "\n".join(_quick(command) for command in block.commands if command not in drawn)
            drawn.update(command for command in block.commands if command in DRAWING)
            ended = Path(_run(shell, f"{script}\npwd", folder).splitlines()[-1])
            folder = ended if page in FOLLOWED else folder
    for selection in dict.fromkeys(selections):
        _run(shell, f"mushin plan {selection}", folder)
