"""Read the literature behind the statistics, as text and as BibTeX."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

import yaml

EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Reference:
    """One work.

    Attributes
    ----------
    key : str
        Of its BibTeX entry.
    kind : {"article", "book", "inproceedings"}
        Of the entry.
    authors : str
        As BibTeX has them, ``Family, Given and …``.
    title, where : str
        `where` is the journal, the publisher or the proceedings.
    year : int
        Of publication.
    volume, pages, doi, url : str
        Empty where there is none; `url` only for works without a DOI.
    """

    key: str
    kind: str
    authors: str
    title: str
    where: str
    year: int
    volume: str = ""
    pages: str = ""
    doi: str = ""
    url: str = ""

    @property
    def link(self) -> str:
        """Where the work is found; empty where nowhere."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def text(self) -> str:
        """The work in a line, without its link."""
        names = [author.split(",")[0] for author in self.authors.split(" and ")]
        who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} & {names[-1]}"
        place = " ".join(part for part in (self.where, self.volume) if part)
        pages = f":{self.pages.replace('-', EN_DASH)}" if self.pages else ""
        return f"{who} ({self.year}). {self.title}. {place}{pages}."

    @property
    def bibtex(self) -> str:
        """The entry for a bibliography."""
        place = {"article": "journal", "book": "publisher", "inproceedings": "booktitle"}[self.kind]
        fields = {
            "author": self.authors,
            "title": f"{{{self.title}}}",
            place: self.where,
            "year": str(self.year),
            "volume": self.volume,
            "pages": self.pages.replace("-", "--"),
            "doi": self.doi,
            "url": self.url,
        }
        lines = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items() if text)
        return f"@{self.kind}{{{self.key},\n{lines}\n}}"


@functools.cache
def all_references() -> Mapping[str, Reference]:
    """Return every work by its key.

    Examples
    --------
    >>> all_references()["holm1979"].text[:11]
    'Holm (1979)'
    """
    content = resources.files("mushin.page").joinpath("references.yaml").read_text(encoding="utf-8")
    works = {key: Reference(key, **fields) for key, fields in yaml.safe_load(content).items()}
    return MappingProxyType(works)
