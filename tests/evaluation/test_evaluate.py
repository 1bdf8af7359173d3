"""The whole evaluation: against torchmetrics on every kind of output, and every refusal."""

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mushin.errors import PredictionError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.predict import default_predict
from mushin.evaluation.tasks import Task, get_task
from mushin.metrics.catalog import get_metric


def calibration_error(probabilities, targets, ignore_index):
    """Guo et al. 2017, equation 3, in float64: torchmetrics' float32 sums are off by 1e-5 at 2e5 samples."""
    confidence, predictions = probabilities.max(dim=1)
    kept = targets != (ignore_index if ignore_index is not None else -1)
    confidence, correct = confidence[kept], (predictions == targets)[kept].double()
    bins = torch.bucketize(confidence, torch.linspace(0, 1, 16), right=True)
    gaps = [(confidence[bins == k].double().sum() - correct[bins == k].sum()).abs() for k in range(1, 17)]
    return sum(gaps) / len(correct) if len(correct) else torch.nan


BY_REFERENCE = {
    "accuracy": lambda p, t, c, **o: reference.multiclass_accuracy(p, t, c, average="micro", **o),
    "pixel_acc": lambda p, t, c, **o: reference.multiclass_accuracy(p, t, c, average="micro", **o),
    "precision": lambda p, t, c, **o: reference.multiclass_precision(p, t, c, **o),
    "recall": lambda p, t, c, **o: reference.multiclass_recall(p, t, c, **o),
    "f1": lambda p, t, c, **o: reference.multiclass_f1_score(p, t, c, **o),
    "dice": lambda p, t, c, **o: reference.multiclass_f1_score(p, t, c, **o),
    "miou": lambda p, t, c, **o: reference.multiclass_jaccard_index(p, t, c, **o),
    "auroc": lambda p, t, c, **o: reference.multiclass_auroc(p, t, c, **o),
    "ece": lambda p, t, c, **o: calibration_error(p, t, **o),
}
PIXELS = Task("pixels", (*get_task("segmentation").metrics, "auroc", "ece"))


def evaluate(batches, num_classes=3, task="classification", **options):
    return evaluate_model(nn.Identity(), batches, task=task, num_classes=num_classes, **options)


def draw_batches(seed, sizes, num_classes, image=(), dtype=torch.float32, ignore_index=None):
    generator = torch.Generator().manual_seed(seed)
    batches = []
    for size in sizes:
        logits = (3 * torch.randn(size, num_classes, *image, generator=generator)).to(dtype)
        targets = torch.randint(num_classes, (size, *image), generator=generator)
        if ignore_index is not None:
            targets[torch.rand(targets.shape, generator=generator) < 0.3] = ignore_index
        batches.append((logits, targets))
    return batches


def assert_scores_equal_torchmetrics(statistics, batches, task, num_classes, ignore_index=None):
    logits = torch.cat([logits for logits, _ in batches]).float()
    targets = torch.cat([targets for _, targets in batches]).long()
    probabilities = logits.softmax(dim=1)
    for name in get_task(task).metrics:
        shown = probabilities if get_metric(name).needs_probabilities else logits.argmax(dim=1)
        expected = BY_REFERENCE[name](shown, targets, num_classes, ignore_index=ignore_index)
        score = get_metric(name).score(statistics.arrays(), ignore_index=ignore_index)
        assert float(score) == pytest.approx(float(expected), abs=2e-6, nan_ok=True), name


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 40), min_size=1, max_size=3),
    st.integers(2, 6),
    st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64]),
)
@pytest.mark.filterwarnings("ignore:No (positive|negative) samples")
def test_classification_equals_torchmetrics(seed, sizes, num_classes, dtype):
    batches = draw_batches(seed, [*sizes, num_classes], num_classes, dtype=dtype)
    statistics = evaluate(batches, num_classes)
    assert statistics.n_samples == sum(sizes) + num_classes
    assert_scores_equal_torchmetrics(statistics, batches, "classification", num_classes)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.sampled_from([None, 0, 2, 3, 255, -1, -100, 10**6]),
    st.sampled_from([torch.float16, torch.float32]),
)
def test_segmentation_with_ignored_pixels_equals_torchmetrics(seed, sizes, ignore_index, dtype):
    batches = draw_batches(seed, sizes, 3, (6, 7), dtype, ignore_index)
    statistics = evaluate(batches, task="segmentation", ignore_index=ignore_index)
    assert list(statistics.arrays()) == ["confusion"]
    assert_scores_equal_torchmetrics(statistics, batches, "segmentation", 3, ignore_index)


@pytest.mark.filterwarnings("ignore:No positive samples")
@pytest.mark.parametrize("ignore_index", [None, 1, 255, -100])
@pytest.mark.parametrize("image", [(9, 11), (300, 700)])
def test_probabilities_of_pixels_equal_torchmetrics(ignore_index, image):
    batches = draw_batches(5, [1, 2] if image[0] < 100 else [1], 3, image, ignore_index=ignore_index)
    statistics = evaluate(batches, task=PIXELS, ignore_index=ignore_index)
    assert_scores_equal_torchmetrics(statistics, batches, PIXELS, 3, ignore_index)


@pytest.mark.parametrize("task", ["segmentation", PIXELS], ids=["labels", "probabilities"])
@pytest.mark.parametrize("label_type", [torch.uint8, torch.int16, torch.int32, torch.int64])
def test_layout_and_label_type_do_not_matter(task, label_type):
    batches = draw_batches(6, [2, 3], 4, (13, 17), ignore_index=127)
    expected = evaluate(batches, 4, task, ignore_index=127).arrays()
    changed = [
        (logits.to(memory_format=torch.channels_last), targets.to(label_type).mT.contiguous().mT)
        for logits, targets in batches
    ]
    for name, array in evaluate(changed, 4, task, ignore_index=127).arrays().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("image", [(), (5, 6)])
def test_default_and_explicit_predict_fn_agree(image):
    batches = draw_batches(7, [30, 20], 3, image)
    ours = evaluate(batches, task=PIXELS).arrays()
    explicit = evaluate(batches, task=PIXELS, predict_fn=default_predict).arrays()
    assert list(ours) == list(explicit)
    for name, array in ours.items():
        np.testing.assert_allclose(array, explicit[name], rtol=1e-6, err_msg=name)


def test_one_large_batch_equals_many_small_ones():
    logits, targets = draw_batches(8, [3000], 300)[0]
    whole = evaluate([(logits, targets)], 300).arrays()
    parts = evaluate(list(zip(logits.split(64), targets.split(64), strict=True)), 300).arrays()
    for name, array in whole.items():
        np.testing.assert_allclose(parts[name], array, rtol=1e-9, err_msg=name)


def test_images_of_several_sizes_are_scored_together():
    batches = draw_batches(14, [2, 1], 3, (8, 9)) + draw_batches(15, [1, 2], 3, (5, 4))
    statistics = evaluate(batches, task=PIXELS)
    flat = [(logits.movedim(1, -1).reshape(-1, 3), targets.reshape(-1)) for logits, targets in batches]
    assert_scores_equal_torchmetrics(statistics, flat, PIXELS, 3)


def test_deterministic_algorithms_change_nothing():
    batches = draw_batches(9, [20, 30], 3)
    expected = evaluate(batches).arrays()
    torch.use_deterministic_algorithms(True)
    try:
        found = evaluate(batches).arrays()
    finally:
        torch.use_deterministic_algorithms(False)
    for name, array in found.items():
        np.testing.assert_array_equal(array, expected[name])


def test_infinite_logits_are_ordered_where_no_probability_is_needed():
    logits = torch.tensor([[0.0, torch.inf], [-torch.inf, -torch.inf]])
    confusion = evaluate([(logits, torch.tensor([1, 0]))], 2, "segmentation").confusion
    np.testing.assert_array_equal(confusion, [[1, 0], [0, 1]])


def test_masked_classes_may_be_minus_infinity():
    logits = torch.tensor([[0.0, -torch.inf, 1.0], [-torch.inf, 2.0, 1.0]])
    assert evaluate([(logits, torch.tensor([2, 1]))]).n_samples == 2


def test_dict_output_shows_a_predict_fn_and_works_with_one():
    def model(x):
        return {"out": x}

    def predict_fn(model, x):
        logits = model(x)["out"]
        return logits.argmax(dim=1), logits.softmax(dim=1)

    batches = draw_batches(10, [8], 3)
    with pytest.raises(
        PredictionError, match=r"batch 0: the model returned a dict .*(\n.*)*model\(x\)\['out'\]"
    ):
        evaluate_model(model, batches, task="classification", num_classes=3)
    statistics = evaluate_model(model, batches, task="classification", num_classes=3, predict_fn=predict_fn)
    np.testing.assert_array_equal(statistics.confusion, evaluate(batches).confusion)


def test_predict_fn_of_the_task_is_used_unless_another_is_given():
    task = Task("constant", ("accuracy",), predict_fn=lambda model, x: (torch.zeros(len(x), dtype=int), None))
    batches = [(torch.tensor([[0.0, 1.0], [0.0, 1.0]]), torch.tensor([0, 1]))]
    np.testing.assert_array_equal(evaluate(batches, 2, task).confusion, [[1, 0], [1, 0]])
    other = evaluate(batches, 2, task, predict_fn=default_predict)
    np.testing.assert_array_equal(other.confusion, [[0, 1], [0, 1]])


def test_predictions_twice_are_enough_without_prob_metrics_and_refused_with_them():
    batches = [(torch.zeros(2, 3), torch.tensor([0, 1]))]

    def twice(model, x):
        predictions = model(x).argmax(dim=1)
        return predictions, predictions

    assert evaluate(batches, task="segmentation", predict_fn=twice).n_samples == 2
    with pytest.raises(PredictionError, match=r"batch 0: auroc and ece need probabilities, .* torch\.int64"):
        evaluate(batches, predict_fn=twice)


def test_probabilities_may_round_above_one():
    batches = [(torch.zeros(1, 2), torch.tensor([0]))]
    statistics = evaluate(
        batches, 2, predict_fn=lambda model, x: (torch.tensor([0]), torch.tensor([[1.0000001, 0.0]]))
    )
    assert statistics.calibration_confidence[15] == 1.0


def test_only_ignored_samples_leave_zeros():
    statistics = evaluate([(torch.zeros(2, 3), torch.tensor([9, 9]))], ignore_index=9)
    assert statistics.n_samples == 0
    assert not any(array.any() for array in statistics.arrays().values())


def test_numpy_integers_and_numpy_targets_are_accepted():
    batches = [(torch.eye(3), np.array([0, 1, 9]))]
    statistics = evaluate(batches, np.int64(3), ignore_index=np.int64(9))
    np.testing.assert_array_equal(statistics.confusion, np.diag([1, 1, 0]))


def test_inputs_may_be_nested():
    def model(x):
        return x["parts"][0] + x["parts"][1][0]

    logits = torch.eye(3)
    batches = [({"parts": [logits, (logits,)], "name": "a"}, torch.tensor([0, 1, 2]))]
    statistics = evaluate_model(model, batches, task="classification", num_classes=3)
    assert statistics.n_samples == 3


def test_model_runs_in_eval_and_inference_mode_and_comes_back():
    seen = []

    class Spy(nn.Module):
        def forward(self, x):
            seen.append((self.training, torch.is_inference_mode_enabled()))
            return x

    model = Spy().train()
    evaluate_model(model, draw_batches(11, [2, 2], 3), task="classification", num_classes=3)
    assert seen == [(False, True), (False, True)]
    assert model.training


def test_tensors_that_the_loader_makes_can_still_be_trained_on():
    kept = []

    def batches():
        kept.append(torch.zeros(2, 3))
        yield kept[0], torch.tensor([0, 1])

    evaluate(batches())
    assert not kept[0].is_inference()


def test_data_is_read_once():
    reads = iter(draw_batches(13, [4, 4], 3))
    assert evaluate(reads).n_samples == 8
    assert list(reads) == []
