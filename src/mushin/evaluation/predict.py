"""Ask a model for predictions, and refuse output that cannot be scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from mushin.errors import PredictionError
from mushin.evaluation.argmax import refuse_nan

Model = Callable[..., Any]
"""A `torch.nn.Module`, or any function from a batch of inputs to its output."""

_EXAMPLE = """Write a predict_fn and pass it on:
    def predict_fn(model, x):
        logits = {output}
        return logits.argmax(dim=1), logits.softmax(dim=1)"""

_EXAMPLE_OF_VALUES = """Write a predict_fn and pass it on:
    def predict_fn(model, x):
        return {output}, None"""


class PredictFn(Protocol):
    """How to ask a model for predictions: ``predict_fn(model, x) -> (predictions, probabilities)``.

    `x` is the batch's inputs, on the device of the evaluation. The function runs in inference mode with the
    model in eval mode, and always returns a 2-tuple:

    - predictions: integer tensor (N,) or (N, H, W), class indices in [0, C), of the targets' shape; for a
      task on values real numbers of the targets' shape;
    - probabilities: float tensor (N, C) or (N, C, H, W) in [0, 1]. They are read only where a metric needs
      them: with a task without such metrics, return the predictions twice, or None.
    """

    def __call__(self, model: Any, x: Any, /) -> tuple[Tensor, Tensor | None]:
        """Return ``(predictions, probabilities)`` for one batch of inputs."""


def default_predict(model: Model, x: Any) -> tuple[Tensor, Tensor]:
    """Take the output as logits with the classes on axis 1: argmax and softmax.

    `evaluate_model` without a `predict_fn` gives the same predictions and probabilities, faster.

    Parameters
    ----------
    model : callable
        Returns float logits (N, C) or (N, C, H, W).
    x : Tensor or other inputs
        One batch.

    Returns
    -------
    predictions : int64 tensor, shape (N,) or (N, H, W)
        The class of the highest logit; the first of equals.
    probabilities : float tensor, shape of the logits
        Softmax over axis 1, computed in float32 for half precision.

    Raises
    ------
    PredictionError
        If the output is not a float tensor of logits, or holds NaN.

    Examples
    --------
    >>> default_predict(torch.nn.Identity(), torch.tensor([[0.0, 2.0]]))[0]
    tensor([1])
    """
    logits = read_logits(model(x))
    refuse_nan(bool(logits.isnan().any()))
    return logits.argmax(dim=1), softmax(logits, dim=1)


def predict_values(model: Model, x: Any) -> tuple[Tensor, None]:
    """Take the output as values: the default of a task on values, such as regression.

    Parameters
    ----------
    model : callable
        Returns real numbers (N,) or (N, 1).
    x : Tensor or other inputs
        One batch.

    Returns
    -------
    predictions : tensor, shape (N,)
        The output without a last axis of 1.
    probabilities : None

    Raises
    ------
    PredictionError
        If the output is not a tensor of real numbers.

    Examples
    --------
    >>> predict_values(torch.nn.Identity(), torch.tensor([[0.5], [2.0]]))
    (tensor([0.5000, 2.0000]), None)
    """
    return read_values(model(x)), None


def read_values(output: object) -> Tensor:
    """Check that a model's output is a tensor of real numbers and return it without a last axis of 1.

    Raises
    ------
    PredictionError
        If it is something else; for a dict the message shows how to write a `predict_fn`.
    """
    if not isinstance(output, Tensor):
        raise PredictionError(
            f"{_describe(output)}; without a predict_fn it must be a tensor. "
            + _EXAMPLE_OF_VALUES.format(output=_entry_of(output))
        )
    if output.is_complex():
        raise PredictionError(f"the predictions are {output.dtype}; accepted are real numbers")
    return squeezed(output.detach())


def squeezed(values: Tensor) -> Tensor:
    """Return values without a last axis of 1, as (N,) for (N, 1)."""
    return values.squeeze(-1) if values.ndim > 1 else values


def softmax(logits: Tensor, dim: int) -> Tensor:
    """Return softmax over an axis, in float32 where the logits are of half precision."""
    return torch.softmax(logits.float() if logits.dtype.itemsize < 4 else logits, dim=dim)


def read_logits(output: object, num_classes: int | None = None) -> Tensor:
    """Check that a model's output is a float tensor of logits (N, C, ...) and return it.

    Raises
    ------
    PredictionError
        If it is something else; for a dict the message shows how to write a `predict_fn`.
    """
    if not isinstance(output, Tensor):
        raise PredictionError(
            f"{_describe(output)}; without a predict_fn it must be a tensor. {_example(output)}"
        )
    classes = "C" if num_classes is None else num_classes
    if not output.is_floating_point():
        raise PredictionError(
            f"the model returned {output.dtype}, not logits; without a predict_fn its output must be floats"
            f" of shape (N, {classes}, ...). {_example(output)}"
        )
    if output.ndim < 2 or (num_classes is not None and output.shape[1] != num_classes):
        raise PredictionError(
            f"the logits have shape {tuple(output.shape)}; expected (N, {classes}, ...), the classes on axis"
            " 1. Check num_classes and the model's last layer"
        )
    return output.detach()


def read_pair(output: object) -> tuple[Tensor, Tensor | None]:
    """Check that a predict function returned ``(predictions, probabilities)`` and return them.

    Raises
    ------
    PredictionError
        If it did not return a 2-tuple, or one of an entry that is no tensor.
    """
    if not isinstance(output, tuple):
        raise PredictionError(
            f"predict_fn returned {_kind(output)}; it must return the 2-tuple (predictions, probabilities)."
            " Without probabilities, return (predictions, predictions)."
        )
    if len(output) != 2:
        raise PredictionError(
            f"predict_fn returned a tuple of {len(output)}; it must return the 2-tuple (predictions,"
            " probabilities). Without probabilities, return (predictions, predictions)."
        )
    predictions, probabilities = output
    if not isinstance(predictions, Tensor):
        raise PredictionError(
            f"predict_fn returned {_kind(predictions)} as predictions; accepted is a tensor"
        )
    if probabilities is not None and not isinstance(probabilities, Tensor):
        raise PredictionError(
            f"predict_fn returned {_kind(probabilities)} as probabilities; accepted are a tensor and None"
        )
    return predictions.detach(), None if probabilities is None else probabilities.detach()


def read_probabilities(
    probabilities: Tensor | None, predictions: Tensor, num_classes: int, wanted_by: tuple[str, ...]
) -> Tensor:
    """Check that what a predict function returned as probabilities has their type and shape, and return it.

    Raises
    ------
    PredictionError
        If there are none, they are integers (the predictions returned twice), or their shape is not that of
        the predictions with the classes on axis 1.
    """
    needed = f"{' and '.join(wanted_by)} {'needs' if len(wanted_by) == 1 else 'need'} probabilities"
    if probabilities is None or not probabilities.is_floating_point():
        what = "None" if probabilities is None else f"{probabilities.dtype}"
        raise PredictionError(
            f"{needed}, but predict_fn returned {what} in their place; return floats in [0, 1], or choose a"
            " task without these metrics"
        )
    expected = (*predictions.shape[:1], num_classes, *predictions.shape[1:])
    if tuple(probabilities.shape) != expected:
        raise PredictionError(
            f"{needed} of shape {expected}, the classes on axis 1; predict_fn returned"
            f" {tuple(probabilities.shape)}"
        )
    return probabilities


def _describe(output: object) -> str:
    if isinstance(output, Mapping):
        return f"the model returned a {type(output).__name__} with keys {', '.join(map(repr, output))}"
    return f"the model returned {_kind(output)}"


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _example(output: object) -> str:
    shape = "" if isinstance(output, (Mapping, tuple, list)) else "  # shape (N, C, ...)"
    return _EXAMPLE.format(output=_entry_of(output) + shape)


def _entry_of(output: object) -> str:
    """Return the expression that finds the tensor within what a model returned."""
    if isinstance(output, Mapping):
        keys = list(output)
        key = "out" if "out" in keys or not keys else keys[0]
        return f"model(x)[{key!r}]"
    return "model(x)[0]" if isinstance(output, (tuple, list)) else "model(x)"
