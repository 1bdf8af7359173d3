from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import mushin
from mushin.fingerprint import Fingerprint, fingerprint
from mushin.training.load_model import load_model

MODULE = '''
import math

RATE = 0.1


class Net:
    """A model."""

    width = 8

    def forward(self, x):
        return self.scaled(x) * RATE

    @property
    def size(self):
        return self.width

    def scaled(self, x):
        return math.sqrt(x)


def build(width):
    return Net()


def train(seed, epochs=3):
    """Train it."""

    def step(net):
        # one step
        return net.forward(seed)

    return step(build(2)), epochs


def unrelated():
    return 1


lazy = lambda seed: build(seed)
'''


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[..., ModuleType]]:
    """Write a module anew after replacing texts, and import it."""

    def write(*replacements: tuple[str, str]) -> ModuleType:
        source = MODULE
        for old, new in replacements:
            assert old in source
            source = source.replace(old, new)
        path = tmp_path / f"own_{abs(hash(source))}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location("own_training", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["own_training"] = module
        spec.loader.exec_module(module)
        return module

    yield write
    sys.modules.pop("own_training", None)


def test_the_functions_and_classes_of_its_module_are_followed(written: Any) -> None:
    found = fingerprint(written().train)
    assert found.name == "own_training.train"
    assert set(found.sources) == {
        "own_training.train",
        "own_training.build",
        "own_training.Net",
        "own_training.Net.forward",
        "own_training.Net.scaled",
        "own_training.Net.size",
    }
    assert found.arguments == {"epochs": 3, "own_training.RATE": 0.1}


@pytest.mark.parametrize(
    "unimportant",
    [
        ("# one step", "# a step"),
        ('"""Train it."""', '"""Train the net."""'),
        ("return step(build(2)), epochs", "return (step( build(2) ), epochs)"),
        ("def unrelated():\n    return 1", "def unrelated():\n    return 2"),
    ],
)
def test_comments_layout_and_other_functions_do_not_count(written: Any, unimportant: tuple[str, str]) -> None:
    assert fingerprint(written().train) == fingerprint(written(unimportant).train)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("build(2)", "build(3)"), "own_training.train"),
        (("net.forward(seed)", "net.forward(seed + 1)"), "own_training.train"),
        (("return Net()", "return Net"), "own_training.build"),
        (("width = 8", "width = 9"), "own_training.Net"),
        (("math.sqrt(x)", "math.exp(x)"), "own_training.Net.scaled"),
        (("return self.width", "return 1"), "own_training.Net.size"),
    ],
)
def test_a_change_is_found_where_it_is(written: Any, change: tuple[str, str], where: str) -> None:
    before, after = fingerprint(written().train), fingerprint(written(change).train)
    assert {name for name in before.sources if before.sources[name] != after.sources[name]} == {where}


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        (("RATE = 0.1", "RATE = 0.2"), {"epochs": 3, "own_training.RATE": 0.2}),
        (("epochs=3", "epochs=4"), {"epochs": 4, "own_training.RATE": 0.1}),
    ],
)
def test_values_of_the_module_and_defaults_count(
    written: Any, change: tuple[str, str], arguments: dict[str, Any]
) -> None:
    assert fingerprint(written(change).train).arguments == arguments


def test_a_lambda_is_told_apart_by_what_it_does(written: Any) -> None:
    before = fingerprint(written().lazy)
    assert before == fingerprint(written().lazy)
    assert before != fingerprint(written(("lambda seed: build(seed)", "lambda seed: build(1)")).lazy)
    assert "own_training.Net.scaled" in before.sources


def make(rate: float, values: Any) -> Callable[[int], Any]:
    def train(seed: int, width: int = 2) -> Any:
        return seed, rate, values, width

    return train


def test_what_a_partial_binds_is_stronger_than_the_default() -> None:
    bound = functools.partial(functools.partial(make(0.1, None), width=7), width=8)
    assert fingerprint(bound).arguments == {"width": 8, "rate": 0.1, "values": None}
    assert fingerprint(functools.partial(make, 0.5)).arguments == {"args[0]": 0.5}


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (np.arange(3), np.arange(1, 4)),
        (torch.arange(3), torch.arange(4)),
        (torch.ones(2, dtype=torch.bfloat16), torch.zeros(2, dtype=torch.bfloat16)),
        ({"lr": (1, 2)}, {"lr": (1, 3)}),
        ({1, 2}, {1, 3}),
        (Path("a"), Path("b")),
        (np.float64(1), np.float64(2)),
        (1j, 2j),
        (b"a", b"b"),
        (1, None),
    ],
)
def test_variables_around_it_are_compared_by_content(value: Any, other: Any) -> None:
    assert fingerprint(make(1, value)) == fingerprint(make(1, value))
    assert fingerprint(make(1, value)).arguments != fingerprint(make(1, other)).arguments


TENSOR = torch.arange(3)


def reads_a_tensor(seed: int) -> Any:
    return TENSOR + seed


def test_tensors_of_the_module_are_compared_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(reads_a_tensor)
    assert before == fingerprint(reads_a_tensor)
    monkeypatch.setattr(sys.modules[__name__], "TENSOR", torch.arange(4))
    assert before.arguments != fingerprint(reads_a_tensor).arguments


def test_what_has_no_content_to_compare_stands_by_its_type() -> None:
    found = fingerprint(make(1, torch.nn.Identity()))
    assert found.arguments["values"] == "a torch.nn.modules.linear.Identity"
    assert fingerprint(make(1, torch.nn.Identity())) == found


class Trainer:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, seed: int) -> float:
        return self.rate * seed

    def train(self, seed: int) -> float:
        return self(seed)


@pytest.mark.parametrize("of", [lambda trainer: trainer, lambda trainer: trainer.train])
def test_an_object_counts_with_its_class_and_attributes(of: Callable[[Trainer], Any]) -> None:
    found = fingerprint(of(Trainer(0.1)))
    assert found.arguments == {"Trainer.rate": 0.1}
    assert {name.rpartition(".")[2] for name in found.sources} == {"Trainer", "__init__", "__call__", "train"}
    assert fingerprint(of(Trainer(0.2))).sources == found.sources


def test_a_function_without_source_is_told_apart_by_its_instructions() -> None:
    def made(text: str) -> Fingerprint:
        names: dict[str, Any] = {"__name__": "typed"}
        exec(text, names)
        return fingerprint(names["train"])

    assert made("def train(seed): return 1") == made("def train(seed):\n    return 1")
    assert made("def train(seed): return 1") != made("def train(seed): return 2")
    assert made("def train(seed): return lambda: 1") != made("def train(seed): return lambda: 2")


def test_functions_that_call_each_other_are_followed_once(written: Any) -> None:
    found = fingerprint(written(("return Net()", "return train(width)")).train)
    assert "own_training.build" in found.sources


def of_module(source: str) -> Any:
    """Make a module from a source that is nowhere on disk."""
    names: dict[str, Any] = {"__name__": "typed"}
    exec(source, names)
    return names


LAMBDAS = (
    "first = lambda x: x\nsecond = lambda x: {second}\ndef train(seed): return first(seed) + second(seed)"
)


def test_every_lambda_of_a_module_counts() -> None:
    before = fingerprint(of_module(LAMBDAS.format(second="x"))["train"])
    after = fingerprint(of_module(LAMBDAS.format(second="x + 1"))["train"])
    assert set(before.sources) == {"typed.train", "typed.<lambda>", "typed.<lambda>#2"}
    changed = {name for name in before.sources if before.sources[name] != after.sources[name]}
    assert changed == {"typed.<lambda>#2"}


def make_loss(weight: float) -> Callable[[float], float]:
    def loss(value: float) -> float:
        return weight * value

    return loss


LIGHT, HEAVY = make_loss(0.1), make_loss(0.5)


def uses_two_closures(seed: int) -> float:
    return LIGHT(seed) + HEAVY(seed)


def test_closures_of_one_factory_count_each_with_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(uses_two_closures)
    name = f"{__name__}.make_loss.<locals>.loss"
    assert before.arguments == {f"{name}: weight": 0.5, f"{name}#2: weight": 0.1}
    monkeypatch.setattr(sys.modules[__name__], "LIGHT", make_loss(0.2))
    assert fingerprint(uses_two_closures).arguments == {f"{name}: weight": 0.5, f"{name}#2: weight": 0.2}


ONE, OTHER = functools.partial(make_loss, 0.1), functools.partial(make_loss, 0.5)


def uses_two_partials(seed: int) -> Any:
    return ONE(), OTHER()


def test_partials_of_one_function_count_each_with_its_values() -> None:
    name = f"partial of {__name__}.make_loss"
    found = fingerprint(uses_two_partials)
    assert found.arguments == {f"{name}: args[0]": 0.1, f"{name}#2: args[0]": 0.5}
    assert [source for source in found.sources if source.endswith("make_loss")] == [f"{__name__}.make_loss"]


DECORATED = """
import functools

def scaled(function):
    @functools.wraps(function)
    def wrapper(seed):
        return FACTOR * function(seed)
    return wrapper

@scaled
@functools.lru_cache
def {name}(seed):
    return seed
"""


@pytest.mark.parametrize("of", ["train", "calls"])
def test_what_a_decorator_does_counts(of: str) -> None:
    def found(factor: str) -> Fingerprint:
        source = DECORATED.replace("FACTOR", factor)
        name = "train" if of == "train" else "inner"
        calls = "" if of == "train" else "def calls(seed): return inner(seed)"
        return fingerprint(of_module(f"{source.format(name=name)}\n{calls}")[of])

    before, after = found("2"), found("3")
    assert len(before.sources) == (2 if of == "train" else 3)
    changed = {name for name in before.sources if before.sources[name] != after.sources[name]}
    assert len(changed) == 1
    assert next(iter(changed)).endswith("#2")  # the wrapper has the name of what it wraps


def test_wrapper_is_read_by_its_own_source(written: Any) -> None:
    decorator = (
        "import math\n",
        "import functools\nimport math\n\n\ndef logged(function):\n    @functools.wraps(function)\n"
        "    def wrapper(*args):\n        # called\n        return function(*args)\n\n    return wrapper\n",
    )
    used = ("def build(width)", "@logged\ndef build(width)")
    before = fingerprint(written(decorator, used).train)
    same = fingerprint(written(decorator, used, ("# called", "# calling")).train)
    other = fingerprint(written(decorator, used, ("return function(*args)", "return 2")).train)
    assert before == same
    assert before.sources["own_training.build"] == other.sources["own_training.build"]
    assert before.sources["own_training.build#2"] != other.sources["own_training.build#2"]


def test_function_that_is_bound_is_followed() -> None:
    found = fingerprint(functools.partial(make, values=make_loss(0.1)))
    assert f"{__name__}.make_loss.<locals>.loss" in found.sources
    assert found.arguments[f"{__name__}.make_loss.<locals>.loss: weight"] == 0.1


@torch.no_grad()
def uses_libraries(seed: int) -> Any:
    return torch.nn.functional.relu(torch.tensor(seed)), mushin.errors.ConfigError, mushin.compare


class OwnNet(torch.nn.Linear):
    width = 1


def test_libraries_and_mushin_itself_do_not_count() -> None:
    found = fingerprint(uses_libraries)
    assert found == Fingerprint(f"{__name__}.uses_libraries", {}, found.sources)
    assert set(found.sources) == {f"{__name__}.uses_libraries"}
    assert set(fingerprint(OwnNet).sources) == {f"{__name__}.OwnNet"}
    for library in (torch.nn.Identity(), torch.nn.functional.relu, load_model, len):
        assert fingerprint(library).sources == {}


def test_a_closure_of_another_module_counts_with_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "losses.py").write_text("def make(w):\n    def loss(x): return w * x\n    return loss\n")
    try:
        train = of_module("import losses\nloss = losses.make(0.3)\ndef train(seed): return loss(seed)")[
            "train"
        ]
        found = fingerprint(train)
    finally:
        sys.modules.pop("losses", None)
    assert set(found.sources) == {"typed.train", "file of losses"}
    assert found.arguments == {"losses.make.<locals>.loss: w": 0.3}


def test_another_module_of_the_author_counts_as_a_file(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    use = (
        ("import math\n", "import math\nimport helper\nfrom helper import other\n"),
        ("return step(", "helper.loss(1); other(); return step("),
    )

    def found(source: str) -> Fingerprint:
        sys.modules.pop("helper", None)
        (tmp_path / "helper.py").write_text(source)
        importlib.invalidate_caches()
        return fingerprint(written(*use).train)

    before = found("def loss(x): return x\ndef other(): return 1\n")
    after = found("def loss(x): return x + 1\ndef other(): return 1\n")
    sys.modules.pop("helper", None)
    changed = {name for name in before.sources if before.sources[name] != after.sources[name]}
    assert changed == {"file of helper"}
    assert before.digest != after.digest
    assert not any("math" in name for name in before.sources)
