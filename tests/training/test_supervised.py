import random
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from torch.utils.data import Dataset

from mushin import Data
from mushin.errors import ConfigError, DataError, TrainingError
from mushin.training.progress import Progress
from mushin.training.seeding import seed_everything
from mushin.training.supervised import train_supervised

SGD = partial(torch.optim.SGD, lr=0.1)
ADAMW = partial(torch.optim.AdamW, lr=0.01)


# Python 3.12 and later warn of any fork beside threads; torch's workers are forked on Linux.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


def blobs(n=90, seed=0):
    """Three classes around (0, 0), (3, 3) and (6, 6)."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 3
    return 3.0 * labels[:, None] + torch.randn(n, 2, generator=generator), labels


class Augmented(Dataset):
    def __init__(self, pair):
        self.pair = pair

    def __len__(self):
        return len(self.pair[0])

    def __getitem__(self, index):
        noise = 0.01 * (random.random() + np.random.rand() + torch.rand(2))  # noqa: NPY002
        return (self.pair[0][index] + noise).float(), self.pair[1][index]


def train(split=None, *, seed=0, validation=None, model=None, **settings):
    seed_everything(seed)
    model = model or nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
    data = Data(train=split or blobs(), validation=validation)
    defaults = {"optimizer": SGD, "epochs": 3, "batch_size": 16, "device": "cpu", "report": Progress()}
    history = train_supervised(model, data, seed=seed, **{**defaults, **settings})
    return model, history


def are_bit_identical(one, other):
    states = one.state_dict(), other.state_dict()
    return all(torch.equal(states[0][key], states[1][key]) for key in states[0])


@pytest.mark.parametrize("optimizer", [SGD, ADAMW])
@pytest.mark.parametrize("split", [blobs(), Augmented(blobs())])
def test_the_same_seed_gives_bit_identical_weights_and_history(optimizer, split):
    (one, first), (other, second) = (train(split, optimizer=optimizer) for _ in range(2))
    assert are_bit_identical(one, other)
    assert first == second


@pytest.mark.parametrize("split", [blobs(), Augmented(blobs())])
def test_other_seeds_give_other_weights(split):
    assert not are_bit_identical(train(split, seed=0)[0], train(split, seed=1)[0])


def test_the_seed_shuffles_even_where_the_initial_weights_are_equal():
    def zeros():
        model = nn.Linear(2, 3)
        nn.init.zeros_(model.weight)
        nn.init.zeros_(model.bias)
        return model

    assert not are_bit_identical(train(seed=0, model=zeros())[0], train(seed=1, model=zeros())[0])


def test_the_number_of_workers_changes_nothing():
    assert are_bit_identical(train(Augmented(blobs()))[0], train(Augmented(blobs()), num_workers=2)[0])


@pytest.mark.parametrize("validation", [blobs(20, seed=9), Augmented(blobs(20, seed=9))])
def test_a_validation_split_changes_nothing(validation):
    assert are_bit_identical(train()[0], train(validation=validation)[0])


def test_the_loss_falls_and_the_classes_are_learned():
    model, history = train(epochs=30, num_classes=3)
    inputs, labels = blobs(300, seed=1)
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert not model.training
    assert (model(inputs).argmax(1) == labels).float().mean() > 0.9


def test_the_history_has_the_mean_loss_of_each_epoch():
    inputs, labels = blobs(20)
    model = nn.Linear(2, 3)
    start = nn.functional.cross_entropy(model(inputs), labels).item()
    _, history = train((inputs, labels), model=model, optimizer=partial(torch.optim.SGD, lr=0.0), epochs=2)
    assert history.loss == pytest.approx((start, start))
    assert history.validation_loss is None


def test_the_validation_loss_is_taken_in_evaluation_mode_after_the_epoch():
    watched = blobs(20, seed=9)
    model, history = train(validation=watched)
    expected = nn.functional.cross_entropy(model(watched[0]), watched[1]).item()
    assert len(history.validation_loss) == 3
    assert history.validation_loss[-1] == pytest.approx(expected)


def test_the_scheduler_steps_once_per_epoch():
    _, history = train(scheduler=partial(StepLR, step_size=1, gamma=0.5))
    assert history.learning_rate == pytest.approx((0.1, 0.05, 0.025))


def test_a_plateau_scheduler_sees_the_validation_loss():
    scheduler = partial(ReduceLROnPlateau, patience=0, factor=0.1, threshold=1e9, threshold_mode="abs")
    _, history = train(scheduler=scheduler, validation=blobs(20))
    assert history.learning_rate == pytest.approx((0.1, 0.1, 0.01))


def test_a_loss_of_the_users_is_used():
    inputs, _ = blobs(20)
    model, history = train(
        (inputs, inputs), model=nn.Linear(2, 2), loss=nn.MSELoss(), epochs=40, optimizer=ADAMW
    )
    assert history.loss[-1] < 0.2 * history.loss[0]
    assert nn.functional.mse_loss(model(inputs), inputs) < 2 * history.loss[-1]


@pytest.mark.parametrize(
    ("model", "targets", "remedy"),
    [
        (nn.Linear(2, 1), torch.zeros(20), r"\(16, 1\) for targets of shape \(16,\).*return outputs.squeeze"),
        (nn.Sequential(nn.Linear(2, 1), nn.Flatten(0)), torch.zeros(20, 1), r"give targets of shape \(N,\)"),
    ],
)
def test_values_that_a_loss_would_compare_with_all_targets_are_refused(model, targets, remedy):
    with pytest.raises(TrainingError, match=remedy):
        train((blobs(20)[0], targets), model=model, loss=nn.MSELoss())


def test_a_loss_of_the_users_own_may_bring_the_shapes_together():
    def of_columns(outputs, targets):
        return nn.functional.mse_loss(outputs.squeeze(1), targets)

    train((blobs(20)[0], torch.zeros(20)), model=nn.Linear(2, 1), loss=of_columns)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint32])
def test_labels_of_any_integer_type_train_alike(dtype):
    inputs, labels = blobs()
    narrow = train((inputs.numpy().astype(np.float64), labels.numpy().astype(dtype)), num_classes=3)[0]
    assert are_bit_identical(narrow, train()[0])


def test_ignored_targets_do_not_count():
    inputs, labels = blobs()
    model, history = train((inputs, torch.full_like(labels, 255)), num_classes=3, ignore_index=255)
    assert history.loss == (0.0, 0.0, 0.0)
    assert all(weight.isfinite().all() for weight in model.parameters())


def test_batch_normalisation_survives_a_lone_last_sample():
    train(blobs(33), model=nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)))


def test_a_frozen_layer_stays():
    model = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 3))
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    train(model=model)
    assert torch.equal(model[0].weight, before)


def test_mixed_precision_trains_repeatably_and_keeps_float32_weights():
    (one, history), (other, _) = train(amp=True, epochs=20), train(amp=True, epochs=20)
    assert are_bit_identical(one, other)
    assert not are_bit_identical(one, train(epochs=20)[0])
    assert one[0].weight.dtype is torch.float32
    assert history.loss[-1] < 0.6 * history.loss[0]


def test_every_batch_and_epoch_is_reported():
    class Recorder(Progress):
        events = ()

        def start(self, n_batches):
            self.events += (n_batches,)

        def end_batch(self):
            self.events += ("batch",)

        def end_epoch(self, epoch):
            self.events += (epoch.number,)

        def close(self):
            self.events += ("closed",)

    recorder = Recorder()
    train(blobs(32), epochs=2, report=recorder)
    assert recorder.events == (4, "batch", "batch", 1, "batch", "batch", 2, "closed")


def test_a_log_gets_a_line_per_epoch(capsys):
    train(report=None)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3  loss ")


def test_a_loss_that_becomes_nan_ends_training():
    inputs, labels = blobs()
    with pytest.raises(TrainingError, match=r"loss became nan in epoch 1 \(seed 4\); lower the"):
        train((inputs * torch.nan, labels), seed=4)


def test_a_learning_rate_that_is_too_high_is_named():
    with pytest.raises(TrainingError, match=r"diverged: .* in epoch \d .*it was 1e\+30"):
        train(optimizer=partial(torch.optim.SGD, lr=1e30), epochs=5)


def test_weights_spoilt_by_the_very_last_step_are_found():
    with pytest.raises(TrainingError, match=r"the weights 0\.weight became nan or inf in epoch 1"):
        train(optimizer=partial(torch.optim.SGD, lr=torch.inf), epochs=1, batch_size=90)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, ConfigError, "epochs: 0"),
        ({"batch_size": 0}, ConfigError, "batch_size: 0"),
        ({"device": "gpu"}, ConfigError, "device: 'gpu' is unknown"),
        ({"loss": nn.CrossEntropyLoss(reduction="none")}, TrainingError, r"the loss returned shape \(16,\)"),
        ({"loss": lambda outputs, targets: 0.0}, TrainingError, "the loss returned float"),
        ({"model": nn.Flatten()}, TrainingError, "Flatten has no parameter that requires a gradient"),
        ({"num_classes": 2}, DataError, "label 2 .* accepted: 0 to 1"),
        ({"num_classes": 2, "split": Augmented(blobs())}, DataError, "label 2 "),
        ({"num_classes": 3, "validation": (torch.zeros(1, 2), torch.tensor([3]))}, DataError, "label 3 "),
    ],
)
def test_what_cannot_be_trained_is_refused(settings, error, message):
    with pytest.raises(error, match=message):
        train(**settings)


def test_a_seed_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="seed: -1"):
        train_supervised(
            nn.Linear(2, 3), Data(train=blobs()), seed=-1, optimizer=SGD, epochs=1, batch_size=4, device="cpu"
        )


def test_mixed_precision_is_refused_where_it_is_untried(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(ConfigError, match="amp: true on mps; accepted on cpu and cuda only"):
        train(device="mps", amp=True)


def test_what_the_model_raises_comes_through():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        train(model=nn.Linear(5, 3))
