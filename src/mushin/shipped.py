"""Find the workflow that mushin ships: in a checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from mushin.errors import ShippedFilesError

_PACKAGE = Path(__file__).parent
_INSIDE_THE_WHEEL = "_workflow"
_RULES = Path("workflow", "Snakefile")


def workflow_folder(package: Path = _PACKAGE) -> Path:
    """Return the folder that holds ``workflow/``, ``conf/``, ``profiles/`` and ``slurm/``.

    Parameters
    ----------
    package : path
        The folder of the package ``mushin``.

    Returns
    -------
    path
        ``mushin/_workflow`` of an installed wheel, or the root of the checkout that the package lies in.

    Raises
    ------
    ShippedFilesError
        The installation has no workflow.
    """
    checkout = package.parent.parent
    for folder in (package / _INSIDE_THE_WHEEL, checkout):
        if (folder / _RULES).is_file():
            return folder
    raise ShippedFilesError(
        f"{package / _INSIDE_THE_WHEEL}: no workflow there, and {checkout} is no checkout of mushin; install"
        " mushin again"
    )


def snakefile() -> Path:
    """Return the file with the rules of the installed mushin, for a ``module`` of another workflow.

    Returns
    -------
    path
        Absolute. In a project of one's own:

        .. code-block:: python

            import mushin

            module study:
                snakefile: mushin.snakefile()
                config: config

            use rule * from study

    Raises
    ------
    ShippedFilesError
        The installation has no workflow.

    Examples
    --------
    >>> snakefile().name
    'Snakefile'
    """
    return workflow_folder() / _RULES
