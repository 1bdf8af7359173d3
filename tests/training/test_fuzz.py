"""Any bytes in the place of a checkpoint are loaded or refused with one error of ours."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from damaged import CHANGES, FUZZ, damaged, damaged_member
from mushin.errors import CheckpointError
from mushin.training.checkpoint import load_checkpoint
from mushin.training.load_model import load_model

MODEL = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
Changes = list[tuple[int, int, bytes]]


def saved(content: object, *, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


STATE, WHOLE = saved(MODEL.state_dict()), saved(MODEL)
LEGACY = saved(MODEL.state_dict(), zipped=False)


def load_or_refuse(load: Callable[[], object], path: Path) -> None:
    message = f"{path}: "
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of an unusual protocol of pickle.
        try:
            load()
        except CheckpointError as error:
            message = str(error)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < 1000


@FUZZ
@given(changes=CHANGES, kind=st.sampled_from(["bytes", "data.pkl", "byteorder", "data/0", "legacy"]))
def test_damaged_checkpoint_is_loaded_or_refused(tmp_path: Path, changes: Changes, kind: str) -> None:
    path = tmp_path / "model.pt"
    if kind in ("bytes", "legacy"):
        content = damaged(STATE if kind == "bytes" else LEGACY, changes)
    else:
        content = damaged_member(STATE, kind, changes)
    path.write_bytes(content)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    load_or_refuse(lambda: load_checkpoint(path, model), path)
    sha256 = hashlib.sha256(content).hexdigest()
    load_or_refuse(lambda: load_checkpoint(path, model, expected_sha256=sha256), path)


@FUZZ
@given(changes=CHANGES, kind=st.sampled_from(["bytes", "data.pkl", "byteorder"]))
def test_damaged_model_is_loaded_or_refused(tmp_path: Path, changes: Changes, kind: str) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(damaged(WHOLE, changes) if kind == "bytes" else damaged_member(WHOLE, kind, changes))
    load_or_refuse(lambda: load_model(path), path)


@pytest.mark.parametrize("load", [load_model, lambda path: load_checkpoint(path, MODEL)])
def test_archive_that_unpacks_to_more_than_it_is_is_refused(
    tmp_path: Path, load: Callable[[Path], object]
) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**6))
    with pytest.raises(
        CheckpointError, match=r"its \d+ bytes hold 1000000, but torch\.save compresses nothing"
    ):
        load(path)


def test_record_shorter_than_its_tensor_is_refused(tmp_path: Path) -> None:
    """The tensor would show the memory behind it."""
    path = tmp_path / "model.pt"
    path.write_bytes(damaged_member(STATE, "data/0", [(0, 16, b"")]))
    with pytest.raises(CheckpointError, match="the checkpoint is damaged: record size"):
        load_checkpoint(path, nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)))


@pytest.mark.parametrize("weight", [torch.zeros(2, 3).to_sparse(), torch.zeros(2, 3, dtype=torch.complex64)])
def test_tensor_of_another_kind_is_refused_and_the_model_left_untouched(
    tmp_path: Path, weight: torch.Tensor
) -> None:
    model = nn.Linear(3, 2)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    (tmp_path / "model.pt").write_bytes(saved({"bias": torch.ones(2), "weight": weight}))
    with pytest.raises(CheckpointError, match=r"1 of another shape \(weight \(2, 3\) torch\."):
        load_checkpoint(tmp_path / "model.pt", model)
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


@pytest.mark.parametrize("versions", [3, {"": 3}, {"": {"version": "x"}}])
def test_versions_of_layers_that_are_none_are_refused(tmp_path: Path, versions: object) -> None:
    state = MODEL.state_dict()
    state._metadata = versions  # type: ignore[attr-defined]
    (tmp_path / "model.pt").write_bytes(saved(state))
    with pytest.raises(CheckpointError, match="damaged: its versions of layers"):
        load_checkpoint(tmp_path / "model.pt", MODEL)
