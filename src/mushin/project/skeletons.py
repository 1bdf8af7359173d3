"""The files of a new method or data set that works at once."""

from __future__ import annotations

import keyword
import re

from mushin.config.names import problem_with_name
from mushin.errors import ConfigError, unknown_name
from mushin.shipped import workflow_folder

PACKAGE_OF = {"method": "methods", "data": "data"}
SKELETON_TASKS = ("classification", "segmentation", "regression")


def method_files(name: str, task: str) -> dict[str, bytes]:
    """Return ``conf/method/NAME.yaml`` and the module behind it, as contents by path.

    Parameters
    ----------
    name : str
        The method's name, a label of the results.
    task : {"classification", "segmentation", "regression"}
        What its model returns.

    Raises
    ------
    ConfigError
        The name cannot name a method.
    UnknownNameError
        There is no skeleton for the task.
    """
    return _skeleton_files("method", name, task)


def data_files(name: str, task: str) -> dict[str, bytes]:
    """Return ``conf/data/NAME.yaml`` and the module behind it, as contents by path.

    Parameters and errors are those of `method_files`.
    """
    return _skeleton_files("data", name, task)


def module_name(name: str) -> str:
    """Turn a name of conf/ into one that Python can import.

    Examples
    --------
    >>> module_name("resnet-18.v2"), module_name("class")
    ('resnet_18_v2', 'class_')
    """
    module = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"{module}_" if keyword.iskeyword(module) else module


def _skeleton_files(group: str, name: str, task: str) -> dict[str, bytes]:
    problem = problem_with_name(name)
    if problem:
        raise ConfigError(f"command line: {problem}")
    if task not in SKELETON_TASKS:
        raise unknown_name("skeleton for the task", task, SKELETON_TASKS)
    module, package = module_name(name), PACKAGE_OF[group]
    skeleton = workflow_folder() / "workflow" / "skeletons" / group / task
    settings = skeleton.with_suffix(".yaml").read_text(encoding="utf-8").replace("SKELETON", module)
    source = skeleton.with_suffix(".py").read_text(encoding="utf-8").replace("NAME", name)
    return {f"conf/{group}/{name}.yaml": settings.encode(), f"{package}/{module}.py": source.encode()}
