from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import mushin
from mushin.errors import (
    ConfigError,
    DataError,
    IncompleteStudyError,
    PredictionError,
    UnknownNameError,
)
from mushin.evaluation.evaluate import evaluate_model

CLASSES = 3


def classifier(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Linear(4, CLASSES)


@pytest.fixture
def loader() -> DataLoader[Any]:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(60, 4, generator=generator)
    return DataLoader(TensorDataset(inputs, torch.arange(60) % CLASSES), batch_size=16)


@pytest.fixture
def methods() -> dict[str, list[nn.Module]]:
    return {"first": [classifier(s) for s in range(3)], "second": [classifier(s + 10) for s in range(3)]}


def test_scores_are_those_of_each_model_by_itself(methods: Any, loader: Any) -> None:
    result = mushin.compare(methods, loader, num_classes=CLASSES)
    assert result.data["accuracy"].dims == ("method", "seed")
    assert list(result.metrics) == ["accuracy", "f1", "precision", "recall", "auroc", "ece"]
    for name, models in methods.items():
        for seed, model in enumerate(models):
            alone = evaluate_model(model, loader, task="classification", num_classes=CLASSES)
            found = result.confusion.sel({"method": name, "seed": seed}).values
            np.testing.assert_array_equal(found, alone.confusion)
            accuracy = float(result.data["accuracy"].sel({"method": name, "seed": seed}))
            assert accuracy == alone.confusion.trace() / 60


def test_comparisons_are_those_of_the_scores(methods: Any, loader: Any) -> None:
    result = mushin.compare(methods, loader, num_classes=CLASSES, test="permutation", alpha=0.1)
    expected = mushin.compare_methods(result.data, test="permutation", alpha=0.1)
    assert result.comparisons.equals(expected)
    assert set(result.comparisons["test"]) == {"permutation"}


def test_a_method_is_selected_by_its_name(methods: Any, loader: Any) -> None:
    result = mushin.compare(methods, loader, num_classes=CLASSES)
    one = result.data.sel(method="second")["accuracy"]
    assert one.dims == ("seed",)
    np.testing.assert_array_equal(one, result.data["accuracy"].values[1])


def test_seeds_are_aligned_by_label(loader: Any) -> None:
    by_seed = {seed: classifier(seed) for seed in (7, 3)}
    result = mushin.compare(
        {"mapping": by_seed, "sequence": [by_seed[3], by_seed[7]]}, loader, num_classes=CLASSES
    )
    assert result.data["seed"].values.tolist() == [3, 7]
    accuracy = result.data["accuracy"]
    np.testing.assert_array_equal(accuracy.sel(method="mapping"), accuracy.sel(method="sequence"))


def test_positions_are_named_by_seeds(methods: Any, loader: Any) -> None:
    result = mushin.compare(methods, loader, num_classes=CLASSES, seeds=[42, 43, 44])
    assert result.data["seed"].values.tolist() == [42, 43, 44]


class Lazy(Sequence[nn.Module]):
    """Builds a model where it is asked for one, and counts those alive."""

    alive = 0
    most = 0

    def __len__(self) -> int:
        return 4

    def __getitem__(self, seed: Any) -> nn.Module:
        class Counted(nn.Linear):
            def __init__(self) -> None:
                super().__init__(4, CLASSES)
                Lazy.alive += 1
                Lazy.most = max(Lazy.most, Lazy.alive)

            def __del__(self) -> None:
                Lazy.alive -= 1

        return Counted()


def test_a_lazy_sequence_has_one_model_in_memory_at_a_time(loader: Any) -> None:
    mushin.compare({"a": Lazy(), "b": Lazy()}, loader, num_classes=CLASSES)
    assert Lazy.most <= 2  # the next is built while the last is still bound
    assert Lazy.alive <= 1


def test_models_are_given_back_as_they_were(methods: Any, loader: Any) -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, CLASSES)).train()
    before = copy.deepcopy(model.state_dict())
    mushin.compare({"a": [model], "b": [classifier(1)]}, loader, num_classes=CLASSES)
    assert model.training
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_a_shuffling_loader_gives_the_same_scores(methods: Any, loader: Any) -> None:
    shuffled = DataLoader(loader.dataset, batch_size=7, shuffle=True)
    expected = mushin.compare(methods, loader, num_classes=CLASSES)
    found = mushin.compare(methods, shuffled, num_classes=CLASSES)
    np.testing.assert_array_equal(found.confusion, expected.confusion)


def test_a_mapping_may_lack_seeds_where_that_is_allowed(loader: Any) -> None:
    methods = {
        "a": {0: classifier(0), 1: classifier(1)},
        "b": {0: classifier(2), 1: classifier(3), 2: classifier(4)},
    }
    with pytest.raises(IncompleteStudyError, match="'a' lacks seed 2, which others have"):
        mushin.compare(methods, loader, num_classes=CLASSES)
    result = mushin.compare(methods, loader, num_classes=CLASSES, allow_incomplete=True)
    assert np.isnan(result.data["accuracy"].sel(method="a", seed=2))
    assert result.comparisons["n_a"].tolist() == [2] * 6


def test_own_metrics_and_tasks_are_taken(methods: Any, loader: Any) -> None:
    def errors(statistics: Any) -> float:
        return float(statistics.n_samples - statistics.confusion.trace())

    metric = mushin.CustomMetric(errors, higher_is_better=False, units="samples")
    result = mushin.compare(methods, loader, num_classes=CLASSES, metrics={"errors": metric})
    assert result.metrics == ("errors",)
    assert result.data["errors"].attrs["units"] == "samples"
    task = mushin.Task("own", ["accuracy"])
    assert mushin.compare(methods, loader, task, num_classes=CLASSES).metrics == ("accuracy",)


def test_a_regression_is_compared() -> None:
    inputs = torch.linspace(0, 1, 20)[:, None]
    batches = [(inputs, 2 * inputs[:, 0])]
    result = mushin.compare(
        {"twice": [lambda x: 2 * x] * 2, "once": [lambda x: x] * 2}, batches, "regression"
    )
    assert result.data["mse"].sel(method="twice").values.tolist() == [0.0, 0.0]
    with pytest.raises(DataError, match="hold no confusion matrices"):
        _ = result.confusion


def test_the_bar_counts_every_model(methods: Any, loader: Any, capsys: pytest.CaptureFixture[str]) -> None:
    mushin.compare(methods, loader, num_classes=CLASSES, progress=True)
    assert "6/6" in capsys.readouterr().err
    mushin.compare(methods, loader, num_classes=CLASSES)
    assert capsys.readouterr().err == ""


class Untouched(nn.Module):
    """A model that must not run."""

    def forward(self, x: Any) -> Any:
        raise AssertionError("the model ran before all arguments were checked")


def one_shot() -> Iterator[Any]:
    yield torch.zeros(2, 4), torch.zeros(2, dtype=torch.int64)


BATCHES = [(torch.zeros(2, 4), torch.zeros(2, dtype=torch.int64))]
TWO = {"a": [Untouched()] * 2, "b": [Untouched()] * 2}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"methods": {"a": [Untouched()] * 2, "b": [Untouched()]}},
            ConfigError,
            "'b' has 1 models for the 2 seeds 0, 1",
        ),
        ({"methods": {"a": [Untouched()]}}, DataError, "a comparison needs two methods, got only 'a'"),
        ({"methods": {}}, ConfigError, "methods is empty"),
        (
            {"methods": [Untouched()]},
            ConfigError,
            r"methods is a list; accepted is a mapping \{name: models\}",
        ),
        (
            {"methods": {"a": Untouched(), "b": [Untouched()]}},
            ConfigError,
            "'a' is one Untouched; give one model per seed",
        ),
        ({"methods": {"a": [], "b": []}}, ConfigError, "seeds: there is none"),
        ({"methods": {1: [Untouched()], "b": [Untouched()]}}, ConfigError, "the name 1 is no text"),
        (
            {"methods": {"a": (m for m in [Untouched()]), "b": [Untouched()]}},
            ConfigError,
            "generator can be read only once",
        ),
        (
            {"methods": {"a": ["model.pt"] * 2, "b": [Untouched()] * 2}},
            PredictionError,
            "a str is no model.*from_checkpoints",
        ),
        (
            {"methods": {"a": [{}] * 2, "b": [Untouched()] * 2}},
            PredictionError,
            "load a state dict into its module",
        ),
        (
            {"methods": {"a": [Untouched] * 2, "b": [Untouched()] * 2}},
            PredictionError,
            "it is the class Untouched",
        ),
        (
            {"methods": {"a": {0: None}, "b": {0: Untouched()}}},
            PredictionError,
            "method 'a', seed 0: a NoneType",
        ),
        (
            {"methods": {"a": {"x": Untouched()}, "b": {0: Untouched()}}},
            ConfigError,
            "seeds: 'x' is no whole number",
        ),
        ({"seeds": [0, 0]}, ConfigError, "seeds: 0 appears twice"),
        ({"seeds": 3}, ConfigError, r"seeds is 3; accepted is a sequence .* range\(5\)"),
        (
            {"methods": {"a": {0: Untouched()}, "b": {0: Untouched()}}, "seeds": [1]},
            ConfigError,
            "a model of seed 0, which seeds does not list",
        ),
        ({"data": one_shot()}, DataError, "read only once, but every model reads it"),
        ({"data": 3}, DataError, "data is a int; accepted is an iterable"),
        ({"data": TensorDataset(torch.zeros(2, 4))}, DataError, "the data set itself .TensorDataset."),
        ({"task": "clasification"}, UnknownNameError, "did you mean 'classification'"),
        ({"num_classes": None}, ConfigError, "num_classes is None; accepted is an integer of 2 or more"),
        ({"task": "regression"}, ConfigError, "has no classes; leave it out"),
        ({"ignore_index": 0.5}, ConfigError, "ignore_index is 0.5"),
        ({"predict_fn": 3}, ConfigError, "predict_fn is 3"),
        ({"metrics": ["acuracy"]}, UnknownNameError, "did you mean 'accuracy'"),
        ({"prob_metrics": ["loss"]}, UnknownNameError, "'loss' is unknown"),
        ({"class_names": ["x", "y"]}, ConfigError, "2 names for num_classes=3"),
        ({"class_names": ["x", "y", "x"]}, ConfigError, "a name twice"),
        ({"class_names": [0, 1, 2]}, ConfigError, "a sequence of texts"),
        ({"test": "welsh"}, UnknownNameError, "did you mean 'welch'"),
        ({"alpha": 5}, ConfigError, "alpha"),
        ({"correction": "holmes"}, UnknownNameError, "did you mean 'holm'"),
        ({"family": "tables"}, UnknownNameError, "did you mean 'table'"),
        ({"baseline": "c"}, UnknownNameError, "baseline 'c' is unknown"),
        ({"primary": "f2"}, UnknownNameError, "'f2' is unknown"),
        ({"margin": -1}, ConfigError, "must be a number above 0"),
        ({"margin": 0.1, "test": "mannwhitney"}, ConfigError, "margin needs a t test"),
        ({"alternative": "bigger"}, UnknownNameError, "alternative"),
        ({"device": "gpu"}, ConfigError, "'gpu' is unknown"),
    ],
)
def test_a_mistake_is_found_before_any_model_runs(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments = {"methods": TWO, "data": BATCHES, "num_classes": CLASSES, **changes}
    with pytest.raises(error, match=message):
        mushin.compare(**arguments)


def test_what_a_lazy_sequence_gives_is_checked_too(loader: Any) -> None:
    class Paths(Lazy):
        def __getitem__(self, seed: Any) -> Any:
            return f"model{seed}.pt"

    with pytest.raises(PredictionError, match="method 'a', seed 0: a str is no model"):
        mushin.compare({"a": Paths(), "b": Paths()}, loader, num_classes=CLASSES)


def test_an_error_names_the_model_and_the_batch(loader: Any) -> None:
    def broken(x: Any) -> Any:
        return torch.full((len(x), CLASSES), float("nan"))

    with pytest.raises(PredictionError, match=r"method 'b', seed 0: batch 0: .*NaN"):
        mushin.compare({"a": [classifier(0)], "b": [broken]}, loader, num_classes=CLASSES)


def test_a_result_pickles(methods: Any, loader: Any) -> None:
    result = mushin.compare(methods, loader, num_classes=CLASSES)
    again = pickle.loads(pickle.dumps(result))
    assert again.data.identical(result.data)
    assert again.comparisons.equals(result.comparisons)
    assert repr(again) == repr(result)
    assert again.data.sel(method="first")["accuracy"].dims == ("seed",)
