"""List the metrics that re-scoring knows, for a terminal."""

from __future__ import annotations

from tabulate import tabulate

from mushin.metrics.catalog import available_metrics, find_metric
from mushin.metrics.metric import Metric


def format_metrics() -> str:
    """Return a table of all metrics: name, direction, range, what they need, what defines them.

    Examples
    --------
    >>> print(format_metrics().splitlines()[0].split())
    ['metric', 'better', 'range', 'is', 'defined', 'by']
    """
    rows = []
    for name in available_metrics():
        metric = find_metric(name)
        low, high = metric.valid_range
        probabilities = isinstance(metric, Metric) and metric.needs_probabilities
        rows.append(
            {
                "metric": name,
                "better": "higher" if metric.higher_is_better else "lower",
                "range": f"{low:g} to {high:g}",
                "is": metric.long_name + (", of probabilities" if probabilities else ""),
                "defined by": metric.source,
            }
        )
    return tabulate(rows, headers="keys", tablefmt="simple", disable_numparse=True)
