"""The schema of conf/: one frozen dataclass per group, with the limits of each key."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

MAX_SEED = 2**32 - 1

# Copies of what the layers above offer, because config imports none of them; a test holds them equal.
TASKS = ("classification", "segmentation", "regression")
METRICS_OF_CLASSES = (
    *("accuracy", "accuracy_macro", "auroc", "balanced_accuracy"),
    *("cohen_kappa", "cohen_kappa_linear", "cohen_kappa_quadratic", "dice", "ece"),
    *("f1", "f1_macro", "f1_micro", "f1_weighted", "fwiou", "iou_macro", "iou_micro", "iou_weighted", "mcc"),
    *("miou", "pixel_acc", "precision", "precision_macro", "precision_micro", "precision_weighted"),
    *("recall", "recall_macro", "recall_micro", "recall_weighted"),
    *("specificity", "specificity_macro", "specificity_micro", "specificity_weighted"),
)
METRICS_PER_CLASS = (
    *("accuracy_per_class", "f1_per_class", "iou_per_class"),
    *("precision_per_class", "recall_per_class", "specificity_per_class"),
)
METRICS_OF_VALUES = ("mae", "mse", "pearson", "r2", "rmse", "spearman")
METRICS_BY_TASK = {
    "classification": METRICS_OF_CLASSES,
    "segmentation": METRICS_OF_CLASSES,
    "regression": METRICS_OF_VALUES,
}
BATTERIES = {
    "classification": ("accuracy", "f1", "precision", "recall", "auroc", "ece"),
    "segmentation": ("miou", "dice", "pixel_acc", "precision", "recall"),
    "regression": ("mse", "mae", "rmse", "r2", "pearson", "spearman"),
}
METRICS_OF_PROBABILITIES = ("auroc", "ece")
DEVICES = r"auto|(cpu|mps)(:0)?|cuda(:\d+)?"
TESTS = ("welch", "ttest_ind", "ttest_rel", "wilcoxon", "mannwhitney", "permutation", "signflip")
CORRECTIONS = ("holm", "hochberg", "bonferroni", "fdr_bh", "none", "shaffer")
FAMILIES = ("metric", "table")
ALTERNATIVES = ("two-sided", "greater", "less")


def _key(
    default: Any = None,
    *,
    meaning: str,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    items_minimum: int | None = None,
    choices: tuple[str, ...] | None = None,
    pattern: str | None = None,
    is_path: bool = False,
    kinds: list[dict[str, Any]] | None = None,
    silent: bool = False,
) -> Any:
    """Declare one key: its default, what it means, and its limits (`above`, `below` exclude the bound).

    All of a text matches `pattern`; with `is_path` it is the dotted path of a callable.
    `kinds` are the JSON schemas of a key that no single annotation describes; `Any` leaves it unchecked here.
    A `silent` key is no part of the settings while it has its default, so that older cells stay valid.
    """
    limits = {
        "minimum": minimum,
        "maximum": maximum,
        "exclusiveMinimum": above,
        "exclusiveMaximum": below,
    }
    metadata = {
        "help": meaning,
        "limits": {name: bound for name, bound in limits.items() if bound is not None},
        "items_minimum": items_minimum,
        "choices": choices,
        "pattern": pattern,
        "is_path": is_path,
        "kinds": kinds,
        "silent": silent,
    }
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class DataConfig:
    """A data set: a callable that loads it, and the facts that methods build on."""

    OPEN = True

    _target_: str = _key("???", meaning="Dotted path of the callable that returns the splits.")
    num_classes: int | None = _key(meaning="Number of classes C; labels are 0 … C-1.", minimum=2)
    ignore_index: int | None = _key(meaning="The label that marks samples or pixels to leave out.")
    input_shape: list[int] | None = _key(meaning="Shape of one input, without the batch.", items_minimum=1)


@dataclass(frozen=True)
class MethodConfig:
    """A method: a callable that builds the model, and optionally one that trains it; or one that predicts."""

    OPEN = True
    ALTERNATIVES = ("_target_", "predict")

    _target_: str = _key(
        "???", meaning="Dotted path of the callable that builds the torch.nn.Module; or give predict."
    )
    fit: dict[str, Any] | None = _key(
        meaning="A callable fit(data, *, seed, **settings) that replaces mushin's training loop."
    )
    predict: dict[str, Any] | None = _key(
        meaning="Instead of _target_: a callable predict(data, *, seed, **settings) of any framework that "
        "trains and returns labels, probabilities or values for data.test_inputs."
    )


@dataclass(frozen=True)
class TrainingConfig:
    """How mushin's supervised loop trains a model."""

    epochs: int = _key(30, meaning="Passes over the training split.", minimum=1)
    batch_size: int = _key(64, meaning="Samples per step.", minimum=1)
    optimizer: dict[str, Any] = _key(
        {"_target_": "torch.optim.AdamW", "lr": 1e-2}, meaning="The optimizer, without its parameters."
    )
    scheduler: dict[str, Any] | None = _key(meaning="A learning rate scheduler, stepped once per epoch.")
    loss: dict[str, Any] | None = _key(
        meaning="Builds (outputs, targets) -> scalar; for a plain function add _partial_: true. "
        "Null is cross-entropy without the ignored labels."
    )
    device: str = _key("auto", meaning="auto, cpu, cuda, cuda:N or mps.", pattern=DEVICES)
    amp: bool = _key(False, meaning="Train in mixed precision.")
    deterministic: bool = _key(False, meaning="Use torch's deterministic algorithms only.")
    threads: int = _key(1, meaning="Threads of torch and BLAS; sums depend on it.", minimum=1)
    num_workers: int = _key(0, meaning="Worker processes that load the data.", minimum=0)


_METRIC = {"enum": sorted((*METRICS_OF_CLASSES, *METRICS_OF_VALUES))}
_OWN_METRIC = {"type": "object", "required": ["_target_"], "properties": {"_target_": {"type": "string"}}}
_METRICS_KINDS: list[dict[str, Any]] = [
    {"type": "array", "items": _METRIC, "minItems": 1, "uniqueItems": True},
    {"type": "object", "additionalProperties": {"anyOf": [_OWN_METRIC, _METRIC]}, "minProperties": 1},
    {"type": "null"},
]


@dataclass(frozen=True)
class TaskConfig:
    """What is measured on the test split."""

    name: str = _key("classification", meaning="A built-in task.", choices=TASKS)
    _target_: str | None = _key(meaning="A callable without arguments that returns a mushin.Task.")
    metrics: Any = _key(
        meaning="The battery: names of the catalogue, or a mapping of names to torchmetrics objects. "
        "Null is the task's own.",
        kinds=_METRICS_KINDS,
    )
    prob_metrics: list[str] | None = _key(
        meaning="The metrics that are given probabilities; null is those that the catalogue knows as such."
    )
    keep_samples: bool = _key(
        False,
        meaning="Keep what was predicted for every sample, for mushin.variance_components.",
        silent=True,
    )
    predict_fn: str | None = _key(
        meaning="Dotted path of (model, x) -> (predictions, probabilities).", is_path=True
    )
    batch_size: int = _key(256, meaning="Samples per evaluation step.", minimum=1)
    threads: int = _key(1, meaning="Threads of torch and BLAS; sums depend on it.", minimum=1)
    device: str = _key("auto", meaning="auto, cpu, cuda, cuda:N or mps.", pattern=DEVICES)


@dataclass(frozen=True)
class StatsConfig:
    """How the methods are compared."""

    test: str = _key("welch", meaning="The pairwise test.", choices=TESTS)
    correction: str = _key("holm", meaning="The correction for multiple comparisons.", choices=CORRECTIONS)
    alpha: float = _key(0.05, meaning="The error rate that the correction holds.", above=0, below=1)
    family: str = _key("metric", meaning="What one family of comparisons holds.", choices=FAMILIES)
    baseline: str | None = _key(meaning="Compare the other methods with this one only.")
    paired: bool | None = _key(meaning="A seed fixes something that the methods share; null asks the test.")
    alternative: str = _key(
        "two-sided", meaning="Whether A is better than B (greater), worse, or either.", choices=ALTERNATIVES
    )
    margin: dict[str, float] | None = _key(
        meaning="Metric to the smallest difference that matters; adds equivalence."
    )
    primary: list[str] | None = _key(
        meaning="The metrics that the claim is about; all others are exploratory."
    )


@dataclass(frozen=True)
class RuleResources:
    """What one job of a rule may use; it never changes a result, so it never causes a rerun."""

    mem_mb: int = _key(2000, meaning="Memory in MB.", minimum=1)
    runtime: int = _key(60, meaning="Time limit on a cluster, in minutes.", minimum=1)
    gpu: int = _key(0, meaning="Number of GPUs.", minimum=0)
    time_limit: float | None = _key(meaning="Minutes after which a cell is ended, wherever it runs.", above=0)


@dataclass(frozen=True)
class Resources:
    """Resources by rule."""

    train: RuleResources = field(default_factory=RuleResources, metadata={"help": "Of rule train."})
    evaluate: RuleResources = field(default_factory=RuleResources, metadata={"help": "Of rule evaluate."})
    warm_workers: bool = _key(
        True, meaning="Fork jobs of one thread from a process of the run that has imported torch."
    )


@dataclass(frozen=True)
class StudyConfig:
    """The top level: which methods, seeds and data sets a study has."""

    methods: list[Any] = _key([], meaning="Names of conf/method/, or {name, method, overrides}.")
    seeds: list[Any] = _key([], meaning="Distinct whole numbers, 0 … 2**32-1.")
    datasets: list[Any] | None = _key(meaning="Names of conf/data/; the composed `data` where absent.")
    results: str = _key("results", meaning="The folder that the results go to.")
    resources: Resources = field(default_factory=Resources, metadata={"help": "Resources by rule."})


@dataclass(frozen=True)
class Variant:
    """An entry of `methods:` that is a method under another name with other settings."""

    name: str = _key("???", meaning="The variant's name.")
    method: str = _key("???", meaning="A name of conf/method/.")
    overrides: list[str] = _key([], meaning="Hydra overrides of method.* and training.*.")


GROUPS: dict[str, type] = {
    "data": DataConfig,
    "method": MethodConfig,
    "training": TrainingConfig,
    "task": TaskConfig,
    "stats": StatsConfig,
}
"""Group of conf/ → its schema."""


def always_set(group: str) -> tuple[str, ...]:
    """Return the keys that checked settings of a group hold, less silent ones and those that exclude others.

    Examples
    --------
    >>> always_set("data")
    ('_target_', 'num_classes', 'ignore_index', 'input_shape')
    """
    schema = GROUPS[group]
    if hasattr(schema, "ALTERNATIVES"):
        return ()
    return tuple(key.name for key in fields(schema) if not key.metadata.get("silent"))
