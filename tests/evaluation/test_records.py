"""The records of samples that a task asks for."""

import numpy as np
import pytest
import torch
from torch import nn

from mushin.errors import ConfigError
from mushin.evaluation import evaluate
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.tasks import Task, get_task

RECORDS = ["record_target", "record_prediction", "record_sample", "record_count"]


def _drawn(num_classes, image=(), *, ignored=None, sizes=(7, 5, 1)):
    generator = torch.Generator().manual_seed(num_classes)
    batches = []
    for size in sizes:
        logits = torch.randn(size, num_classes, *image, generator=generator)
        targets = torch.randint(num_classes, (size, *image), generator=generator)
        if ignored is not None:
            targets[torch.rand(targets.shape, generator=generator) < 0.3] = ignored
        batches.append((logits, targets))
    return batches


def _evaluated(batches, num_classes, task, **options):
    return evaluate_model(
        nn.Identity(), batches, task=get_task(task).keeping_samples(), num_classes=num_classes, **options
    )


@pytest.mark.parametrize("ignored", [None, 255, -1, 2])
@pytest.mark.parametrize("task", ["classification", "segmentation"])
def test_every_label_is_kept_in_order_but_those_ignored(task, ignored):
    batches = _drawn(4, ignored=ignored)
    found = _evaluated(batches, 4, task, ignore_index=ignored)
    targets = torch.cat([targets for _, targets in batches])
    predictions = torch.cat([logits for logits, _ in batches]).argmax(1)
    kept = targets != (1000 if ignored is None else ignored)
    np.testing.assert_array_equal(found.record_target, targets[kept])
    np.testing.assert_array_equal(found.record_prediction, predictions[kept])
    assert found.record_sample is None


@pytest.mark.parametrize("ignored", [None, 255, 0])
def test_images_keep_the_confusion_matrix_of_each(ignored):
    batches = _drawn(5, (6, 8), ignored=ignored)
    found = _evaluated(batches, 5, "segmentation", ignore_index=ignored)
    assert [name for name in found.arrays() if name.startswith("record")] == RECORDS
    matrices = np.zeros((13, 5, 5), dtype=np.int64)
    where = (found.record_sample, found.record_target, found.record_prediction)
    matrices[where] = found.record_count
    alone = [
        evaluate_model(
            nn.Identity(),
            [(logits[i : i + 1], targets[i : i + 1])],
            task="segmentation",
            num_classes=5,
            ignore_index=ignored,
        ).confusion
        for logits, targets in batches
        for i in range(len(targets))
    ]
    np.testing.assert_array_equal(matrices, alone)
    np.testing.assert_array_equal(matrices.sum(axis=0), found.confusion)


@pytest.mark.parametrize(("num_classes", "dtype"), [(256, np.uint8), (257, np.uint16)])
def test_labels_take_the_smallest_type(num_classes, dtype):
    found = _evaluated(_drawn(num_classes), num_classes, "classification")
    assert found.record_target.dtype == found.record_prediction.dtype == dtype


def test_a_predict_function_and_a_gpu_leave_the_same_records(monkeypatch):
    batches = _drawn(4, (5, 5))
    expected = _evaluated(batches, 4, "segmentation").arrays()
    predict = _evaluated(batches, 4, "segmentation", predict_fn=lambda model, x: (x.argmax(1), None))
    monkeypatch.setattr(evaluate, "_counts_on_device", lambda place: True)
    on_device = _evaluated(batches, 4, "segmentation")
    for found in (predict, on_device):
        for name in RECORDS:
            np.testing.assert_array_equal(found.arrays()[name], expected[name])


def test_without_being_asked_nothing_is_kept():
    found = evaluate_model(nn.Identity(), _drawn(4), task="classification", num_classes=4)
    assert not [name for name in found.arrays() if name.startswith("record")]
    values = [(torch.randn(5), torch.randn(5))]
    few = Task("few", ["mse"])
    assert evaluate_model(nn.Identity(), values, task=few).target_value is None
    assert evaluate_model(nn.Identity(), values, task=few.keeping_samples()).target_value.size == 5


def test_only_ignored_targets_leave_empty_records():
    found = _evaluated([(torch.randn(3, 4), torch.full((3,), 255))], 4, "classification", ignore_index=255)
    assert found.record_target.size == 0
    images = [(torch.randn(2, 4, 3, 3), torch.full((2, 3, 3), 255))]
    assert _evaluated(images, 4, "segmentation", ignore_index=255).record_count.size == 0


def test_a_task_says_whether_it_keeps_samples_whatever_its_battery():
    task = Task("mine", ["accuracy"], keep_samples=True)
    assert task.keep_samples
    assert task.with_metrics(["f1"]).keep_samples
    assert task.renamed("other").keep_samples
    assert not get_task("classification").keep_samples
    with pytest.raises(ConfigError, match="task 'mine': keep_samples is 'yes'; accepted: True or False"):
        Task("mine", ["accuracy"], keep_samples="yes")
