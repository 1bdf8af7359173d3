from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import assume, example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from mushin.errors import ConfigError
from mushin.sweeps.override_text import override, without_interpolations

NASTY = st.text(alphabet=list("ab\\'\"${}[]():,=.1e- \n\t?é\u2028\x01"), max_size=10)
TEXT = NASTY | st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,5}", fullmatch=True).filter(
    lambda name: name.lower() not in {"null", "true", "false", "inf", "nan"}
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


def same(found: Any, value: Any) -> bool:
    """Compare values with their types: 1, 1.0 and True are three."""
    return repr(found) == repr(value)


@example("1e-3")
@example("a,b")
@example("null")
@example("???")
@example("${oops}")
@example("\\${oops}\\\\")
@example(["it's \\'", {"a": "${b"}])
@example(-math.inf)
@given(VALUES)
def test_hydra_reads_back_what_was_written(value: Any) -> None:
    parsed = OverridesParser.create().parse_override(override("x", value))
    config = OmegaConf.create({"x": "???"})
    OmegaConf.update(config, "x", parsed.value())
    assert same(OmegaConf.to_container(config, resolve=True)["x"], value)  # type: ignore[call-overload,index]


# PyYAML reads these line breaks back as a space. The file is for readers; a task's values never pass it.
BREAKS = ("\x85", "\u2028", "\u2029")


@given(VALUES)
def test_fixed_values_come_back_from_a_configuration(value: Any) -> None:
    config = OmegaConf.create({"x": without_interpolations(value)})
    assert same(OmegaConf.to_container(config, resolve=True)["x"], value)  # type: ignore[call-overload,index]
    assume(not any(character in json.dumps(value, ensure_ascii=False) for character in BREAKS))
    read = OmegaConf.create(OmegaConf.to_yaml(config))
    assert same(OmegaConf.to_container(read, resolve=True)["x"], value)  # type: ignore[call-overload,index]


@pytest.mark.parametrize("key", ["a b", "1", "null", "", "a.b"])
def test_keys_that_hydra_cannot_quote_are_refused(key: str) -> None:
    with pytest.raises(ConfigError, match=f"opt: key '{key}' of a swept dict is no plain name"):
        override("opt", {key: 1})
