"""Decide which names a method or a data set may have."""

from __future__ import annotations

import re

_FORM = re.compile(r"[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_YAML_WORDS = {"null", "none", "nan", "inf", "true", "false", "yes", "no", "on", "off", "y", "n"}
_XARRAY_WORDS = {"nearest", "pad", "ffill", "backfill", "bfill"}
_FILE_ENDINGS = (".nc", ".csv", ".md", ".html", ".tex", ".json", ".partial")
_LONGEST = 100

ACCEPTED = "letters, digits, '_', '-' and '.', beginning with a letter"


def problem_with_name(name: object) -> str | None:
    """Say why `name` cannot name a method or a data set; None where it can.

    A name becomes a folder below the results folder, a wildcard of the workflow and a label of a dimension
    called ``method``, so it must be safe as all three.

    Examples
    --------
    >>> problem_with_name("resnet-18") is None
    True
    >>> problem_with_name("../x")
    "'../x' is not a name; accepted: letters, digits, '_', '-' and '.', beginning with a letter"
    >>> problem_with_name("on")
    "'on' means something else to YAML; choose another name"
    """
    if not isinstance(name, str):
        return f"{name!r} is not a name; accepted: {ACCEPTED}"
    if name.lower() in _YAML_WORDS:
        return f"{name!r} means something else to YAML; choose another name"
    if name.lower() in _XARRAY_WORDS:
        return f"{name!r} is a keyword of xarray's sel(method=...); choose another name"
    if not _FORM.fullmatch(name) or ".." in name:
        return f"{name!r} is not a name; accepted: {ACCEPTED}"
    if name.lower().endswith(_FILE_ENDINGS):
        return f"{name!r} looks like a result file; choose a name without that ending"
    if len(name) > _LONGEST:
        return f"{name[:20]!r}… has {len(name)} characters; accepted: at most {_LONGEST}"
    return None
