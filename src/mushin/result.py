"""Hold what a comparison found: the scores, the decisions, and how both are shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import xarray as xr

from mushin.comparisons import compare_methods
from mushin.dataset import FORMAT, MergedResults
from mushin.dimension_roles import with_roles
from mushin.errors import ConfigError, DataError, unknown_name
from mushin.labelled import ResultsArray, ResultsDataset, as_results
from mushin.report.html import comparisons_to_html, summary_to_html
from mushin.report.latex import comparisons_to_latex, summary_to_latex
from mushin.report.tables import (
    comparisons_markdown,
    format_decisions,
    format_summary,
    summary_markdown,
)
from mushin.rescoring import score
from mushin.results_file import open_results, with_numeric_directions, write_results
from mushin.summaries import summarise_methods
from mushin.wanted_scores import Metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROLES = ("method", "seed", "dataset", "higher_is_better")  # What dimensions and metrics are.


@dataclass(frozen=True, eq=False, repr=False)
class BenchmarkResult:
    """The scores of every method under every seed, and what can be claimed from them.

    `mushin.compare` and `mushin.Study` return it. `from_dataset` and `open` make it from a finished study.

    Attributes
    ----------
    data : ResultsDataset
        One float64 variable per metric with the dimensions (method, seed), and the counts that they come
        from. ``data.sel(method="cnn")`` selects a method.
    comparisons : DataFrame
        One row per metric and pair of methods, as `mushin.compare_methods` returns it.
    options : mapping
        The keywords of `mushin.compare_methods` that gave `comparisons`.

    Examples
    --------
    >>> scores = xr.DataArray(
    ...     [[0.91, 0.92, 0.94], [0.80, 0.83, 0.81]],
    ...     coords={"method": ["cnn", "mlp"], "seed": [0, 1, 2]},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> result = BenchmarkResult.from_dataset(xr.Dataset({"accuracy": scores}))
    >>> print(result)
    2 methods, 3 seeds
    <BLANKLINE>
    method    accuracy ↑
    --------  -------------
    cnn       0.923 ± 0.038
    mlp       0.813 ± 0.038
    ↑ higher is better, ↓ lower is better; mean ± half of the 95% t interval
    <BLANKLINE>
    accuracy: cnn is better than mlp (+0.110, adjusted p 0.000912)
    """

    data: ResultsDataset
    comparisons: pd.DataFrame
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dataset(cls, ds: xr.Dataset, **options: Any) -> BenchmarkResult:
        """Compare the methods of a Dataset.

        Parameters
        ----------
        ds : Dataset
            As for `mushin.compare_methods`.
        **options
            Its keywords. With those that name dimensions, `data` is the Dataset with these renamed.

        Raises
        ------
        MushinError
            As `mushin.compare_methods`.
        """
        roles = {name: options.pop(name) for name in _ROLES if name in options}
        named = with_roles(ds, **roles)
        comparisons = compare_methods(named, **options)
        return cls(with_numeric_directions(as_results(named)), comparisons, options)

    @classmethod
    def open(cls, path: Path | str, **options: Any) -> BenchmarkResult:
        """Open ``compare.nc`` of a study or of `save`, and compare its methods.

        Parameters
        ----------
        path : path
            The file.
        **options
            Keywords of `mushin.compare_methods`.

        Raises
        ------
        CellError
            The file cannot be read.
        MushinError
            As `mushin.compare_methods`.
        """
        return cls.from_dataset(open_results(path), **options)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that were compared."""
        return tuple(dict.fromkeys(self.comparisons["metric"]))

    @property
    def methods(self) -> tuple[Hashable, ...]:
        """The methods, in the order of `data`."""
        return tuple(self.data["method"].values.tolist())

    @property
    def confusion(self) -> ResultsArray:
        """The confusion matrices, int64 (method, seed, target, prediction).

        Raises
        ------
        DataError
            The task has no classes, so there is none.
        """
        if "confusion" not in self.data:
            raise DataError(
                "these results hold no confusion matrices: their task has no classes, or each data set has"
                " its own, in a group of the file: mushin.open_results(path, group='NAME')"
            )
        return cast(ResultsArray, self.data["confusion"])

    def scores(self, method: Hashable) -> pd.DataFrame:
        """Return the scores of one method: a row per seed (and data set), a column per metric.

        Raises
        ------
        UnknownNameError
            There is no such method.
        """
        if method not in self.methods:
            raise unknown_name("method", str(method), map(str, self.methods))
        return self.data[list(self.metrics)].sel({"method": method}, drop=True).to_dataframe()

    def summary(self, reference: Hashable | None = None) -> pd.DataFrame:
        """Describe the runs of every method: mean, spread, interval; and how they compare to one of them.

        Parameters
        ----------
        reference : label, optional
            Adds `difference` (method - reference, in the metric's own direction) with `difference_low` and
            `difference_high`, `p_corrected` and `decision` of each other method against this one. p is
            adjusted for all comparisons of the study, since the reference may be chosen after seeing them.

        Returns
        -------
        DataFrame
            One row per metric, (data set) and method; see `mushin.summarise_methods`.

        Raises
        ------
        UnknownNameError
            There is no such method.
        ConfigError
            The methods were compared with another `baseline` only.
        """
        alpha = self.options.get("alpha", 0.05)
        table = summarise_methods(self.data, metrics=self.metrics, alpha=alpha)
        if reference is None:
            return table
        keys = [key for key in ("metric", "dataset", "method") if key in table]
        against = self._against(reference).rename(columns={"method_a": "method"})
        return table.merge(against, on=keys, how="left", validate="one_to_one")

    def _against(self, reference: Hashable) -> pd.DataFrame:
        """Return the comparison of every other method with one, in the same family."""
        if reference not in self.methods:
            raise unknown_name("reference: method", str(reference), map(str, self.methods))
        baseline = self.options.get("baseline")
        if baseline not in (None, reference):
            raise ConfigError(
                f"reference is {reference!r}, but the methods were compared with the baseline {baseline!r}"
                " only; compare all pairs: leave out baseline"
            )
        # The last of the methods is B of every pair that it is in.
        order = [*(method for method in self.methods if method != reference), reference]
        rows = compare_methods(as_results(self.data.sel({"method": order})), **self.options)
        shown = {"mean_diff": "difference", "ci_low": "difference_low", "ci_high": "difference_high"}
        rows = rows[rows["method_b"] == reference].rename(columns=shown)
        keys = [key for key in ("metric", "dataset", "method_a") if key in rows]
        return rows[[*keys, *shown.values(), "p_corrected", "decision"]]

    def score(
        self,
        metrics: Metrics,
        *,
        merge_classes: Mapping[str, Iterable[str]] | None = None,
        classes: Iterable[str] | None = None,
    ) -> ResultsDataset:
        """Score the runs again from their confusion matrices, without a model; see `mushin.score`."""
        return score(self.data, metrics, merge_classes=merge_classes, classes=classes)

    def save(self, path: Path | str) -> Path:
        """Write `data` as ``compare.nc`` does, for `open` and `mushin.open_results`.

        Returns
        -------
        Path
            `path`.
        """
        write_results(Path(path), MergedResults(self.data.assign_attrs(format=FORMAT)))
        return Path(path)

    def to_markdown(self) -> str:
        """Return the summary and the comparisons as Markdown."""
        return f"{summary_markdown(self.summary())}\n{comparisons_markdown(self.comparisons)}"

    def to_html(self) -> str:
        """Return the summary and the comparisons as a fragment of HTML."""
        return f"{summary_to_html(self.summary(), self.comparisons)}\n{comparisons_to_html(self.comparisons)}"

    def to_latex(self) -> str:
        """Return the summary and the comparisons as LaTeX tables; their first line names the packages."""
        summary = summary_to_latex(self.summary(), self.comparisons)
        return f"{summary}\n{comparisons_to_latex(self.comparisons)}"

    def plot(self, kind: str = "scores", **options: Any) -> Figure:
        """Draw a figure.

        Parameters
        ----------
        kind : str
            ``"scores"``, every run's score by method; ``"differences"``, each pair's difference with its
            interval; ``"confusion"``, ``"reliability"``, ``"power_curve"``; for several data sets
            ``"critical_difference"`` and ``"performance_profiles"``.
        **options
            Of the kind, such as ``metrics=["accuracy"]`` or ``difference=("cnn", "mlp")``.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it; ``figure.savefig(path)`` writes it.

        Raises
        ------
        UnknownNameError
            There is no such kind.
        FigureError
            These results lack what the figure shows.
        ConfigError
            The kind has no such option.
        """
        from mushin.figures.registry import plot  # which imports matplotlib, for a second

        return plot(kind, self.data, comparisons=self.comparisons, **options)

    def report(self, path: Path | str) -> Path:
        """Write all of it, with figures and how it was found, as one HTML page that opens offline."""
        from mushin.page.content import StudyContent
        from mushin.page.render import write_page  # which imports matplotlib, for a second

        return write_page(Path(path), StudyContent(self.data, self.comparisons, self.summary()))

    def _repr_html_(self) -> str:
        decisions = escape(format_decisions(self.comparisons)).replace("\n", "<br>")
        return (
            f"<p>{escape(self._design())}</p>\n{summary_to_html(self.summary(), self.comparisons)}\n"
            f"<p>{decisions}</p>\n<details><summary>Every pair</summary>\n"
            f"{comparisons_to_html(self.comparisons)}\n</details>"
        )

    def __repr__(self) -> str:
        return f"{self._design()}\n\n{format_summary(self.summary())}\n\n{format_decisions(self.comparisons)}"

    def _design(self) -> str:
        """Say what was compared, in a line."""
        counts = [
            f"{size} {word}{'' if size == 1 else 's'}"
            for word, size in (
                ("data set", self.data.sizes.get("dataset", 0)),
                ("method", self.data.sizes["method"]),
                ("seed", self.data.sizes["seed"]),
            )
            if size
        ]
        task = f", task {self.data.attrs['task']}" if "task" in self.data.attrs else ""
        return ", ".join(counts) + task
