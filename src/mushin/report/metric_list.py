"""List the metrics that re-scoring knows, for a terminal or as JSON."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from mushin.metrics.catalog import available_metrics, find_metric
from mushin.metrics.metric import Metric

FORMAT = "mushin-metrics/1"


def format_metrics() -> str:
    """Return a table of all metrics: name, direction, range, what they need, what defines them.

    Examples
    --------
    >>> print(format_metrics().splitlines()[0].split())
    ['metric', 'better', 'range', 'is', 'defined', 'by']
    """
    rows = []
    for metric in _facts():
        low, high = metric["valid_range"]
        rows.append(
            {
                "metric": metric["name"],
                "better": "higher" if metric["higher_is_better"] else "lower",
                "range": f"{low:g} to {high:g}",
                "is": metric["long_name"] + (", of probabilities" if metric["needs_probabilities"] else ""),
                "defined by": metric["source"],
            }
        )
    return tabulate(rows, headers="keys", tablefmt="simple", disable_numparse=True)


def metrics_content() -> dict[str, Any]:
    """Return what is known of every metric, for `mushin.report.json_text.to_json`."""
    return {"format": FORMAT, "metrics": _facts()}


def _facts() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "long_name": metric.long_name,
            "higher_is_better": metric.higher_is_better,
            "valid_range": metric.valid_range,
            "needs_probabilities": isinstance(metric, Metric) and metric.needs_probabilities,
            "source": metric.source,
        }
        for name, metric in ((name, find_metric(name)) for name in available_metrics())
    ]
