import pytest
import torch
from torch.nn.functional import cross_entropy

from mushin.errors import TrainingError
from mushin.training.loss import mean_cross_entropy


def test_it_equals_torchs_cross_entropy():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 3, 5, 5, generator=generator)
    targets = torch.randint(3, (4, 5, 5), generator=generator)
    torch.testing.assert_close(mean_cross_entropy(logits, targets), cross_entropy(logits, targets))
    targets[0] = 255
    torch.testing.assert_close(
        mean_cross_entropy(logits, targets, ignore_index=255),
        cross_entropy(logits, targets, ignore_index=255),
    )


def test_a_batch_of_ignored_targets_gives_no_loss_and_no_gradient():
    logits = torch.randn(2, 3, requires_grad=True)
    loss = mean_cross_entropy(logits, torch.tensor([255, 255]), ignore_index=255)
    loss.backward()
    assert loss == 0
    assert (logits.grad == 0).all()


def test_a_model_that_returns_no_tensor_is_named():
    with pytest.raises(TrainingError, match="returned a dict; the default loss takes a tensor of logits"):
        mean_cross_entropy({"out": torch.zeros(1, 2)}, torch.tensor([0]))
