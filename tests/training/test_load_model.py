from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mushin.errors import CheckpointError
from mushin.training.load_model import load_model


class Net(nn.Module):
    """With what modules keep beside their parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.BatchNorm2d(2), nn.Flatten())
        self.head = nn.ModuleDict({"a": nn.Linear(32, 3), "b": nn.TransformerEncoderLayer(8, 2)})
        self.activation = nn.functional.gelu
        self.seen = {1, 2}
        self.origin = Path("data")

    def forward(self, x: Any) -> Any:
        return self.activation(self.head["a"](self.body(x)))


def test_a_whole_model_comes_back(tmp_path: Path) -> None:
    model = Net().eval()
    torch.save(model, tmp_path / "model.pt")
    again = load_model(tmp_path / "model.pt")
    x = torch.randn(2, 1, 4, 4)
    assert torch.equal(again(x), model(x))
    assert not again.training
    assert again.origin == Path("data")


class Harmful:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> Any:
        return self.made


@pytest.mark.parametrize(
    "content",
    [
        Harmful(os.system, "touch harm"),
        Harmful(exec, "open('harm', 'w')"),
        Harmful(getattr, "text", "upper"),
        Harmful(torch.hub.load, "owner/name", "model"),
        Harmful(nn.functional.handle_torch_function, os.system, (), "touch harm"),
    ],
)
def test_a_file_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model": content}, "model.pt")
    with pytest.raises(CheckpointError, match="refused"):
        load_model("model.pt")
    assert not Path("harm").exists()


def test_a_class_that_is_no_module_is_named(tmp_path: Path) -> None:
    torch.save({"of": TestSomething()}, tmp_path / "other.pt")
    with pytest.raises(
        CheckpointError, match=r"names .*TestSomething; accepted are classes of torch\.nn\.Module"
    ):
        load_model(tmp_path / "other.pt")


class TestSomething:
    __test__ = False


def test_a_state_dict_asks_for_a_load_fn(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match=r"holds a OrderedDict, not a model; give load_fn="):
        load_model(tmp_path / "model.pt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(
        CheckpointError, match=r"model\.pt: the checkpoint \(\d+ bytes\) is damaged, truncated, or not"
    ):
        load_model(tmp_path / "model.pt")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"model\.pt: the checkpoint does not exist"):
        load_model(tmp_path / "model.pt")


def test_a_module_that_was_never_imported_is_not_imported(tmp_path: Path) -> None:
    source = tmp_path / "other_net.py"
    source.write_text("from torch import nn\nclass Other(nn.Linear):\n    pass\n")
    code = (
        "import sys, torch; sys.path.insert(0, sys.argv[1]); import other_net;"
        " torch.save(other_net.Other(2, 2), sys.argv[2])"
    )

    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(tmp_path / "model.pt")], check=True)
    with pytest.raises(
        CheckpointError, match=r"other_net\.Other, which is not imported here: import it first"
    ):
        load_model(tmp_path / "model.pt")
