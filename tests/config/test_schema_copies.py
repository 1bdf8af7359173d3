"""What config copies from the layers above, because it imports none of them."""

from mushin.config import schema
from mushin.evaluation.tasks import list_tasks
from mushin.statistics.corrections import available_corrections
from mushin.statistics.outcome import ALTERNATIVES
from mushin.statistics.tests import available_tests


def test_the_copies_are_what_the_layers_above_offer() -> None:
    assert available_tests() == schema.TESTS
    assert available_corrections() == schema.CORRECTIONS
    assert ALTERNATIVES == schema.ALTERNATIVES
    assert set(schema.TASKS) <= set(list_tasks())
