"""The default prediction, and what a predict function may return."""

import pytest
import torch

from mushin.errors import PredictionError
from mushin.evaluation.predict import default_predict, read_logits, read_pair, read_probabilities

LABELS = torch.tensor([0, 1])


def identity(x):
    return x


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5, 6)])
def test_default_is_argmax_and_softmax_over_axis_one(shape):
    logits = torch.randn(shape)
    predictions, probabilities = default_predict(identity, logits)
    torch.testing.assert_close(predictions, logits.argmax(1))
    torch.testing.assert_close(probabilities, logits.softmax(1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_default_computes_softmax_of_half_precision_in_float32(dtype):
    _, probabilities = default_predict(identity, torch.randn(4, 3).to(dtype))
    assert probabilities.dtype == torch.float32


def test_default_refuses_nan():
    with pytest.raises(PredictionError, match="logits hold NaN"):
        default_predict(identity, torch.tensor([[0.0, torch.nan]]))


@pytest.mark.parametrize(
    ("output", "said", "shown"),
    [
        ({"out": LABELS, "aux": LABELS}, "a dict with keys 'out', 'aux'", r"logits = model(x)['out']"),
        ({"logits": LABELS}, "a dict with keys 'logits'", r"logits = model(x)['logits']"),
        ((LABELS, LABELS), "the model returned a tuple", "logits = model(x)[0]"),
        (None, "the model returned None", "logits = model(x)"),
        (
            LABELS,
            r"the model returned torch.int64, not logits",
            "return logits.argmax(dim=1), logits.softmax",
        ),
    ],
)
def test_output_that_is_no_tensor_of_logits_shows_a_predict_fn(output, said, shown):
    with pytest.raises(PredictionError) as caught:
        read_logits(output)
    assert said in str(caught.value)
    assert "def predict_fn(model, x):" in str(caught.value)
    assert shown in str(caught.value)


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 1), (4, 5, 3)])
def test_logits_of_another_shape_are_refused(shape):
    with pytest.raises(PredictionError, match=r"expected \(N, 3, \.\.\.\), the classes on axis 1\. Check"):
        read_logits(torch.zeros(shape), num_classes=3)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (LABELS, "predict_fn returned a Tensor; it must return the 2-tuple"),
        ([LABELS, LABELS], "predict_fn returned a list; it must return the 2-tuple"),
        (None, "predict_fn returned None; it must return the 2-tuple"),
        ((LABELS,), "a tuple of 1; it must return the 2-tuple"),
        ((LABELS, LABELS, LABELS), "a tuple of 3; it must return the 2-tuple"),
        ((LABELS.numpy(), LABELS), "a ndarray as predictions; accepted is a tensor"),
        ((LABELS, [0.5]), "a list as probabilities; accepted are a tensor and None"),
    ],
)
def test_anything_but_a_pair_of_tensors_is_refused(output, message):
    with pytest.raises(PredictionError, match=message):
        read_pair(output)


def test_pair_may_repeat_the_predictions_or_hold_none():
    assert read_pair((LABELS, None))[1] is None
    assert read_pair((LABELS, LABELS))[1] is not None


@pytest.mark.parametrize("absent", [None, LABELS])
def test_absent_probabilities_name_the_metrics_that_need_them(absent):
    what = "None" if absent is None else "torch.int64"
    with pytest.raises(
        PredictionError, match=f"auroc and ece need probabilities, but predict_fn returned {what}"
    ):
        read_probabilities(absent, LABELS, 3, ("auroc", "ece"))
    with pytest.raises(PredictionError, match="ece needs probabilities"):
        read_probabilities(absent, LABELS, 3, ("ece",))


@pytest.mark.parametrize("shape", [(2,), (2, 4), (3, 3), (2, 3, 1)])
def test_probabilities_of_another_shape_are_refused(shape):
    with pytest.raises(PredictionError, match=r"ece needs probabilities of shape \(2, 3\)"):
        read_probabilities(torch.zeros(shape), LABELS, 3, ("ece",))
