import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mushin.errors import ConfigError
from mushin.zoo.blocks import hold_out_blocks


@given(st.integers(5, 300), st.integers(1, 8), st.integers(1, 30), st.integers(0, 6))
def test_training_and_test_keep_their_distance(n_slices, test_blocks, block_slices, gap):
    assume(block_slices <= n_slices // test_blocks - 2 * gap - 1)
    train, test = hold_out_blocks(n_slices, test_blocks=test_blocks, block_slices=block_slices, gap=gap)
    assert len(train) + len(test) + 2 * gap * test_blocks == n_slices
    assert np.abs(train[:, None] - test[None]).min() == gap + 1
    runs = np.split(test, np.flatnonzero(np.diff(test) > 1) + 1)
    assert [len(run) for run in runs] == [block_slices] * test_blocks


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_blocks": 0}, "test_blocks: 0; accepted: a whole number of at least 1"),
        ({"gap": -1}, "gap: -1; accepted: a whole number of at least 0"),
        ({"block_slices": 0}, "block_slices: 0; accepted: 1 to 13"),
        ({"block_slices": 14}, "block_slices: 14; accepted: 1 to 13, so that training gets some of the 40"),
        ({"gap": 10}, "gap: 10; 2 test blocks leave no training slice among 40"),
    ],
)
def test_a_split_that_leaves_no_training_samples_is_refused(changes, message):
    settings = {"test_blocks": 2, "block_slices": 4, "gap": 3, **changes}
    with pytest.raises(ConfigError, match=message):
        hold_out_blocks(40, **settings)
