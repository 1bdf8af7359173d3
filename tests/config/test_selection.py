from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin.config.selection import Selection
from mushin.errors import ConfigError


def test_nothing_selected_leaves_every_choice_to_conf() -> None:
    assert Selection.from_mapping({}) == Selection.from_arguments([]) == Selection()


def test_all_keys_are_read_the_same_from_snakemake_and_from_arguments() -> None:
    expected = Selection(
        experiment="voc",
        datasets=("voc", "city"),
        methods=("unet",),
        seeds=("0", "1"),
        overrides=("training.epochs=5", "method.hidden=[64,32]"),
        results="results/voc",
    )
    config = {
        "experiment": "voc",
        "datasets": "voc,city",
        "methods": "unet",
        "seeds": "0,1",
        "overrides": "training.epochs=5 method.hidden=[64,32]",
        "results": "results/voc",
    }
    assert Selection.from_mapping(config) == expected
    assert Selection.from_arguments([f"{key}={value}" for key, value in config.items()]) == expected


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("a,b", ("a", "b")),
        ("[a, b]", ("a", "b")),
        (" a , b ", ("a", "b")),
        ("a", ("a",)),
        (["a", "b"], ("a", "b")),
        (("a",), ("a",)),
        (3, (3,)),
        (True, (True,)),
        ("a,,b", ("a", "", "b")),
        ("", None),
        (None, None),
        ([], ()),
    ],
)
def test_list_may_be_written_with_commas_brackets_or_as_yaml(value: Any, items: Any) -> None:
    assert Selection.from_mapping({"methods": value}).methods == items


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a.b=1 c.d=2", ("a.b=1", "c.d=2")),
        ("a.b='x y'", ("a.b=x y",)),
        (["a.b=x y"], ("a.b=x y",)),
        ("", ()),
        (None, ()),
        ([], ()),
    ],
)
def test_overrides_are_split_like_a_command_line(value: Any, words: tuple[str, ...]) -> None:
    assert Selection.from_mapping({"overrides": value}).overrides == words


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            {"metods": "a"},
            "command line: metods: unknown key; did you mean 'methods'? accepted: datasets, exp",
        ),
        (
            {"overrides": "+a.b=1"},
            "command line: overrides: '+a.b=1' adds or removes a key, so a typo would pass",
        ),
        ({"overrides": "~a.b"}, "'~a.b' adds or removes a key"),
        ({"overrides": "epochs"}, "command line: overrides: 'epochs' is no override; accepted: key=value"),
        ({"overrides": 5}, "'5' is no override"),
        ({"overrides": True}, "'True' is no override"),
        ({"overrides": "a.b='x"}, """overrides: "a.b='x" cannot be split into words: No closing quotation"""),
    ],
)
def test_mistake_is_refused_with_what_is_accepted(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        Selection.from_mapping(config)


def test_all_mistakes_of_a_kind_are_listed() -> None:
    with pytest.raises(ConfigError, match=r"metods.*\n.*seds"):
        Selection.from_mapping({"seds": "1", "metods": "a"})
    with pytest.raises(ConfigError, match=r"'a' is no override.*\n.*'b' is no override"):
        Selection.from_mapping({"overrides": "a b"})


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (
            ["mlp"],
            "command line: 'mlp' is no KEY=VALUE; accepted: experiment=…, datasets=…, methods=…, seeds=",
        ),
        (["seeds=1", "seeds=2"], "command line: seeds: given twice; give it once"),
        (["sedes=1"], "command line: sedes: unknown key; did you mean 'seeds'?"),
        (["=1"], "command line: unknown key; accepted: datasets"),
    ],
)
def test_word_that_is_no_selection_is_refused(words: list[str], problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        Selection.from_arguments(words)


def test_value_may_hold_an_equals_sign() -> None:
    assert Selection.from_arguments(["overrides=a.b=c=d"]).overrides == ("a.b=c=d",)


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from(["methods", "seeds", "overrides", "results", "nope"]), st.text()))
def test_any_text_is_read_or_refused_and_nothing_worse(config: dict[str, str]) -> None:
    with contextlib.suppress(ConfigError):
        Selection.from_mapping(config)
