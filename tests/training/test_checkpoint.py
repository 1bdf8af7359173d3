import hashlib
import os
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn

from mushin.errors import CheckpointError
from mushin.training.checkpoint import load_checkpoint, save_checkpoint


def small_model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))


def weights(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def are_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.pt"
    save_checkpoint(path, small_model())
    return path


def test_loading_gives_the_saved_weights_back(saved):
    model = small_model(seed=1)
    load_checkpoint(saved, model)
    assert are_equal(weights(model), weights(small_model()))


def test_plain_torch_reads_it(saved):
    assert are_equal(torch.load(saved, weights_only=True), small_model().state_dict())


def test_a_state_dict_saved_by_plain_torch_is_read(tmp_path):
    torch.save(small_model().state_dict(), tmp_path / "theirs.pt")
    model = small_model(seed=1)
    load_checkpoint(tmp_path / "theirs.pt", model)
    assert are_equal(weights(model), weights(small_model()))


def test_the_digest_is_that_of_the_file(tmp_path):
    digest = save_checkpoint(tmp_path / "new" / "model.pt", small_model())
    assert digest == hashlib.sha256((tmp_path / "new" / "model.pt").read_bytes()).hexdigest()
    load_checkpoint(tmp_path / "new" / "model.pt", small_model(), expected_sha256=digest.upper())


def test_equal_weights_give_equal_bytes_under_any_name(tmp_path):
    first = save_checkpoint(tmp_path / "a.pt", small_model())
    assert save_checkpoint(tmp_path / "another.bin", small_model()) == first
    assert save_checkpoint(tmp_path / "b.pt", small_model(seed=1)) != first


def test_another_process_writes_the_same_bytes(tmp_path):
    code = (
        "import sys, torch; from pathlib import Path; from torch import nn\n"
        "from mushin.training.checkpoint import save_checkpoint\n"
        "torch.manual_seed(0)\n"
        "model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))\n"
        "print(save_checkpoint(Path(sys.argv[1]), model))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    command = [sys.executable, "-c", code, str(tmp_path / "theirs.pt")]
    theirs = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert theirs.stdout.strip() == save_checkpoint(tmp_path / "ours.pt", small_model())


def test_a_view_is_stored_without_the_rest_of_its_storage(tmp_path):
    model = nn.Module()
    model.register_buffer("row", torch.zeros(1000, 1000)[0])
    save_checkpoint(tmp_path / "model.pt", model)
    assert (tmp_path / "model.pt").stat().st_size < 10_000


def test_saving_leaves_the_model_as_it_was(tmp_path):
    model = small_model()
    before = weights(model)
    save_checkpoint(tmp_path / "model.pt", model)
    assert are_equal(weights(model), before)
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"model\.pt: the checkpoint does not exist"):
        load_checkpoint(tmp_path / "model.pt", small_model())


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_truncated_file_is_refused(saved, kept):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(kept * len(content)) if kept < 1 else kept])
    with pytest.raises(CheckpointError, match="is damaged, truncated, or not written by torch"):
        load_checkpoint(saved, small_model())


def test_a_flipped_bit_in_a_weight_is_found(saved):
    weight = small_model().state_dict()["0.weight"].numpy().tobytes()
    content = bytearray(saved.read_bytes())
    content[content.index(weight) + 5] ^= 1
    saved.write_bytes(bytes(content))
    with pytest.raises(CheckpointError, match=r"damaged: .* fails its checksum"):
        load_checkpoint(saved, small_model())


class Payload:
    def __reduce__(self):
        return os.mkdir, ("payload-ran",)


@pytest.mark.parametrize("content", [small_model, lambda: {"weights": torch.zeros(2), "extra": Payload()}])
def test_more_than_weights_is_refused_with_the_reason(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    torch.save(content(), tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match=r"more than weights \(it names [\w.]+\); save a state dict"):
        load_checkpoint(tmp_path / "model.pt", small_model())
    assert not (tmp_path / "payload-ran").exists()


def test_a_plain_pickle_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.pt").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(CheckpointError, match=r"not written by torch\.save"):
        load_checkpoint(tmp_path / "model.pt", small_model())
    assert not (tmp_path / "payload-ran").exists()


def test_what_is_no_state_dict_is_refused(tmp_path):
    torch.save([torch.zeros(1)], tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match="holds a list, not a state dict"):
        load_checkpoint(tmp_path / "model.pt", small_model())


def test_another_digest_is_refused(saved):
    with pytest.raises(CheckpointError, match=r"SHA-256 is [0-9a-f]{64}, expected 0{64}"):
        load_checkpoint(saved, small_model(), expected_sha256="0" * 64)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8)), r"2 unexpected \(2\.weight, 2\.bias\)"),
        (
            nn.Linear(4, 3),
            r"2 missing \(weight, bias\); 9 unexpected \(0\.weight, 0\.bias, 1\.weight, \.\.\.",
        ),
        (
            nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 5)),
            r"2 of another shape \(2\.weight \(3, 8\) for \(5, 8\), 2\.bias \(3,\) for \(5,\)\)",
        ),
    ],
)
def test_another_architecture_is_refused_and_left_untouched(saved, model, message):
    before = weights(model)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(saved, model)
    assert are_equal(weights(model), before)
