"""Pictures of relationships: when the last contact was, and how healthy they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.portfolio.attention import FILTERS, words_of
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.health_result import RelationshipHealth
    from workbench.relationship.people.single_thread import SingleThreaded
    from workbench.relationship.portfolio.listing import RelationshipList
    from workbench.relationship.result import Relationships

WIDTH = 520


def by_last_contact(result: Relationships) -> alt.TopLevelMixin:
    """Bars of the time since the last done activity, darker where something is planned."""
    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    days = frame["days_since_last"].to_numpy(float)
    labels = [
        message("Up to 7 days"),
        message("8 to 30 days"),
        message("31 to 90 days"),
        message("More than 90 days"),
        message("Never"),
    ]
    place = np.where(np.isnan(days), 4, np.searchsorted([7.0, 30.0, 90.0], days))
    planned = frame["next_at"].notna().to_numpy()
    names = (message("Something is planned"), message("Nothing is planned"))
    counts = [np.bincount(place[planned == mark], minlength=5) for mark in (True, False)]
    return _stacked(labels, names, counts, len(frame), message("Since the last done activity"))


def by_state(result: RelationshipHealth) -> alt.TopLevelMixin:
    """Bars of the states, darker where health declines."""
    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    words = {
        code: said for code, said in wording.state_words().items()
        if code in wording.USUAL_STATES or (frame["state"] == code).any()
    }  # fmt: skip
    declines = (frame["trend"] == "declining").to_numpy()
    names = (message("Declining"), message("Steady, improving or unknown"))
    counts = [
        np.array([((frame["state"] == s).to_numpy() & (declines == mark)).sum() for s in words])
        for mark in (True, False)
    ]
    return _stacked(list(words.values()), names, counts, len(frame), message("State of health"))


def _stacked(
    labels: list[str], names: tuple[str, str], counts: list[np.ndarray], total: int, title: str
) -> Any:
    import altair as alt

    data = pd.DataFrame(
        [
            {"label": label, "part": name, "rank": n, "count": int(counts[n][k])}
            for k, label in enumerate(labels)
            for n, name in enumerate(names)
        ]
    )
    sums = counts[0] + counts[1]
    ends = pd.DataFrame(
        {
            "label": labels,
            "all": sums,
            "words": [
                f"{numbers.count(n)} · {numbers.share(n / total)}" if n else numbers.count(n)
                for n in sums
            ],
        }
    )
    y = alt.Y(
        "label:N", sort=labels, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6)
    )
    scale = alt.Scale(domain=[0, max(float(sums.max()) * 1.25, 1.0)], nice=False)
    words = message("{what}: records, of {n}", what=title, n=numbers.count(total))
    ticks = int(min(5, max(sums.max(), 1)))
    axis = alt.Axis(title=words, tickMinStep=1, tickCount=ticks, grid=False)
    bars = alt.Chart(data).mark_bar(height=20).encode(
        x=alt.X("count:Q", scale=scale, axis=axis), y=y, order=alt.Order("rank:Q"),
        color=alt.Color("part:N", title=None, sort=list(names),
                        scale=alt.Scale(domain=list(names), range=[theme.ACCENT, theme.MUTED])),
        tooltip=[alt.Tooltip("label:N", title=title), alt.Tooltip("part:N", title=message("Part")),
                 alt.Tooltip("count:Q", title=message("Records"))],
    )  # fmt: skip
    texts = alt.Chart(ends).mark_text(align="left", dx=5, fontSize=12).encode(
        x=alt.X("all:Q"), y=y, text="words:N"
    )  # fmt: skip
    return alt.layer(bars, texts).properties(width=WIDTH, height=alt.Step(32))


def by_sign(result: RelationshipList) -> alt.TopLevelMixin:
    """Bars of how many records show each sign that they need attention."""
    frame = result.every
    if not len(frame):
        return theme.empty_chart(result.headline())
    words = words_of(result.measured.asked.rules.every_days)
    kept = frame["key"].isin(result.frame["key"]).to_numpy()
    names = (message("In the list"), message("Not in it"))
    counts = [
        np.array([int((frame[name].to_numpy() & (kept == mark)).sum()) for name in FILTERS])
        for mark in (True, False)
    ]
    return _stacked([words[n] for n in FILTERS], names, counts, len(frame), message("Signs"))


def by_people(result: SingleThreaded) -> alt.TopLevelMixin:
    """Bars of how many people of the customer are in contact, darker where none is senior."""
    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    labels = [message("Nobody"), message("One person"), message("Two people"),
              message("Three people"), message("Four and more")]  # fmt: skip
    place = np.minimum(frame["in_contact"].to_numpy(int), 4)
    low = (frame["senior"] == 0).to_numpy()
    names = (message("Nobody senior among them"), message("Somebody senior"))
    counts = [np.bincount(place[low == mark], minlength=5) for mark in (True, False)]
    return _stacked(labels, names, counts, len(frame), message("People in contact"))


def ticks(first: pd.Timestamp, last: pd.Timestamp, most: int = 5) -> Any:
    """Ticks of an axis of days: never two on one day."""
    import altair as alt

    days = max((last - first).days, 1)
    if days > 3 * most:
        return most
    return alt.TimeIntervalStep(interval="day", step=-(-days // most))


def dated(days: list[str]) -> list[alt.DateTime]:
    """ISO days as ends of an axis that every layer of a picture reads alike."""
    import altair as alt

    parsed = [pd.Timestamp(day) for day in days]
    return [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in parsed]
