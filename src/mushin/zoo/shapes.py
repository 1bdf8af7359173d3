"""Check the sizes that a model of the zoo is built with."""

from __future__ import annotations

from collections.abc import Sequence

from mushin.errors import ConfigError


def checked_sizes(name: str, sizes: Sequence[int]) -> tuple[int, ...]:
    """Return `sizes` as a tuple, after checking that they are whole numbers of at least 1.

    Parameters
    ----------
    name : str
        The argument's name, for the error.
    sizes : sequence of int
        Such as ``[1, 8, 8]``.

    Raises
    ------
    ConfigError
        If `sizes` is no sequence, or one of them is not a whole number of at least 1.

    Examples
    --------
    >>> checked_sizes("input_shape", [1, 8, 8])
    (1, 8, 8)
    """
    is_list = isinstance(sizes, Sequence) and not isinstance(sizes, str)
    if not is_list or not all(isinstance(size, int) and size >= 1 for size in sizes):
        raise ConfigError(
            f"{name}: {sizes!r}; accepted: a list of whole numbers of at least 1, such as [1, 8, 8]"
        )
    return tuple(sizes)


def checked_input_shape(input_shape: Sequence[int], *, axes: str = "") -> tuple[int, ...]:
    """Return the shape of one sample as a tuple.

    Parameters
    ----------
    input_shape : sequence of int
        Such as ``[1, 8, 8]`` or ``[13]``, without the batch axis.
    axes : str
        The names of the axes that the model needs, such as ``"channels, height, width"``; by default any.

    Raises
    ------
    ConfigError
        If the shape is empty, has other axes, or holds anything but whole numbers of at least 1.

    Examples
    --------
    >>> checked_input_shape([13])
    (13,)
    """
    shape = checked_sizes("input_shape", input_shape)
    needed = len(axes.split(", ")) if axes else 0
    if not shape or (needed and len(shape) != needed):
        raise ConfigError(f"input_shape: {list(shape)}; accepted: a list of {axes or 'at least one size'}")
    return shape


def checked_num_classes(num_classes: int) -> int:
    """Return the number of classes, at least 2.

    Raises
    ------
    ConfigError
        If it is below 2 or not a whole number.
    """
    if not isinstance(num_classes, int) or num_classes < 2:
        raise ConfigError(f"num_classes: {num_classes!r}; accepted: a whole number of at least 2")
    return num_classes


def checked_dropout(dropout: float) -> float:
    """Return the dropout probability, from 0 to below 1.

    Raises
    ------
    ConfigError
        If it is out of range.
    """
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout: {dropout!r}; accepted: a number from 0 to below 1")
    return dropout
