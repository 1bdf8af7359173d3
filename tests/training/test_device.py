import pytest
import torch

from mushin.errors import ConfigError
from mushin.training.device import resolve_device


def pretend(monkeypatch, *, cuda=0, mps=False):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


def test_auto_takes_cuda_where_there_is_one_and_else_the_cpu(monkeypatch):
    pretend(monkeypatch, cuda=1)
    assert resolve_device("auto") == torch.device("cuda")
    pretend(monkeypatch, mps=True)
    assert resolve_device("auto") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps", torch.device("cuda:0")])
def test_a_device_that_is_there_is_returned(monkeypatch, name):
    pretend(monkeypatch, cuda=2, mps=True)
    assert resolve_device(name) == torch.device(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cuda", "no CUDA GPU here .*use device=cpu or device=auto"),
        ("mps", "no Metal GPU here"),
        ("cdua", "'cdua' is unknown; accepted: auto"),
        ("gpu", "'gpu' is unknown; accepted: auto, cpu, cuda, cuda:N"),
        ("cuda:-1", "'cuda:-1' is unknown"),
        ("cuda:x", "'cuda:x' is unknown"),
        ("cpu:3", "'cpu:3' is unknown"),
    ],
)
def test_a_device_that_is_not_there_is_refused(monkeypatch, name, message):
    pretend(monkeypatch)
    with pytest.raises(ConfigError, match=message):
        resolve_device(name)


def test_a_gpu_number_beyond_the_last_is_refused(monkeypatch):
    pretend(monkeypatch, cuda=2)
    with pytest.raises(ConfigError, match="there are 2 CUDA GPUs; the last is cuda:1"):
        resolve_device("cuda:2")
