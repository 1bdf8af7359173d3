"""Find the fenced blocks of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]*?) -->\n\n?)?^```(?P<language>[\w{}-]+)\n(?P<body>.*?)^```$",
    re.M | re.S,
)
_NAMED = re.compile(r"# (?P<file>[\w./~-]+\.(?:py|yaml)|Snakefile)(?:,.*)?")


@dataclass(frozen=True)
class Block:
    """One block.

    Attributes
    ----------
    language : str
        As its fence names it.
    body : str
        The lines between the fences.
    line : int
        Where it begins.
    not_run : str or None
        The reason why nobody can run it here, which the page gives in ``<!-- not run: … -->`` above it.
    """

    language: str
    body: str
    line: int
    not_run: str | None

    @property
    def file(self) -> str | None:
        """The file that the block shows, named in its first line or below Hydra's; None for a snippet."""
        first = self.body.removeprefix("# @package _global_\n").partition("\n")[0]
        named = _NAMED.fullmatch(first)
        return named["file"] if named else None

    @property
    def commands(self) -> list[str]:
        """The lines of a shell, without prompts and comments."""
        lines = self.body.splitlines()
        if self.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return [line for line in (re.sub(r"(^|\s)#.*", "", line).rstrip() for line in lines) if line]


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page from top to bottom.

    Raises
    ------
    ValueError
        The fences of the page are not in pairs, or one is indented.
    """
    text = page.read_text(encoding="utf-8")
    blocks = [
        Block(
            found["language"], found["body"], text[: found.start("language")].count("\n") + 1, found["reason"]
        )
        for found in _FENCE.finditer(text)
    ]
    if 2 * len(blocks) != len(re.findall(r"^\s*```", text, re.M)):
        raise ValueError(f"{page.name}: a fence is not closed, is indented, or names no language")
    return blocks
