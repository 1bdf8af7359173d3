from __future__ import annotations

from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin.config.names import problem_with_name


@pytest.mark.parametrize(
    "name", ["a", "MLP", "resnet-18", "unet_v2.1", "x" * 100, "a1", "Node", "one", "only"]
)
def test_usual_names_are_accepted(name: str) -> None:
    assert problem_with_name(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "'' is not a name; accepted: letters, digits, '_', '-' and '.', beginning with a letter"),
        ("../x", "is not a name"),
        ("a/b", "is not a name"),
        ("a b", "is not a name"),
        ("a..b", "is not a name"),
        ("a.", "is not a name"),
        ("a-", "is not a name"),
        (".hidden", "is not a name"),
        ("-option", "is not a name"),
        ("1", "is not a name"),
        ("1e5", "is not a name"),
        ("a\n", "is not a name"),
        ("a{seed}", "is not a name"),
        ("naïve", "is not a name"),
        (None, "None is not a name"),
        (True, "True is not a name"),
        (3, "3 is not a name"),
        (["a"], "is not a name"),
        ("null", "'null' means something else to YAML; choose another name"),
        ("On", "'On' means something else to YAML"),
        ("NaN", "'NaN' means something else to YAML"),
        ("nearest", "'nearest' is a keyword of xarray's sel(method=...); choose another name"),
        ("Pad", "is a keyword of xarray's sel"),
        ("compare.nc", "'compare.nc' looks like a result file; choose a name without that ending"),
        ("a.JSON", "looks like a result file"),
        ("x" * 101, "has 101 characters; accepted: at most 100"),
    ],
)
def test_name_that_breaks_something_is_refused_with_the_reason(name: object, problem: str) -> None:
    assert problem in (problem_with_name(name) or "")


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_.-]{0,8}", fullmatch=True)))
def test_accepted_name_is_one_folder_and_the_same_text_to_yaml(name: str) -> None:
    if problem_with_name(name) is None:
        assert PurePosixPath(name).parts == (name,)
        assert yaml.safe_load(name) == name
        assert "{" not in name
