"""Tell which files of conf/ Hydra would only copy into their group, so that they need no composition."""

from __future__ import annotations

from collections.abc import Mapping

from mushin.config.compose import ROOT, ConfFolder
from mushin.errors import ConfigError


def is_plain(conf: ConfFolder, group: str, option: str) -> bool:
    """Tell whether a file brings its own keys to its own group, and nothing else.

    It has no defaults list, and no line that says where its keys go (``# @package``).
    """
    try:
        content = conf.read(group, option)
    except ConfigError:  # Composing the file says what is wrong with it.
        return False
    file = conf.file(group, option)
    return file.is_file() and "defaults" not in content and "@package" not in file.read_text("utf-8")


def is_set_by_one_file(conf: ConfFolder, group: str, choices: Mapping[str, str]) -> bool:
    """Tell whether nothing but the chosen file of a group sets its keys.

    Parameters
    ----------
    conf : ConfFolder
        The folder.
    group : str
        A group of conf/.
    choices : mapping of str to str
        Group → option of the whole composition, those of Hydra itself included.
    """
    chosen = {name: option for name, option in choices.items() if not name.startswith("hydra/")}
    return (
        group in chosen
        and group not in conf.read("", ROOT)
        and "@package" not in conf.file("", ROOT).read_text("utf-8")
        and all(is_plain(conf, name, option) for name, option in chosen.items())
    )
