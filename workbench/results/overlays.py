"""Marks of annotations on a chart: behind its own marks, never a value of its own scales.

A view becomes layers: ranges, then the view as it was, then the marks of single days and their
names. The time axis is shared with its own encoding, so that it is not stretched; nothing encodes
a colour, so that legends stay; ranges lie behind, so that tooltips stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.results import numbers
from workbench.results.time_axes import Calendar, Place, TimeAxis, time_axis

if TYPE_CHECKING:
    from workbench.results.annotating import Note

_TOP = ("$schema", "config", "datasets", "data", "width", "height", "title", "autosize", "padding",
        "background", "usermeta", "name", "description", "params", "bounds", "spacing")  # fmt: skip
_LETTER, _ROW = 6.6, 14  # pixels of a letter of 11 px and of a line of names
_NARROW = 300  # a phone's plot: names that fit side by side there fit everywhere
_MOST_ROWS = 2
_MOST_NAMED = 4
_LANE, _MOST_LANES = 5, 3  # bars of ranges along the axis
_LONGEST_NAME = 26
# Fields of our own rows, which no chart has.
_UNTIL, _NAME, _TOLD = "annotation_until", "annotation_name", "annotation_told"


def laid_over(
    spec: Mapping[str, Any],
    notes: Sequence[Note],
    granularity: str = "",
    calendar: Calendar | None = None,
) -> tuple[dict[str, Any], list[Note]]:
    """Return a chart with marks of notes on every view with a time axis, and the notes drawn.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite chart; it is not changed.
    notes : sequence of Note
    granularity : str
        Length of the chart's buckets where the answer says so.
    calendar : callable, optional
        Reads names of fiscal periods.
    """
    buckets = (granularity, calendar)
    drawn: dict[int, Note] = {}
    datasets = spec.get("datasets") or {}
    out = _walked(spec, datasets, None, notes, buckets, drawn, panel=False)
    kept = [note for n, note in enumerate(notes) if n in drawn]
    return (out if kept else dict(spec)), kept


def _walked(
    view: Mapping[str, Any], datasets: Mapping[str, Any], data: Any, notes: Sequence[Note],
    buckets: tuple[str, Calendar | None], drawn: dict[int, Note], *, panel: bool,
) -> dict[str, Any]:  # fmt: skip
    data = view.get("data", data)
    out = dict(view)
    for key in ("vconcat", "hconcat", "concat"):
        if key in view:
            out[key] = [
                _walked(part, datasets, data, notes, buckets, drawn, panel=True)
                for part in view[key]
            ]
            return out
    if "spec" in view:
        out["spec"] = _walked(view["spec"], datasets, data, notes, buckets, drawn, panel=True)
        return out
    if "layer" not in view and "mark" not in view:
        return out
    if any(name in (view.get("encoding") or {}) for name in ("row", "column", "facet")):
        return out
    axis = time_axis(view, datasets, data, *buckets)
    if axis is None:
        return out
    inside = [(n, note) for n, note in enumerate(notes) if _reaches(axis, note)]
    if not inside:
        return out
    drawn.update(inside)
    return _layered(out, axis, [note for _, note in inside], panel=panel)


def _reaches(axis: TimeAxis, note: Note) -> bool:
    return bool(axis.touched(note.first, note.last))


def _layered(
    view: dict[str, Any], axis: TimeAxis, notes: list[Note], *, panel: bool
) -> dict[str, Any]:
    outer = {key: view[key] for key in _TOP if key in view}
    inner = {key: value for key, value in view.items() if key not in _TOP}
    if axis.discrete and not isinstance(axis.encoding.get("sort"), list):
        axis = _in_order(axis)
        inner = _sorted_by(inner, axis)
    behind, marks = [], []
    shape = _shape(axis, inner)
    ranges = [note for note in notes if axis.discrete or len(set(_ends(axis, note))) > 1]
    lanes = _lanes([_days(axis, note) for note in ranges])
    for note in notes:
        if note not in ranges:
            marks.append(_rule(axis, note, _ends(axis, note)[0]))
            continue
        if axis.channel == "x":
            behind.append(_band(axis, note, shape))
        marks.append(_bar(axis, note, lanes[ranges.index(note)], shape))
    flags, rows = _flags(axis, notes, outer, panel=panel)
    if _is_nameless(axis):  # another panel below shows the axis, and the names with it
        flags = []
    # Layers of their own shared encoding stay together; others stand beside ours.
    own = inner["layer"] if set(inner) == {"layer"} else [inner]
    layered = {**outer, "layer": [*behind, *own, *marks, *flags]}
    if not panel and axis.channel == "x":
        layered["config"] = _with_room(outer.get("config") or {}, rows)
    return layered


def _in_order(axis: TimeAxis) -> TimeAxis:
    encoding = {**axis.encoding, "sort": list(axis.order)}
    return TimeAxis(axis.channel, encoding, axis.places, discrete=True, order=axis.order)


def _sorted_by(part: Any, axis: TimeAxis) -> Any:
    """The same view with the order of a discrete time axis written out: two sources share it."""
    if isinstance(part, list):
        return [_sorted_by(item, axis) for item in part]
    if not isinstance(part, Mapping):
        return part
    field = axis.encoding["field"]
    out = {}
    for key, value in part.items():
        if key == axis.channel and isinstance(value, Mapping) and value.get("field") == field:
            out[key] = {**value, "sort": list(axis.order)}
        elif key in ("data", "datasets"):
            out[key] = value
        else:
            out[key] = _sorted_by(value, axis)
    return out


def _ends(axis: TimeAxis, note: Note) -> tuple[Any, Any]:
    """Values of the axis at which a note begins and ends, inside what the axis shows."""
    if axis.continuous:
        first, last = max(note.first, axis.first), min(note.last, axis.last)
        return _instant(first), _instant(last)
    touched = axis.touched(note.first, note.last)
    return touched[0].value, touched[-1].value


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _shared(axis: TimeAxis) -> dict[str, Any]:
    """The axis as the chart encodes it: the same title, scale, format and order.

    A domain that the chart has set stands once, or it would be said to conflict with itself.
    """
    shared = {key: value for key, value in axis.encoding.items() if key != "bandPosition"}
    if isinstance(shared.get("scale"), Mapping):
        shared["scale"] = {k: v for k, v in shared["scale"].items() if k != "domain"}
    return shared


def _of(axis: TimeAxis, *values: Any) -> dict[str, Any]:
    return {"values": [{axis.encoding["field"]: value} for value in values]}


def _rule(axis: TimeAxis, note: Note, value: Any) -> dict[str, Any]:
    return {
        "data": _of(axis, value),
        "mark": {"type": "rule", "color": note.colour, "strokeWidth": 1.5, "opacity": 0.85},
        "encoding": {axis.channel: _shared(axis)},
    }


def _shape(axis: TimeAxis, view: Any) -> dict[str, Any]:
    """The mark of a range: beside bars a bar, or the gaps between the chart's own would close."""
    bars = axis.discrete and '"bar"' in json.dumps(view, default=str)
    orient = "vertical" if axis.channel == "x" else "horizontal"
    return {"type": "bar", "orient": orient} if bars else {"type": "rect"}


def _band(axis: TimeAxis, note: Note, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The days of a range from top to bottom, behind the chart."""
    part = _spread(axis, note)
    whole = {"y": {"value": 0}, "y2": {"value": "height"}}
    mark = {**shape, "color": note.colour, "opacity": 0.12}
    return {**part, "mark": mark, "encoding": {**part["encoding"], **whole}}


def _bar(axis: TimeAxis, note: Note, lane: int, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The bar of a range along the axis, in a lane of its own where ranges overlap."""
    part = _spread(axis, note)
    near, far = _LANE * lane, _LANE * lane + _LANE - 1
    mark: dict[str, Any] = {**shape, "color": note.colour}
    if axis.channel == "x":
        mark |= {"yOffset": -near, "y2Offset": -far}
        beside = {"y": {"value": "height"}, "y2": {"value": "height"}}
    else:
        mark |= {"xOffset": near + 2, "x2Offset": far + 2}
        beside = {"x": {"value": "width"}, "x2": {"value": "width"}}
    return {**part, "mark": mark, "encoding": {**part["encoding"], **beside}}


def _spread(axis: TimeAxis, note: Note) -> dict[str, Any]:
    """Rows and place of a range: its first and last place, or the band of each that it touches."""
    if axis.discrete:
        touched = [place.value for place in axis.touched(note.first, note.last)]
        return {"data": _of(axis, *touched), "encoding": {axis.channel: _shared(axis)}}
    low, high = _ends(axis, note)
    return {
        "data": {"values": [{axis.encoding["field"]: low, _UNTIL: high}]},
        "encoding": {axis.channel: _shared(axis), f"{axis.channel}2": {"field": _UNTIL}},
    }


def _days(axis: TimeAxis, note: Note) -> tuple[date, date]:
    """The days that the mark of a note covers: whole buckets where there are any."""
    if axis.continuous:
        return note.first, note.last
    touched = axis.touched(note.first, note.last)
    return touched[0].first, touched[-1].last


def _lanes(ranges: Sequence[tuple[date, date]]) -> list[int]:
    """The first lane that is free for each range; what does not fit shares the last one."""
    ends: list[date] = []
    out = []
    for first, last in ranges:
        lane = next((n for n, end in enumerate(ends) if first > end), len(ends))
        lane = min(lane, _MOST_LANES - 1)
        ends[lane : lane + 1] = [last]
        out.append(lane)
    return out


def _is_nameless(axis: TimeAxis) -> bool:
    shown = axis.encoding.get("axis", {})
    return axis.channel == "x" and (shown is None or shown.get("labels") is False)


def _flags(
    axis: TimeAxis, notes: list[Note], outer: Mapping[str, Any], *, panel: bool
) -> tuple[list[dict[str, Any]], int]:
    """Names of the notes at the places where they begin, and the lines that they need."""
    grouped: dict[Any, list[Note]] = {}
    for note in notes:
        grouped.setdefault(_ends(axis, note)[0], []).append(note)
    places = sorted(grouped, key=str) if not axis.discrete else [
        place.value for place in axis.places if place.value in grouped
    ]  # fmt: skip
    width = outer.get("width")
    wide = float(width) if isinstance(width, int | float) else 0.0
    at = {value: _share_of(axis, grouped[value][0], value) for value in places}
    named = not panel and axis.channel == "x" and bool(wide) and len(notes) <= _MOST_NAMED
    texts = {value: _names(grouped[value], named=named) for value in places}
    lines = _lines(places, at, texts, wide or _NARROW)
    fits = all(_fits(at[value], texts[value], wide) for value in places)
    if named and (not fits or max(lines.values(), default=0) >= _MOST_ROWS):
        named, texts = False, {value: _names(grouped[value], named=False) for value in places}
    narrow = _lines(places, at, {v: _names(grouped[v], named=False) for v in places}, _NARROW)
    if not named:
        lines = narrow
    parts = [
        _flag(axis, value, texts[value], grouped[value], line=lines[value], panel=panel,
              right=at[value] > 0.5 and named, when=f"width >= {0.98 * wide:g}" if named else "")
        for value in places
    ]  # fmt: skip
    if named:
        parts += [
            _flag(axis, value, _names(grouped[value], named=False), grouped[value],
                  line=narrow[value], panel=panel, when=f"width < {0.98 * wide:g}")
            for value in places
        ]  # fmt: skip
    return parts, 1 + max([*lines.values(), *narrow.values()], default=0)


def _fits(at: float, text: str, wide: float) -> bool:
    """Whether a name stays over its chart: it runs to the left in the right half."""
    size = _LETTER * len(text)
    return at * wide - size > -30 if at > 0.5 else at * wide + size < wide + 30


def _names(notes: Sequence[Note], *, named: bool) -> str:
    if named:
        return " · ".join(f"{n.mark} {numbers.shortened(n.title, _LONGEST_NAME)}" for n in notes)
    if len(notes) > 3:
        return message(
            "{first} … {last}", first=notes[0].mark, last=f"{notes[-1].mark} ({len(notes)})"
        )
    return " ".join(note.mark for note in notes)


def _share_of(axis: TimeAxis, note: Note, value: Any) -> float:
    """Where on the axis a place stands, 0…1."""
    if axis.discrete:
        return (list(axis.order).index(value) + 0.5) / max(len(axis.order), 1)
    first, last = axis.places[0].first, axis.places[-1].first
    if axis.continuous:
        last = axis.last
    day = max(note.first, axis.first) if axis.continuous else _place(axis, value).first
    return (day - first).days / max((last - first).days, 1)


def _place(axis: TimeAxis, value: Any) -> Place:
    return next(place for place in axis.places if place.value == value)


def _lines(
    places: Sequence[Any], at: Mapping[Any, float], texts: Mapping[Any, str], wide: float
) -> dict[Any, int]:
    """A line for each name so that none stands on another; the last line takes what is left."""
    ends = [float("-inf")] * _MOST_ROWS
    out = {}
    for value in places:
        size = _LETTER * len(texts[value])
        begin = at[value] * wide - (size if at[value] > 0.5 else 0)
        line = next((n for n, end in enumerate(ends) if begin > end + 4), _MOST_ROWS)
        out[value] = line
        if line < _MOST_ROWS:
            ends[line] = begin + size
    return {value: min(line, _MOST_ROWS) for value, line in out.items()}


def _flag(
    axis: TimeAxis, value: Any, text: str, notes: Sequence[Note], *, line: int, panel: bool,
    right: bool = False, when: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The name of the notes that begin at a place."""
    side = "left" if axis.channel == "y" else "center"
    if ">" in when:
        side = "right" if right else "left"
    mark: dict[str, Any] = {"type": "text", "fontSize": 11, "fontWeight": 600, "align": side}
    if when:
        mark["opacity"] = {"expr": f"{when} ? 1 : 0"}
    place: dict[str, Any] = {"x": {"value": "width"}}
    if axis.channel == "x":
        # Above a chart, below the upper edge of a panel: there is no room between panels.
        place = {"y": {"value": 9 + _ROW * line if panel else -8 - _ROW * line}}
    else:
        mark["dx"] = 6 + _LANE * _MOST_LANES
    row = {axis.encoding["field"]: value, _NAME: text,
           _TOLD: "\n".join(note.told for note in notes)}  # fmt: skip
    encoding = {
        axis.channel: _shared(axis),
        **place,
        "text": {"field": _NAME, "type": "nominal"},
        "tooltip": {"field": _TOLD, "type": "nominal", "title": message("Annotation")},
    }
    flag = {"data": {"values": [row]}, "mark": mark, "encoding": encoding}
    if not panel:
        return flag
    halo = {**mark, "stroke": "white", "strokeWidth": 4, "strokeJoin": "round", "color": "white"}
    layers = [{"mark": halo, "encoding": encoding}, {"mark": mark, "encoding": encoding}]
    return {"data": flag["data"], "layer": layers}


def _with_room(config: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """The same configuration with room for the names between a legend and the chart."""
    legend = {**(config.get("legend") or {}), "offset": 10 + _ROW * rows}
    return {**config, "legend": legend}
