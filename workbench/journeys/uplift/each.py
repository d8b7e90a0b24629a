"""Every in-person event judged by itself, with one correction for having looked at all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError
from workbench.journeys.in_person import in_person_events
from workbench.journeys.scoping import instants
from workbench.journeys.uplift.ask import uplift
from workbench.journeys.uplift.result import REAL, Uplift
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result, Scope
from workbench.results.intervals import holm
from workbench.results.tables import Column
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "event_id": "Key of the event",
    "event": "Its name",
    "began_at": "When it began (UTC)",
    "outcome": "Label of the outcome",
    "compared": "Containers that took part and have comparable others",
    "compared_converted": "Those of them with the outcome within the horizon",
    "compared_share": "compared_converted / compared, 0…1",
    "expected_share": "Share of compared expected to convert had they not taken part, 0…1",
    "effect": "compared_share − expected_share",
    "effect_low": "Lower end of its 95 % interval",
    "effect_high": "Upper end of its 95 % interval",
    "p_value": "Two-sided test of no effect",
    "p_adjusted": "The same, adjusted for the number of events (Holm)",
    "finding": "raised, lowered, not shown, in doubt or not answered",
    "verdict": "The finding in words",
}
_TAKEN = ("compared", "compared_converted", "compared_share", "expected_share", "effect",
          "effect_low", "effect_high", "p_value")  # fmt: skip


class Uplifts(Result):
    """Effect of each in-person event on one outcome, those who came against comparable others.

    Attributes
    ----------
    single : dict
        Key of each event to its `Uplift`.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "uplifts"

    def __init__(self, events: pd.DataFrame, single: dict[str, Uplift], scope: Scope) -> None:
        self.events = events
        self.single = single
        self.scope = scope
        first = next(iter(single.values()))
        self.definition = {**first.definition, "analysis": "uplifts", "event": list(single)}
        self._question = first.question

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an event, in order of their beginning, with the columns of `Uplifts.columns`."""
        rows = []
        for event in self.events.to_dict("records"):
            found = self.single[str(event["event_id"])].frame.iloc[0]
            rows.append(
                {
                    "event_id": str(event["event_id"]),
                    "event": event["name"],
                    "outcome": found["outcome"],
                    **{name: found[name] for name in _TAKEN},
                    "finding": found["finding"],
                    "verdict": found["verdict"],
                }
            )
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        began = self.events["start"].astype("Int64").fillna(np.iinfo(np.int64).min)
        frame["began_at"] = instants(began.to_numpy(np.int64))
        frame["p_adjusted"] = holm(frame["p_value"].to_numpy(float))
        by_chance = frame["finding"].isin(["raised", "lowered", "in doubt"]) & ~(
            frame["p_adjusted"] < REAL
        )
        frame.loc[by_chance, "finding"] = "not shown"
        frame.loc[by_chance, "verdict"] = message(
            "Looks different by itself; among {n} events one such is expected by chance.",
            n=len(frame),
        )
        return frame.astype({"compared": "Int64", "compared_converted": "Int64"})

    @property
    def _outcome(self) -> str:
        return self._question.labels[0]

    def headline(self) -> str:
        """Which events raised the outcome, of how many that were judged."""
        judged = self.frame[self.frame["finding"] != "not answered"]
        raised = judged[judged["finding"] == "raised"].sort_values("effect", ascending=False)
        if judged.empty:
            return message("No event can be judged: {reason}", reason=self.frame["verdict"].iloc[0])
        if raised.empty:
            return message(
                "No effect on “{outcome}” is shown for any of {n} events that can be judged",
                outcome=self._outcome,
                n=len(judged),
            )
        best = raised.iloc[0]
        return message(
            "{k} of {n} events that can be judged raised “{outcome}”: most “{event}”, {reached} of "
            "{compared} that came against {expected} expected, {effect}",
            k=len(raised),
            n=len(judged),
            outcome=self._outcome,
            event=best["event"],
            reached=numbers.count(best["compared_converted"]),
            compared=numbers.count(best["compared"]),
            expected=numbers.share(best["expected_share"]),
            effect=numbers.points(best["effect"]),
        )

    def reading(self) -> str:
        """What a point and its line stand for."""
        silent = int((self.frame["finding"] == "not answered").sum())
        text = message(
            "Point: share of those who came with “{outcome}” within {time}, less what comparable "
            "others let expect; line: 95 % interval. Blue: an effect that remains after "
            "correcting for the number of events.",
            outcome=self._outcome,
            time=self._question.horizon.in_words(),
        )
        if silent:
            text += " " + message_of_count(
                "{count} event cannot be judged; the table says why.",
                "{count} events cannot be judged; the table says why.",
                silent,
            )
        return text

    def definitions(self) -> list[str]:
        """How each event is judged."""
        first = next(iter(self.single.values()))
        own = f"“{first.label}”"
        return [sentence for sentence in first.definitions() if own not in sentence]

    def chart(self) -> alt.TopLevelMixin:
        """A point with its interval for every event that can be judged."""
        import altair as alt

        judged = self.frame[self.frame["finding"] != "not answered"]
        if judged.empty:
            return theme.empty_chart(self.headline())
        zone = self._question.workspace.settings.report_tz
        labels = [
            f"{numbers.day(began, zone)} {name}"
            for began, name in zip(
                judged["began_at"], numbers.shortened_apart(list(judged["event"])), strict=True
            )
        ]
        data = pd.DataFrame(
            {
                "label": labels,
                "event": judged["event"],
                "effect": 100 * judged["effect"],
                "low": 100 * judged["effect_low"],
                "high": 100 * judged["effect_high"],
                "told": [numbers.points(e) for e in judged["effect"]],
                "counted": [
                    f"{numbers.count(k)} / {numbers.count(n)}"
                    for k, n in zip(judged["compared_converted"], judged["compared"], strict=True)
                ],
                "real": judged["finding"].isin(["raised", "lowered"]),
            }
        )
        y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=300, ticks=False))
        color = alt.condition("datum.real", alt.value(theme.ACCENT), alt.value("#8A939F"))
        tips = [
            alt.Tooltip("event:N", title=message("Event")),
            alt.Tooltip("told:N", title=message("Effect")),
            alt.Tooltip("counted:N", title=message("With the outcome, of those compared")),
        ]
        axis = alt.Axis(format="+.0f", title=message("Effect (points)"), tickCount=6)
        base = alt.Chart(data).encode(y=y, tooltip=tips)
        line = base.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=axis), x2="high:Q", color=color
        )
        point = base.mark_point(filled=True, size=70, opacity=1).encode(x="effect:Q", color=color)
        text = base.mark_text(align="left", dx=8, color=theme.TEXT).encode(
            x="high:Q", text="told:N"
        )
        zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color=theme.QUIET).encode(x="x:Q")
        return alt.layer(zero, line, point, text).properties(width=420, height=30 * len(data))

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("event", message("Event")),
            Column("began_at", message("Began"), "date"),
            Column("compared", message("Came, with comparable others"), "count"),
            Column("compared_converted", message("Of these with the outcome"), "count"),
            Column("expected_share", message("Expected had they not"), "share"),
            Column("effect", message("Effect"), "points"),
            Column("effect_low", message("95 % from"), "points"),
            Column("effect_high", message("95 % to"), "points"),
            Column("p_adjusted", message("p, adjusted"), "number"),
            Column("verdict", message("Verdict")),
        )

    def members(self, event: str, which: str = "treated") -> pd.DataFrame:
        """The containers behind one event; see `Uplift.members`."""
        if event not in self.single:
            raise AbsentError.of("event", event, self.single)
        return self.single[event].members(which)


def uplifts(workspace: Workspace, *, outcome: Any = "opportunity_created", **options: Any) -> Any:
    """Did attending change what followed? Asked of every in-person event by itself.

    Parameters
    ----------
    workspace : Workspace
    outcome : str, mapping or Step
        What counts as converting.
    **options
        As `uplift` takes them: container, segment, horizon, known_before, covariates, method, …

    Returns
    -------
    Uplifts or Uplift
        One line an event; a workspace without in-person events gives the `Uplift` that says so.

    Notes
    -----
    With many events one will look effective by chance, so p values are adjusted (Holm) before
    any is called effective. Source: specs README, decisions 3 and 4.
    """
    events = in_person_events(workspace)
    if events.empty:
        return uplift(workspace, outcome=outcome, **options)
    single = {
        str(key): uplift(workspace, event=str(key), outcome=outcome, **options)
        for key in events["event_id"]
    }
    notes = next(iter(single.values())).scope
    return Uplifts(events.reset_index(drop=True), single, notes)
