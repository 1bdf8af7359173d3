"""Counting on the device: the CPU stands for the GPU, and the host's accumulators are the oracle."""

import numpy as np
import pytest
import torch
import torchmetrics
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from mushin.errors import DataError, PredictionError
from mushin.evaluation import device_accumulate, evaluate
from mushin.evaluation.auroc import RankAccumulator
from mushin.evaluation.calibration import CalibrationAccumulator
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.on_device import DeviceCalibration, DeviceLabels, DeviceRanks
from mushin.evaluation.predict import default_predict
from mushin.evaluation.tasks import Task, get_task

CPU = torch.device("cpu")
PIXELS = Task("pixels", (*get_task("segmentation").metrics, "auroc", "ece"))
# What copies a number to the host, or makes a size depend on values, waits for a GPU.
WAITS = (
    "_local_scalar_dense",
    "nonzero",
    "masked_select",
    "_unique2",
    "bincount",
    "is_nonzero",
    "equal",
    "item",
)


@pytest.fixture
def on_device(monkeypatch):
    monkeypatch.setattr(evaluate, "_counts_on_device", lambda place: True)


def draw(seed, sizes, num_classes, image=(), dtype=torch.float32, ignored=None):
    generator = torch.Generator().manual_seed(seed)
    batches = []
    for size in sizes:
        logits = (3 * torch.randn(size, num_classes, *image, generator=generator)).to(dtype)
        targets = torch.randint(num_classes, (size, *image), generator=generator)
        if ignored is not None:
            targets[torch.rand(targets.shape, generator=generator) < 0.3] = ignored
        batches.append((logits, targets))
    return batches


def statistics(batches, num_classes=3, task="classification", **options):
    return evaluate_model(nn.Identity(), batches, task=task, num_classes=num_classes, **options)


def assert_equal(found, expected):
    assert list(found.arrays()) == list(expected.arrays())
    assert found.n_samples == expected.n_samples
    for name, array in expected.arrays().items():
        assert found.arrays()[name].dtype == array.dtype
        np.testing.assert_allclose(found.arrays()[name], array, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("ignored", [None, 0, 2, 255, -1, -100, 10**6])
@pytest.mark.parametrize("image", [(), (5, 7)])
@pytest.mark.parametrize("predict_fn", [None, default_predict])
def test_statistics_equal_those_of_the_host(request, ignored, image, predict_fn):
    batches = draw(1, [40, 0, 7], 3, image, ignored=ignored)
    options = {"task": PIXELS, "ignore_index": ignored, "predict_fn": predict_fn}
    expected = statistics(batches, **options)
    request.getfixturevalue("on_device")
    assert_equal(statistics(batches, **options), expected)


@pytest.mark.parametrize("label_type", [torch.uint8, torch.int16, torch.int32, torch.int64])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_types_and_layouts_do_not_matter(request, label_type, dtype):
    batches = [
        (logits.to(memory_format=torch.channels_last), targets.to(label_type))
        for logits, targets in draw(2, [3, 2], 4, (6, 5), dtype, ignored=127)
    ]
    expected = statistics(batches, 4, PIXELS, ignore_index=127)
    request.getfixturevalue("on_device")
    assert_equal(statistics(batches, 4, PIXELS, ignore_index=127), expected)


def test_small_tiles_change_nothing(request, monkeypatch):
    batches = draw(3, [5, 4], 3, (6, 5))
    expected = statistics(batches, task=PIXELS)
    request.getfixturevalue("on_device")
    monkeypatch.setattr(device_accumulate, "_TILE_SCORES", 30)
    monkeypatch.setattr(device_accumulate, "_NOTED", 1)
    assert_equal(statistics(batches, task=PIXELS), expected)


@pytest.mark.usefixtures("on_device")
def test_deterministic_algorithms_change_no_bit():
    batches = draw(4, [50, 30], 3)
    expected = statistics(batches).arrays()
    torch.use_deterministic_algorithms(True)
    try:
        found = statistics(batches).arrays()
    finally:
        torch.use_deterministic_algorithms(False)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


class Record(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.called = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        masks = args[1] if name in ("index", "index_put_") else ()
        if any(mask is not None and mask.dtype is torch.bool for mask in masks):
            name = "nonzero"
        self.called.add(name)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("predict_fn", [None, lambda model, x: (x.argmax(dim=1), x.softmax(dim=1))])
@pytest.mark.parametrize("image", [(), (4, 4)])
def test_no_batch_waits_for_the_device(predict_fn, image):
    record, batches = Record(), draw(5, [20, 20, 20], 3, image, ignored=255)
    accumulator = device_accumulate.DeviceAccumulator(PIXELS, 3, 255, MetricObjects(PIXELS, 255, CPU), CPU)
    with record:
        for number, (logits, targets) in enumerate(batches):
            if predict_fn is None:
                accumulator.add_output(number, logits, targets)
            else:
                accumulator.add_pair(number, predict_fn(None, logits), targets)
    assert "index_add_" in record.called
    assert record.called.isdisjoint(WAITS)


GOOD = (torch.zeros(2, 3), torch.tensor([0, 1]))


@pytest.mark.usefixtures("on_device")
@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        ((torch.full((1, 3), torch.nan), torch.tensor([0])), PredictionError, "the logits hold NaN"),
        ((torch.tensor([[0, torch.inf, 0]]), torch.tensor([0])), PredictionError, "softmax of the logits is"),
        (
            (torch.zeros(2, 3), torch.tensor([0, 3])),
            DataError,
            "a target is 3; accepted are 0 to 2 and ignore_i",
        ),
        ((torch.zeros(2, 3), torch.tensor([0, 2**62])), DataError, f"a target is {2**62}; accepted"),
        ((torch.zeros(2, 3), torch.tensor([0, -1])), DataError, "a target is -1; accepted"),
        ((torch.zeros(2, 4), torch.tensor([0, 1])), PredictionError, "the logits have shape"),
        ((torch.zeros(2, 3), torch.zeros(2)), DataError, r"the targets are torch\.float32"),
        (
            (torch.zeros(2, 3), torch.zeros(2, 1, dtype=int)),
            PredictionError,
            "the logits, less their class axis",
        ),
    ],
)
def test_faults_name_their_batch(batch, error, message):
    with pytest.raises(error, match=f"^batch 1: {message}"):
        statistics([GOOD, batch, GOOD], ignore_index=255)


@pytest.mark.usefixtures("on_device")
@pytest.mark.parametrize(
    ("predictions", "probabilities", "message"),
    [
        (torch.tensor([0, 3]), torch.zeros(2, 3), "a prediction is 3; accepted are 0 to 2"),
        (torch.tensor([0, -1]), torch.zeros(2, 3), "a prediction is -1"),
        (torch.tensor([0, 1]), torch.full((2, 3), 1.5), r"the probabilities range from 0 to 1\.5"),
        (torch.tensor([0, 1]), torch.full((2, 3), torch.nan), "the probabilities hold NaN"),
        (torch.zeros(2), torch.zeros(2, 3), r"the predictions are torch\.float32"),
        (torch.tensor([0, 1]), None, "auroc and ece need probabilities"),
    ],
)
def test_faults_of_a_predict_fn_name_their_batch(predictions, probabilities, message):
    with pytest.raises(PredictionError, match=f"^batch 0: {message}"):
        statistics([GOOD], predict_fn=lambda model, x: (predictions, probabilities))


@pytest.mark.usefixtures("on_device")
def test_many_batches_are_noted_without_end():
    batches = [GOOD] * (device_accumulate._NOTED + 3)
    assert statistics(batches).n_samples == 2 * len(batches)
    with pytest.raises(DataError, match=f"^batch {len(batches)}: a target is 9"):
        statistics([*batches, (torch.zeros(1, 3), torch.tensor([9]))])


@pytest.mark.usefixtures("on_device")
def test_objects_of_the_user_see_every_batch():
    batches = draw(6, [20, 10], 3)
    metrics = {"recall": torchmetrics.classification.MulticlassRecall(3)}
    logits, targets = (torch.cat(parts) for parts in zip(*batches, strict=True))
    expected = float(metrics["recall"].clone()(logits, targets))
    for predict_fn in (None, default_predict):
        found = statistics(batches, metrics=metrics, predict_fn=predict_fn)
        assert found.scores["recall"].value == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("on_device")
@pytest.mark.parametrize("batches", [[], [(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64))]])
def test_data_without_samples_is_refused(batches):
    with pytest.raises(DataError, match="nothing to evaluate"):
        statistics(batches)


def test_confidence_sums_equal_float64_sums():
    probabilities = torch.rand(5000, 1, generator=torch.Generator().manual_seed(0))
    probabilities = torch.cat([probabilities, torch.zeros(5000, 1)], dim=1)
    targets = torch.zeros(5000, dtype=torch.int64)
    device = DeviceCalibration(CPU)
    device.update(probabilities, DeviceLabels(targets, torch.ones(5000, dtype=torch.bool)))
    host = CalibrationAccumulator()
    host.update(probabilities.numpy(), targets.numpy())
    count, confidence, correct = device.bins()
    np.testing.assert_array_equal(count, host.count)
    np.testing.assert_array_equal(correct, host.correct)
    np.testing.assert_allclose(confidence, host.confidence, rtol=1e-13)


@pytest.mark.parametrize("waiting", [1, 7, 30, 10**6])
def test_blocks_of_probabilities_reach_the_host_whole(waiting):
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 100).astype(np.float32)
    targets = random.integers(0, 3, 100)
    counts = random.random(100) < 0.7
    expected, found = RankAccumulator(3), RankAccumulator(3)
    expected.update(probabilities[counts], targets[counts])
    ranks = DeviceRanks(found, CPU, waiting)
    for start in range(0, 100, 13):
        rows = slice(start, start + 13)
        labels = DeviceLabels(torch.from_numpy(targets[rows]), torch.from_numpy(counts[rows]))
        ranks.update(torch.from_numpy(probabilities[rows]), labels)
    ranks.flush()
    np.testing.assert_array_equal(found.mann_whitney_u(), expected.mann_whitney_u())


def test_only_cuda_counts_on_the_device():
    assert not evaluate._counts_on_device(CPU)
    assert not evaluate._counts_on_device(torch.device("mps"))
    assert evaluate._counts_on_device(torch.device("cuda"))
