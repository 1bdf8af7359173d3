"""The class of the highest score: against torch, for every layout, tie, infinity and NaN."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mushin.errors import PredictionError
from mushin.evaluation.argmax import _highest_on_device, highest_classes, positions_last, tiles

LAYOUTS = {
    "contiguous": lambda x: x,
    "channels last": lambda x: x.to(memory_format=torch.channels_last) if x.ndim == 4 else x,
    "positions reversed": lambda x: x.flip(-1),
    "every second position": lambda x: torch.repeat_interleave(x, 2, dim=-1)[..., ::2],
    "transposed image": lambda x: x.transpose(-1, -2).contiguous().transpose(-1, -2),
    "classes first": lambda x: x.transpose(0, 1).contiguous().transpose(0, 1),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "shape", [(7, 3), (300, 1000), (3, 5, 4, 6), (2, 21, 200, 200), (1, 300, 9, 9), (9, 2, 3)]
)
def test_labels_equal_torch_argmax_in_every_layout(layout, shape):
    scores = torch.randn(shape, generator=torch.Generator().manual_seed(0)).round(decimals=1)
    scores = LAYOUTS[layout](scores)
    labels = highest_classes(positions_last(scores))
    expected = scores.argmax(dim=1).reshape(len(scores), -1)
    np.testing.assert_array_equal(labels, expected)
    assert labels.dtype == np.min_scalar_type(shape[1] - 1)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5).filter(lambda shape: shape[1] > 1),
        elements=st.sampled_from([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, 1e-45, 3.4e38]),
    )
)
def test_first_class_wins_ties_and_infinities_are_ordered(scores):
    np.testing.assert_array_equal(highest_classes(torch.from_numpy(scores)), scores.argmax(axis=1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(50, 10), (2, 7, 30, 30)])
def test_every_float_type_keeps_its_own_order(dtype, shape):
    scores = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    expected = scores.argmax(dim=1).reshape(shape[0], -1)
    np.testing.assert_array_equal(highest_classes(positions_last(scores)), expected)


def test_doubles_are_not_rounded():
    scores = torch.tensor([[1.0, 1.0 + 1e-12]], dtype=torch.float64)
    assert highest_classes(positions_last(scores)) == 1


@pytest.mark.parametrize("label", [0, 1, 4])
@pytest.mark.parametrize("shape", [(6, 5), (2, 5, 3, 3), (2, 5, 300, 300)])
@pytest.mark.parametrize("channels_last", [False, True])
def test_nan_of_any_class_is_refused(label, shape, channels_last):
    scores = torch.zeros(shape)
    scores[(1, label, *(0 for _ in shape[2:]))] = torch.nan
    if channels_last and len(shape) == 4:
        scores = scores.to(memory_format=torch.channels_last)
    with pytest.raises(PredictionError, match="logits hold NaN"):
        highest_classes(positions_last(scores))


def test_device_path_gives_the_same_labels_and_refuses_nan():
    scores = torch.randn(2, 300, 50, generator=torch.Generator().manual_seed(3)).round(decimals=1)
    np.testing.assert_array_equal(_highest_on_device(scores, torch.int32), highest_classes(scores))
    scores[1, 299, 49] = torch.nan
    with pytest.raises(PredictionError, match="logits hold NaN"):
        _highest_on_device(scores, torch.int32)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 12))
@settings(deadline=None, derandomize=True)
def test_tiles_cover_everything_once_and_are_small(n_samples, n_positions, size):
    covered = np.zeros((n_samples, n_positions), dtype=int)
    for samples, positions in tiles(n_samples, n_positions, size):
        covered[samples, positions] += 1
        assert covered[samples, positions].size <= size
    assert (covered == 1).all()
