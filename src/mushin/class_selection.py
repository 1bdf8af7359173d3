"""Merge the classes of confusion matrices, and leave some out, by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mushin.errors import ConfigError, UnknownNameError, did_you_mean

_LISTED = 20


@dataclass(frozen=True)
class ClassSelection:
    """The classes to score, and which of the study's classes each stands for.

    Attributes
    ----------
    names : tuple of str
        The classes to score, in order.
    members : tuple of tuple of int
        For each of them the positions of the study's classes that it stands for.
    total : int
        The number of the study's classes.
    """

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    total: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the classes are those of the study, in their order."""
        return self.members == tuple((place,) for place in range(self.total))

    @property
    def leaves_out(self) -> bool:
        """Whether some of the study's classes are in none of the classes to score."""
        return sum(map(len, self.members)) < self.total

    def apply(self, confusion: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add up the rows and columns of merged classes, and drop those of classes left out.

        Parameters
        ----------
        confusion : int64 array, shape (..., C, C)
            Counts by the study's classes.

        Returns
        -------
        int64 array, shape (..., K, K)
            Counts by the classes to score.

        Examples
        --------
        >>> selection = select_classes(["cat", "dog", "car"], {"animal": ["cat", "dog"]})
        >>> selection.apply(np.array([[5, 1, 0], [2, 4, 1], [0, 1, 6]])).tolist()
        [[12, 1], [1, 6]]
        """
        if self.changes_nothing:
            return confusion
        return self._add_up(self._add_up(confusion).swapaxes(-1, -2)).swapaxes(-1, -2)

    def _add_up(self, confusion: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sum of the rows behind each class to score."""
        rows = confusion[..., [members[0] for members in self.members], :]
        for row, (first, *others) in enumerate(self.members):
            if others:
                rows[..., row, :] = confusion[..., [first, *others], :].sum(axis=-2)
        return rows

    def position_of(self, place: int | None) -> int | None:
        """Return where a class of the study stands by itself among those to score; None where it doesn't."""
        return self.members.index((place,)) if (place,) in self.members else None


def select_classes(
    names: Sequence[str],
    merge_classes: Mapping[str, Iterable[str]] | None = None,
    classes: Iterable[str] | None = None,
) -> ClassSelection:
    """Find the classes to score by label: first merge, then select.

    Parameters
    ----------
    names : sequence of str
        The study's classes.
    merge_classes : mapping of str to iterable of str, optional
        New label to the labels that it replaces. It stands where the first of them stood.
    classes : iterable of str, optional
        The labels to keep, in this order, merged ones among them.

    Returns
    -------
    ClassSelection
        The classes to score.

    Raises
    ------
    UnknownNameError
        A label does not exist.
    ConfigError
        A label is listed twice, a new label is taken, or fewer than two classes are left.

    Examples
    --------
    >>> select_classes(["cat", "dog", "car"], {"animal": ["cat", "dog"]}).names
    ('animal', 'car')
    """
    merges = _read_merges(list(names), merge_classes or {})
    merged = _merge(names, merges)
    chosen = merged if classes is None else _choose(merged, merges, classes)
    if len(chosen) < 2 and len(names) > 1:
        option = "merge_classes" if classes is None else "classes"
        raise ConfigError(
            f"{option}: leaves only {', '.join(map(repr, chosen))}; two classes are needed. To"
            " score one class against the rest, use a metric per class, such as 'iou_per_class', or merge the"
            " rest"
        )
    return ClassSelection(tuple(chosen), tuple(chosen.values()), len(names))


def _read_merges(names: list[str], merge_classes: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Check the merges: every class in one of them at most, and no new label that is taken."""
    if not isinstance(merge_classes, Mapping):
        raise ConfigError(f"merge_classes is {merge_classes!r}; accepted: {{'animal': ['cat', 'dog'], …}}")
    merges = {
        str(label): _labels(merged, f"merge_classes: {label!r}", names)
        for label, merged in merge_classes.items()
    }
    new_label: dict[str, str] = {}
    for label, merged in merges.items():
        for name in merged:
            if name in new_label:
                raise ConfigError(
                    f"merge_classes: class {name!r} is in {new_label[name]!r} and in {label!r}; list it once"
                )
            new_label[name] = label
    for label in merges:
        if label in names and new_label.get(label) != label:
            raise ConfigError(
                f"merge_classes: {label!r} is the label of a class already; choose another, or list that"
                " class among those it replaces"
            )
    return merges


def _merge(names: Sequence[str], merges: Mapping[str, list[str]]) -> dict[str, tuple[int, ...]]:
    """Return the classes after merging, with the positions behind each."""
    new_label = {name: label for label, merged in merges.items() for name in merged}
    members: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        members.setdefault(new_label.get(name, name), []).append(place)
    return {label: tuple(places) for label, places in members.items()}


def _choose(
    merged: dict[str, tuple[int, ...]], merges: Mapping[str, list[str]], classes: Iterable[str]
) -> dict[str, tuple[int, ...]]:
    """Return the classes asked for, in the order asked for."""
    gone = {name: label for label, names in merges.items() for name in names if name not in merged}
    given = classes if isinstance(classes, str) else list(classes)
    for name in given:
        if name in gone and not isinstance(given, str):
            raise ConfigError(f"classes: {name!r} is merged into {gone[name]!r}; name that instead")
    return {name: merged[name] for name in _labels(given, "classes", list(merged))}


def _labels(given: Iterable[str], where: str, known: list[str]) -> list[str]:
    """Check a list of labels."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConfigError(f"{where}: got {given!r}; give a list of class labels")
    labels = [str(label) for label in given]
    if not labels:
        raise ConfigError(f"{where}: the list is empty; name the classes")
    for label in labels:
        if label not in known:
            more = f", … ({len(known)} in all)" if len(known) > _LISTED else ""
            raise UnknownNameError(
                f"{where}: class {label!r} is unknown{did_you_mean(label, known) or ';'}"
                f" Known: {', '.join(known[:_LISTED])}{more}"
            )
        if labels.count(label) > 1:
            raise ConfigError(f"{where}: class {label!r} appears twice; list it once")
    return labels
