"""What config copies from the layers above, because it imports none of them."""

import re

import pytest

from mushin.config import schema
from mushin.errors import ConfigError
from mushin.evaluation.tasks import get_task, list_tasks
from mushin.metrics.catalog import get_metric, list_metrics
from mushin.statistics.corrections import available_corrections
from mushin.statistics.outcome import ALTERNATIVES
from mushin.statistics.tests import available_tests
from mushin.training.device import resolve_device


def test_the_copies_are_what_the_layers_above_offer() -> None:
    assert available_tests() == schema.TESTS
    assert available_corrections() == schema.CORRECTIONS
    assert ALTERNATIVES == schema.ALTERNATIVES
    assert set(schema.TASKS) <= set(list_tasks())
    assert {name: get_task(name).metrics for name in schema.TASKS} == schema.BATTERIES
    of_probabilities = {name for name in list_metrics() if get_metric(name).needs_probabilities}
    assert of_probabilities == set(schema.METRICS_OF_PROBABILITIES)


@pytest.mark.parametrize(
    "name", ["auto", "cpu", "cpu:0", "cpu:1", "mps", "mps:0", "cuda", "cuda:7", "cuda:", "gpu", "CPU", ""]
)
def test_devices_are_those_that_training_knows(name: str) -> None:
    """Whether this machine has the device is another question."""
    try:
        resolve_device(name)
    except ConfigError as error:
        known = "is unknown" not in str(error)
    else:
        known = True
    assert known == bool(re.fullmatch(schema.DEVICES, name))
