"""The picture of an account: lanes over one axis of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.journeys.timeline.labels import WIDTH, placed
from workbench.journeys.timeline.rows import RECORD, THEY, WE
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.timeline.result import Timeline

_SIDES = (THEY, WE, RECORD)
_COLOURS = (theme.ACCENT, "#E69F00", "#9AA5B1")
_MOST_DEALS = 8
_BINS = 96
_HOUR = 3_600_000_000


def draw(result: Timeline) -> alt.TopLevelMixin:
    """Milestones, opportunities, people and activity, one below the other."""
    import altair as alt

    if result.rows.empty:
        return theme.empty_chart(
            message("No event of {account} was found.", account=result.question.name)
        )
    start, end = result.span
    room = max((end - start) // 60, 12 * _HOUR)
    domain = [_local(result, np.array([t]))[0] for t in (start - room, end + room)]
    x = alt.Scale(domain=[_plain(t) for t in domain], nice=False)
    parts = [_milestones(result, x), _deals(result, x, domain), _people(result, x),
             _activity(result, x)]  # fmt: skip
    return alt.vconcat(*(part for part in parts if part is not None), spacing=10)


def _local(result: Timeline, times: np.ndarray) -> pd.DatetimeIndex:
    """Microseconds as plain times of the reporting zone, which every reader's machine keeps."""
    instants = pd.to_datetime(np.asarray(times, np.int64), unit="us", utc=True)
    return pd.DatetimeIndex(instants.tz_convert(result.question.zone).tz_localize(None))


def _plain(moment: pd.Timestamp) -> Any:
    import altair as alt

    return alt.DateTime(
        year=moment.year, month=moment.month, date=moment.day, hours=moment.hour,
        minutes=moment.minute,
    )  # fmt: skip


def _x(scale: Any, name: str = "when", title: str | None = None, labels: bool = False) -> Any:
    import altair as alt

    axis = alt.Axis(
        title=title, labels=labels, ticks=labels, domain=labels, tickCount=8, labelOverlap=True,
        labelFlush=True,
    )  # fmt: skip
    return alt.X(f"{name}:T", scale=scale, axis=axis)


def _milestones(result: Timeline, scale: Any) -> Any:
    """Marks with their names, on as many levels as they need."""
    import altair as alt

    marks = placed(result)
    if marks.empty:
        return None
    levels = max(int(marks["level"].max()) + 1, 1)
    bare = (marks["level"] < 0).any()
    marks["y"] = np.where(marks["level"] < 0, levels, marks["level"])
    marks["when"] = _local(result, marks["at"].dt.as_unit("us").astype("int64").to_numpy())
    marks["colour"] = [_colour(event) for event in marks["event"]]
    marks["day"] = [numbers.day(at, result.question.zone) for at in marks["at"]]
    marks = marks.drop(columns=["at", "level"])
    height = levels + int(bare)
    base = alt.Chart(marks).encode(
        x=_x(scale),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.5, height - 0.5], reverse=True)),
        tooltip=[
            alt.Tooltip("name:N", title=message("Milestone")),
            alt.Tooltip("day:N", title=message("Day")),
            alt.Tooltip("rows:Q", title=message("Rows")),
        ],
        color=alt.Color("colour:N", scale=None),
    )
    text: dict[str, Any] = {"fontSize": 12, "baseline": "middle"}
    layers = [base.mark_point(filled=True, size=44, opacity=1)]
    beside: tuple[tuple[str, Any, int], ...] = (("left", "left", 7), ("right", "right", -7))
    for side, align, dx in beside:
        layers.append(
            base.transform_filter(alt.datum.side == side)
            .mark_text(align=align, dx=dx, **text)
            .encode(text="label:N", color=alt.value(theme.TEXT))
        )
    return alt.layer(*layers).properties(width=WIDTH, height=20 * height)


def _colour(event: str) -> str:
    if "won" in event:
        return "#009E73"
    if "lost" in event or "churn" in event or event == "contract_ended":
        return theme.WARNING
    return theme.ACCENT if event == "first touch" else theme.TEXT


def _deals(result: Timeline, scale: Any, domain: list[pd.Timestamp]) -> Any:
    """A bar from creation to closing for each opportunity, the newest largest ones."""
    import altair as alt

    deals = result.deals
    frame = deals.frame[deals.frame["created_at"].notna()] if len(deals.frame) else deals.frame
    if not len(frame):
        return None
    first, last = (pd.Timestamp(edge) for edge in domain)
    kept = frame.sort_values(["amount", "opportunity_id"], ascending=[False, True],
                             na_position="last").head(_MOST_DEALS)  # fmt: skip
    kept = kept.sort_values(["created_at", "opportunity_id"])
    data = pd.DataFrame({"name": kept["name"].where(kept["name"].notna(), kept["opportunity_id"])})
    zone = result.question.zone
    begin = kept["created_at"].dt.tz_convert(zone).dt.tz_localize(None)
    ending = kept["closed_at"].where(kept["outcome"] != "open")
    ending = pd.to_datetime(ending, utc=True).dt.tz_convert(zone).dt.tz_localize(None)
    data["from"] = begin.clip(lower=first, upper=last)
    data["to"] = ending.fillna(last).clip(lower=first, upper=last)
    data["outcome"] = kept["outcome"]
    data = data[(begin <= last) & (ending.fillna(last) >= first)]
    if data.empty:
        return None
    said = {"won": message("won"), "lost": message("lost"), "open": message("open")}
    amount = [numbers.money(a, deals.currency) for a in kept.loc[data.index, "amount"]]
    data["words"] = [
        said[o] if a == numbers.NOTHING else f"{said[o]} · {a}"
        for o, a in zip(data["outcome"], amount, strict=True)
    ]
    data["lane"] = numbers.shortened_apart(_apart(data["name"], kept.loc[data.index]), 34)
    data["colour"] = data["outcome"].map(
        {"won": "#009E73", "lost": theme.MUTED, "open": theme.OPEN}
    )
    # A name beside a bar that ends at the edge stands inside the picture.
    late = data["to"] > first + (last - first) * 0.8
    data["at"] = data["to"].where(~late, data["from"])
    data["side"] = np.where(late, "right", "left")
    early = late & (data["from"] < first + (last - first) * 0.2)
    data.loc[early, "side"] = "inside"
    data.loc[early, "at"] = data.loc[early, "from"]
    base = alt.Chart(data).encode(
        y=alt.Y("lane:N", sort=list(data["lane"]), title=None,
                axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
        tooltip=[alt.Tooltip("name:N", title=message("Opportunity")),
                 alt.Tooltip("words:N", title=message("Outcome"))],
    )  # fmt: skip
    layers = [
        base.mark_bar(height=12).encode(
            x=_x(scale, "from"), x2="to:T", color=alt.Color("colour:N", scale=None)
        )
    ]
    beside: tuple[tuple[str, Any, int], ...] = (
        ("left", "left", 6),
        ("right", "right", -6),
        ("inside", "left", 6),
    )
    for side, align, dx in beside:
        layers.append(
            base.transform_filter(alt.datum.side == side)
            .mark_text(align=align, dx=dx, fontSize=12, color=theme.TEXT)
            .encode(x=_x(scale, "at"), text="words:N")
        )
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(22))


def _apart(names: pd.Series, lines: pd.DataFrame) -> list[str]:
    """Names, with the key behind those that occur twice."""
    twice = names.duplicated(keep=False)
    return list(names.where(~twice, names + " · " + lines["opportunity_id"]).astype(str))


def _people(result: Timeline, scale: Any) -> Any:
    """A lane a person; a dot for all rows of a few days, the larger the more."""
    import altair as alt

    rows = result.rows[result.rows["who"] != RECORD]
    if rows.empty:
        return None
    rows = rows.assign(lane=_lanes(result, rows), bin=_binned(result, rows["time"].to_numpy()))
    counts = rows.groupby(["lane", "bin", "who"], as_index=False).agg(rows=("time", "size"))
    kinds = rows.groupby(["lane", "bin", "who"])["event"].agg(_most)
    counts["events"] = kinds.to_numpy()
    counts["when"] = _local(result, counts["bin"].to_numpy())
    order = list(dict.fromkeys(_lanes(result, rows, ordered=True)))
    largest = int(counts["rows"].max())
    return (
        alt.Chart(counts.drop(columns="bin"))
        .mark_circle(opacity=0.85)
        .encode(
            x=_x(scale),
            y=alt.Y("lane:N", sort=order, title=None,
                    axis=alt.Axis(domain=False, ticks=False, labelPadding=8, grid=True)),
            yOffset=alt.YOffset("who:N", sort=[THEY, WE], scale=alt.Scale(domain=[THEY, WE])),
            size=alt.Size("rows:Q", legend=None,
                          scale=alt.Scale(domain=[0, max(largest, 4)], range=[14, 170])),
            color=side_colour(),
            tooltip=[alt.Tooltip("lane:N", title=message("Person")),
                     alt.Tooltip("when:T", title=message("From")),
                     alt.Tooltip("who:N", title=message("Who acted")),
                     alt.Tooltip("rows:Q", title=message("Rows"), format=","),
                     alt.Tooltip("events:N", title=message("Mostly"))],
        )
        .properties(width=WIDTH, height=alt.Step(13))
    )  # fmt: skip


def _most(events: pd.Series) -> str:
    counts = events.value_counts()
    return str(sorted(counts.index[counts == counts.max()])[0])


def side_colour() -> Any:
    """The colour of who acted, without a legend."""
    import altair as alt

    return alt.Color("who:N", legend=None,
                     scale=alt.Scale(domain=list(_SIDES), range=list(_COLOURS)))  # fmt: skip


def _lanes(result: Timeline, rows: pd.DataFrame, *, ordered: bool = False) -> Any:
    """The lane of each row; or all lanes, those with most rows first."""
    sizes = rows.groupby("person_id").size().reset_index(name="n")
    sizes = sizes.sort_values(["n", "person_id"], ascending=[False, True])
    kept = list(sizes["person_id"].head(result.question.people))
    lines = rows.drop_duplicates("person_id").set_index("person_id")
    names = [
        lines.at[key, "person"] if pd.isna(lines.at[key, "role"])
        else f"{lines.at[key, 'person']} · {lines.at[key, 'role']}"
        for key in kept
    ]  # fmt: skip
    twice = {name for name in names if names.count(name) > 1}
    names = [f"{n} · {k}" if n in twice else n for n, k in zip(names, kept, strict=True)]
    short = dict(zip(kept, numbers.shortened_apart(names, 36), strict=True))
    other = message_of_count("{count} more person", "{count} more people", len(sizes) - len(kept))
    nobody = message("nobody named")
    if ordered:
        more = [other] if len(sizes) > len(kept) else []
        return [*short.values(), *more, *([nobody] if rows["person_id"].isna().any() else [])]
    known = rows["person_id"].notna()
    lane = pd.Series([short.get(key, other) for key in rows["person_id"]], index=rows.index)
    return lane.where(known, nobody).astype("str")


def _size(result: Timeline) -> int:
    """Microseconds of a bin: whole days, about a hundred of them; hours in a short life."""
    start, end = result.span
    unit = 24 * _HOUR if end - start >= 72 * _HOUR else _HOUR
    return max(-(-(end - start) // (_BINS * unit)), 1) * unit


def _size_in_words(result: Timeline) -> str:
    days, hours = divmod(_size(result), 24 * _HOUR)
    if days:
        return message_of_count("Rows in {count} day", "Rows in {count} days", days)
    return message_of_count("Rows in {count} hour", "Rows in {count} hours", hours // _HOUR)


def _binned(result: Timeline, times: np.ndarray) -> np.ndarray:
    """The middle of the bin of each time."""
    (start, end), size = result.span, _size(result)
    return np.minimum(start + (times - start) // size * size + size // 2, max(end, start))


def _activity(result: Timeline, scale: Any) -> Any:
    """All rows of a few days as stacked bars."""
    import altair as alt

    rows = result.rows
    start, end = result.span
    size = _size(result)
    first = start + (rows["time"].to_numpy() - start) // size * size
    counts = (
        pd.DataFrame({"first": first, "who": rows["who"]})
        .groupby(["first", "who"], as_index=False)
        .size()
        .rename(columns={"size": "rows"})
    )
    counts["from"] = _local(result, counts["first"].to_numpy())
    counts["to"] = _local(result, np.minimum(counts["first"].to_numpy() + size, end + size // 2))
    rank = counts["who"].map({side: n for n, side in enumerate(_SIDES)})
    counts = counts.assign(rank=rank).sort_values(["first", "rank"])
    counts["top"] = counts.groupby("first")["rows"].cumsum()
    counts["bottom"] = counts["top"] - counts["rows"]
    most = int(counts["top"].max())
    ticks: dict[str, Any] = {"values": list(range(most + 1))} if most < 5 else {"tickCount": 3}
    return (
        alt.Chart(counts.drop(columns=["first", "rank"]))
        .mark_bar(binSpacing=0)
        .encode(
            x=_x(scale, "from", labels=True),
            x2="to:T",
            y=alt.Y("bottom:Q", title=_size_in_words(result),
                    axis=alt.Axis(format=",d", titleAngle=0, titleAlign="left", titleX=4,
                                  titleAnchor="end", titleY=-4, **ticks)),
            y2="top:Q",
            color=side_colour(),
            tooltip=[alt.Tooltip("from:T", title=message("From")),
                     alt.Tooltip("who:N", title=message("Who acted")),
                     alt.Tooltip("rows:Q", title=message("Rows"), format=",")],
        )
        .properties(width=WIDTH, height=90)
    )  # fmt: skip
