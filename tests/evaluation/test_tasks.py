"""The registry of tasks."""

import pytest

from mushin.errors import ConfigError, UnknownNameError
from mushin.evaluation import tasks
from mushin.evaluation.tasks import Task, get_task, list_tasks, register_task


@pytest.fixture(autouse=True)
def _registry_of_its_own(monkeypatch):
    built_in = ("classification", "regression", "segmentation")
    monkeypatch.setattr(tasks, "_TASKS", {name: tasks._TASKS[name] for name in built_in})


def test_built_in_tasks_have_the_documented_batteries():
    assert get_task("classification").metrics == ("accuracy", "f1", "precision", "recall", "auroc", "ece")
    assert get_task("segmentation").metrics == ("miou", "dice", "pixel_acc", "precision", "recall")
    assert get_task("regression").metrics == ("mse", "mae", "rmse", "r2", "pearson", "spearman")
    assert list_tasks() == ("classification", "regression", "segmentation")


def test_prob_metrics_are_those_that_need_probabilities():
    assert get_task("classification").prob_metrics == ("auroc", "ece")
    assert get_task("segmentation").prob_metrics == ()


def test_registered_task_is_found_by_its_name():
    register_task("ranking", Task("ranking", ("auroc",)))
    assert get_task("ranking") == Task("ranking", ("auroc",))
    assert "ranking" in list_tasks()


def test_task_is_named_as_it_is_registered():
    register_task("mine", get_task("segmentation"))
    assert get_task("mine").name == "mine"


def test_task_stands_for_itself():
    task = Task("ranking", ("auroc",))
    assert get_task(task) is task


def test_metrics_may_come_as_a_list():
    assert Task("ranking", ["auroc", "ece"]).metrics == ("auroc", "ece")


def test_name_that_is_taken_needs_overwrite():
    with pytest.raises(ConfigError, match=r"'segmentation' is registered already; .* pass overwrite=True"):
        register_task("segmentation", Task("segmentation", ("miou",)))
    register_task("segmentation", Task("segmentation", ("miou",)), overwrite=True)
    assert get_task("segmentation").metrics == ("miou",)


def test_unknown_task_is_refused_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="task 'segmentatoin' is unknown; did you mean 'segmentation'"):
        get_task("segmentatoin")


@pytest.mark.parametrize("wrong", [3, None, ("accuracy",)])
def test_what_is_no_task_is_refused(wrong):
    with pytest.raises(
        ConfigError, match="accepted are a Task or a name: classification, regression, segmentation"
    ):
        get_task(wrong)
    with pytest.raises(ConfigError, match=r"accepted is a mushin\.evaluation\.tasks\.Task"):
        register_task("mine", wrong)


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ((), ConfigError, "metrics is empty; list at least one"),
        ("miou", ConfigError, "metrics is the text 'miou'; give a list"),
        (("miou", "dice", "miou"), ConfigError, "metric 'miou' appears twice"),
        (("mIoU",), UnknownNameError, "did you mean 'miou'"),
    ],
)
def test_metrics_that_cannot_be_are_refused(metrics, error, message):
    with pytest.raises(error, match=message):
        Task("mine", metrics)


def test_predict_fn_that_cannot_be_called_is_refused():
    with pytest.raises(ConfigError, match=r"predict_fn is 'softmax'; accepted is a function \(model, x\)"):
        Task("mine", ("miou",), predict_fn="softmax")


def test_any_metric_of_one_number_can_be_listed():
    task = Task("mine", ["accuracy", "mcc", "f1_weighted"])
    assert task.required_statistics == {"confusion"}
    assert (task.target_kind, task.prob_metrics) == ("classes", ())
    with pytest.raises(ConfigError, match=r"'f1_per_class' has a score per class.*mushin score"):
        Task("mine", ["accuracy", "f1_per_class"])
