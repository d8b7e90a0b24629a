"""Two results of one kind side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result, Scope
from workbench.results.intervals import difference
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt


class Comparison(Result):
    """Shares of two results, line by line, with the difference and its interval."""

    kind: ClassVar[str] = "comparison"
    columns: ClassVar[Mapping[str, str]] = {
        "label": "What both results count",
        "count_a": "Numerator in the first",
        "total_a": "Denominator in the first",
        "share_a": "count_a / total_a, 0…1",
        "count_b": "Numerator in the second",
        "total_b": "Denominator in the second",
        "share_b": "count_b / total_b, 0…1",
        "difference": "share_b − share_a",
        "difference_low": "Lower end of its 95 % interval (Newcombe)",
        "difference_high": "Upper end of its 95 % interval (Newcombe)",
        "p_value": "Two-sided test of no difference",
    }

    def __init__(self, a: Result, b: Result, frame: pd.DataFrame, names: tuple[str, str]) -> None:
        self._frame = frame
        self.names = names
        self.scope = Scope(
            a.scope.container,
            f"{a.scope.period} | {b.scope.period}".strip(" |"),
            b.scope.as_of,
            b.scope.events,
            b.scope.dropped_null_key,
            (message("The two sides are taken as independent samples."),),
        )
        self.definition = {
            "analysis": "compare",
            "a": dict(a.definition),
            "b": dict(b.definition),
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a number that both results have."""
        return self._frame

    def headline(self) -> str:
        """The largest difference."""
        known = self._frame.dropna(subset="difference")
        if known.empty:
            return message("The two results have no share in common.")
        first = known.loc[known["difference"].abs().idxmax()]
        sure = first["difference_low"] > 0 or first["difference_high"] < 0
        values = {
            "label": first["label"],
            "a": f"{numbers.share(first['share_a'])} ({numbers.count(first['count_a'])} / "
            f"{numbers.count(first['total_a'])})",
            "b": f"{numbers.share(first['share_b'])} ({numbers.count(first['count_b'])} / "
            f"{numbers.count(first['total_b'])})",
            "points": numbers.points(first["difference"]),
        }
        if sure:
            return message("“{label}” differs most: {a} against {b}, {points}", **values)
        return message(
            "No clear difference; the largest is “{label}”: {a} against {b}, {points}", **values
        )

    def reading(self) -> str:
        """Which side is which."""
        return message("First: {a}. Second: {b}.", a=self.names[0], b=self.names[1])

    def chart(self) -> alt.TopLevelMixin:
        """Differences in points with their intervals."""
        import altair as alt

        known = self._frame.dropna(subset="difference")
        if known.empty:
            return theme.empty_chart(self.headline())
        data = known.assign(
            a=[numbers.share(v) for v in known["share_a"]],
            b=[numbers.share(v) for v in known["share_b"]],
            text=[numbers.points(v) for v in known["difference"]],
        )
        base = alt.Chart(data).encode(
            y=alt.Y("label:N", sort=list(data["label"]), title=None),
            tooltip=[
                alt.Tooltip("label:N", title=message("Number")),
                alt.Tooltip("a:N", title=message("First")),
                alt.Tooltip("b:N", title=message("Second")),
                alt.Tooltip("text:N", title=message("Difference")),
            ],
        )
        zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=theme.QUIET).encode(x="x:Q")
        title = message("Second minus first (points of share)")
        rules = base.mark_rule(color=theme.ACCENT, strokeWidth=2).encode(
            x=alt.X("difference_low:Q", title=title, axis=alt.Axis(format="+.0%")),
            x2="difference_high:Q",
        )
        points = base.mark_point(filled=True, size=80, color=theme.ACCENT, opacity=1).encode(
            x="difference:Q"
        )
        return alt.layer(zero, rules, points).properties(width=640, height=alt.Step(30))

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("label", message("Number")),
            Column("share_a", self.names[0], "share"),
            Column("share_b", self.names[1], "share"),
            Column("difference", message("Difference"), "points"),
            Column("difference_low", message("95 % from"), "points"),
            Column("difference_high", message("95 % to"), "points"),
        )


def compare(a: Result, b: Result, names: tuple[str, str] = ("first", "second")) -> Comparison:
    """Put two results of one kind side by side.

    Parameters
    ----------
    a, b : Result
        Of one class; each gives its shares as ``shares()`` (label, count, total).
    names : pair of str
        What the reader calls the two.
    """
    if type(a) is not type(b) or not hasattr(a, "shares"):
        raise ArgumentError.of(
            "b",
            type(b).__name__,
            message("a result of the same kind as a ({name})", name=type(a).__name__),
        )
    if a.scope.container != b.scope.container:
        raise ArgumentError.of(
            "b",
            b.scope.container,
            message(
                "a result that counts the same as a ({container})", container=a.scope.container
            ),
        )
    left = a.shares().drop_duplicates("label").set_index("label")
    right = b.shares().drop_duplicates("label").set_index("label")  # type: ignore[attr-defined]
    rows = []
    for label in [name for name in left.index if name in right.index]:
        (count_a, total_a), (count_b, total_b) = left.loc[label], right.loc[label]
        found = difference(int(count_b), int(total_b), int(count_a), int(total_a))
        rows.append(
            {
                "label": label,
                "count_a": int(count_a),
                "total_a": int(total_a),
                "share_a": count_a / total_a if total_a else float("nan"),
                "count_b": int(count_b),
                "total_b": int(total_b),
                "share_b": count_b / total_b if total_b else float("nan"),
                "difference": found.difference,
                "difference_low": found.low,
                "difference_high": found.high,
                "p_value": found.p_value,
            }
        )
    frame = pd.DataFrame(rows, columns=list(Comparison.columns))
    return Comparison(a, b, frame, names)
