from __future__ import annotations

from dataclasses import fields, is_dataclass
from inspect import signature
from typing import get_type_hints

import pytest
from omegaconf import OmegaConf

from mushin.comparisons import compare_methods
from mushin.config.alternatives import unchosen_alternatives
from mushin.config.check import check_group
from mushin.config.faults import Faults
from mushin.config.schema import (
    CORRECTIONS,
    FAMILIES,
    GROUPS,
    METRICS_BY_TASK,
    METRICS_OF_CLASSES,
    METRICS_OF_VALUES,
    METRICS_PER_CLASS,
    TASKS,
    TESTS,
    RuleResources,
    StatsConfig,
    StudyConfig,
    Variant,
)
from mushin.evaluation.tasks import get_task
from mushin.metrics.catalog import available_metrics, get_metric, list_metrics
from mushin.statistics import corrections
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests

SCHEMAS = [*GROUPS.values(), StudyConfig, Variant, RuleResources]


def test_tests_and_corrections_are_those_of_the_statistics() -> None:
    assert sorted(TESTS) == sorted(available_tests())
    assert sorted(CORRECTIONS) == sorted(available_corrections())


def test_families_are_those_of_the_comparisons() -> None:
    assert sorted(FAMILIES) == sorted(corrections.FAMILIES)


def test_every_task_is_built_in() -> None:
    assert [get_task(name).name for name in TASKS] == list(TASKS)


def test_metrics_are_those_of_the_catalogue() -> None:
    assert sorted((*METRICS_OF_CLASSES, *METRICS_OF_VALUES)) == list(list_metrics())
    assert sorted({*METRICS_OF_CLASSES, *METRICS_OF_VALUES, *METRICS_PER_CLASS}) == list(available_metrics())
    assert METRICS_BY_TASK.keys() == set(TASKS)
    for task, names in METRICS_BY_TASK.items():
        assert {get_metric(name).target_kind for name in names} == {get_task(task).target_kind}


def test_settings_of_the_comparison_are_arguments_of_the_function_with_the_same_defaults() -> None:
    parameters = signature(compare_methods).parameters
    for option in fields(StatsConfig):
        assert option.default == parameters[option.name].default


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_every_key_is_described_and_its_default_is_within_its_limits(schema: type) -> None:
    assert all(option.metadata["help"].endswith(".") for option in fields(schema))
    assert schema.__doc__
    faults = Faults()
    defaults = OmegaConf.to_container(OmegaConf.structured(schema), resolve=False)
    assert isinstance(defaults, dict)
    given = {str(key): value for key, value in defaults.items() if value != "???"}
    checked = check_group(given, schema, lambda key: ("file", key), faults)
    assert [line for line in faults.lines if "is missing" not in line] == []
    silent = {option.name for option in fields(schema) if option.metadata.get("silent")}
    kept = given.keys() - unchosen_alternatives(given, schema) - silent
    assert silent.isdisjoint(checked)
    assert {key: checked[key] for key in kept} == {key: given[key] for key in kept}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_schema_is_frozen_and_its_defaults_are_not_shared(schema: type) -> None:
    assert schema.__dataclass_params__.frozen  # type: ignore[attr-defined]
    for name, hint in get_type_hints(schema).items():
        default = getattr(schema(), name)
        if isinstance(default, (list, dict)):
            assert default is not getattr(schema(), name)
        assert not (isinstance(hint, type) and is_dataclass(hint)) or default == hint()
