"""Make studies of random scores for tests of tables and figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

METHODS = ("cnn", "mlp", "linear")


def made_study(
    methods: Sequence[str] = METHODS,
    *,
    n_seeds: int = 5,
    metrics: Sequence[str] = ("accuracy", "ece"),
    datasets: Sequence[str] | None = None,
) -> xr.Dataset:
    """Return scores in [0, 1] that fall from method to method; `ece` and its like are better when lower."""
    dims = ("method", "seed") if datasets is None else ("dataset", "method", "seed")
    coords = {"method": list(methods), "seed": range(n_seeds)}
    if datasets is not None:
        coords["dataset"] = list(datasets)
    shape = tuple(len(coords[dim]) for dim in dims)
    rng = np.random.default_rng(0)
    level = np.linspace(0.9, 0.6, len(methods))[:, None]
    variables = {}
    for name in metrics:
        lower = name.startswith(("ece", "loss"))
        values = level + rng.normal(0, 0.01, shape)
        variables[name] = (
            dims,
            1 - values if lower else values,
            {
                "long_name": name.capitalize(),
                "units": "1",
                "higher_is_better": int(not lower),
                "valid_range": (0.0, 1.0),
            },
        )
    return xr.Dataset(variables, coords=coords)
