"""Small batches are scored together, and an error still names its own batch."""

import pytest
import torch

from mushin.errors import DataError
from mushin.evaluation.pending import PendingBatches


class Scores:
    """Records what it is given; a target of 9 is a fault."""

    def __init__(self):
        self.seen = []

    def __call__(self, logits, targets):
        if (targets == 9).any():
            raise DataError("a target is 9")
        self.seen.append((tuple(logits.shape), targets.tolist()))


def batch(*targets, classes=2, dtype=torch.float32):
    return torch.zeros(len(targets), classes, dtype=dtype), torch.tensor(targets)


def test_batches_wait_until_there_is_enough():
    scores = Scores()
    pending = PendingBatches(scores, enough=8)
    for number, targets in enumerate([(0, 1), (1,), (0,), (1, 1)]):
        pending.add(number, *batch(*targets))
    assert scores.seen == [((4, 2), [0, 1, 1, 0])]
    pending.flush()
    pending.flush()
    assert scores.seen[1:] == [((2, 2), [1, 1])]


def test_large_batch_is_scored_at_once_after_those_that_wait():
    scores = Scores()
    pending = PendingBatches(scores, enough=8)
    pending.add(0, *batch(1))
    pending.add(1, *batch(0, 0, 0, 0))
    assert scores.seen == [((1, 2), [1]), ((4, 2), [0, 0, 0, 0])]


@pytest.mark.parametrize("other", [batch(0, classes=3), batch(0, dtype=torch.float16)])
def test_batches_of_another_kind_are_not_joined(other):
    scores = Scores()
    pending = PendingBatches(scores, enough=100)
    pending.add(0, *batch(1))
    pending.add(1, *other)
    pending.flush()
    assert [targets for _, targets in scores.seen] == [[1], [0]]


def test_error_names_the_batch_at_fault_however_late_it_is_found():
    pending = PendingBatches(Scores(), enough=100)
    for number, targets in enumerate([(0,), (1,), (1, 9), (0,)]):
        pending.add(number, *batch(*targets))
    with pytest.raises(DataError, match=r"^batch 2: a target is 9$"):
        pending.flush()


def test_error_of_a_large_batch_names_it():
    with pytest.raises(DataError, match=r"^batch 7: a target is 9$"):
        PendingBatches(Scores(), enough=1).add(7, *batch(9))


def test_memory_that_is_written_again_does_no_harm():
    scores = Scores()
    pending = PendingBatches(scores, enough=100)
    logits, targets = batch(0, 1)
    pending.add(0, logits, targets)
    targets.fill_(9)
    pending.flush()
    assert scores.seen == [((2, 2), [0, 1])]
