"""What changed in the key figures since the last run that asked the same.

A run is comparable when it is one of the same report and was asked the same: every parameter has
the same value, except those that only say when is looked, where the files lie, or what the page is
called (`NOT_ASKED`). A period is compared as it was written: "this fiscal quarter" stays the same
question when the quarter is over, 2026-01..2026-06 and 2026-01..2026-07 are two.

Of the comparable runs that look at no later day than this one, the newest is taken whose data, day,
notebook or definition files differ; one that had the very same of all of them can only have had the
same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.messages import message, message_of_count
from workbench.reports.about import mapping, shown
from workbench.reports.page import Page
from workbench.reports.snapshots import Snapshot, snapshots_of
from workbench.results import numbers
from workbench.results.intervals import difference

NOT_ASKED = ("as_of", "since", "data", "title")
_MOST_NAMED = 4
_LOOKED_BACK = 200  # runs that were asked differently before the search is given up


def asked_differently(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    """What two runs were asked differently, as ``name: before → after``; empty when the same."""
    mine, other = mapping(now.get("values")), mapping(then.get("values"))
    names = [name for name in mine if name in other and name not in NOT_ASKED]
    return [
        f"{name}: {shown(other.get(name)) or '–'} → {shown(mine.get(name)) or '–'}"
        for name in names
        if mine.get(name) != other.get(name)
    ]


def definition_changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    """Which texts that say what numbers mean are not the same any more."""
    changed = []
    mine, other = mapping(now.get("notebook")), mapping(then.get("notebook"))
    if mine.get("digest") != other.get("digest"):
        changed.append(message("the code of {name}", name=mine.get("name") or message("notebook")))
    given, taken = (mapping(facts.get("values")) for facts in (now, then))
    changed += [
        message("parameter {name}", name=name)
        for name in [*(n for n in given if n not in taken), *(n for n in taken if n not in given)]
        if name not in NOT_ASKED
    ]
    files, old = mapping(now.get("files")), mapping(then.get("files"))
    changed += [name for name in sorted({**old, **files}) if files.get(name) != old.get(name)]
    return changed


def data_changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    """Which tables hold something else, with their rows before and after."""
    mine = mapping(mapping(now.get("data")).get("tables"))
    other = mapping(mapping(then.get("data")).get("tables"))
    versions = [mapping(facts.get("versions")).get("duckdb") for facts in (now, then)]
    changed = []
    for name in sorted({**other, **mine}):
        before, after = mapping(other.get(name)), mapping(mine.get(name))
        rows = [one.get("rows") for one in (before, after)]
        other_contents = before.get("digest") != after.get("digest") and versions[0] == versions[1]
        if rows[0] != rows[1]:
            said = [numbers.NOTHING if n is None else numbers.count(n) for n in rows]
            changed.append(message("{table} {before} → {after} rows", table=name,
                                   before=said[0], after=said[1]))  # fmt: skip
        elif other_contents:
            changed.append(message("{table} (same number of rows)", table=name))
    if not mine and not other:
        marks = [mapping(facts.get("data")).get("fingerprint") for facts in (now, then)]
        changed += [message("their fingerprint")] if marks[0] != marks[1] else []
    return changed


def version_changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[str]:
    """Which libraries have another version."""
    mine, other = mapping(now.get("versions")), mapping(then.get("versions"))
    return [
        f"{name} {other[name]} → {mine[name]}"
        for name in sorted(mine)
        if name in other and mine[name] != other[name]
    ]


def some_of(names: Iterable[str]) -> str:
    """The first of a list of names, and how many there are beside."""
    listed = list(names)
    first, rest = ", ".join(listed[:_MOST_NAMED]), len(listed) - _MOST_NAMED
    if rest <= 0:
        return first
    return message_of_count("{first} and {count} more", "{first} and {count} more", rest,
                            first=first)  # fmt: skip


def last_comparable(folder: Path, facts: Mapping[str, Any]) -> tuple[Snapshot | None, str]:
    """The run to compare with, or why there is none.

    Returns
    -------
    tuple of Snapshot or None, and str
        The sentence is empty where this is the first run of the report.
    """
    same: Snapshot | None = None
    newest: Snapshot | None = None
    for number, run in enumerate(snapshots_of(folder, str(facts["name"]))):
        if not run.ok or str(run.facts.get("as_of") or "") > str(facts.get("as_of") or "~"):
            continue
        newest = newest or run
        if asked_differently(facts, run.facts):
            if number > _LOOKED_BACK:
                break
            continue
        same = same or run
        if run.facts.get("as_of") != facts.get("as_of") or _differs(facts, run.facts):
            return run, ""
    if same is not None:
        return None, message(
            "Data, definitions and day are those of the run of {instant}, so nothing changed.",
            instant=spoken(same),
        )
    if newest is not None:
        return None, message(
            "Not compared with the run of {instant}, which was asked differently ({what}).",
            instant=spoken(newest), what=some_of(asked_differently(facts, newest.facts)),
        )  # fmt: skip
    return None, ""


def _differs(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    return bool(
        data_changes(now, then) or definition_changes(now, then) or version_changes(now, then)
    )


def spoken(run: Snapshot) -> str:
    """The instant of a run as a reader sees it."""
    return f"{str(run.facts.get('made_at', ''))[:16].replace('T', ' ')} UTC"


def tell_changes(page: Page, facts: dict[str, Any], folder: Path) -> None:
    """Write into a page and its facts what changed since the last comparable run."""
    if page.failure is not None or not page.figures:
        return
    earlier, why = last_comparable(folder, facts)
    if earlier is None:
        facts["since"] = {"sentence": why} if why else {}
        _say_below(page, why)
        return
    days = [str(one.get("as_of") or "") for one in (facts, earlier.facts)]
    since = days[1] if days[1] and days[0] != days[1] else spoken(earlier)
    before = {figure["label"]: figure for figure in earlier.facts.get("figures", [])}
    estimated = False
    for figure in page.figures:
        old = before.get(figure["label"])
        if old is None or figure["change"]:
            continue
        text, interval = change_in_words(old.get("raw"), figure.get("raw"))
        figure["change"] = message("{change} since {day}", change=text, day=since) if text else ""
        estimated = estimated or interval
    for kept, figure in zip(facts["figures"], page.figures, strict=False):
        kept["change"] = figure["change"]
    sentence = _sentence(facts, earlier, since, estimated)
    facts["since"] = {
        "run": earlier.run,
        "as_of": days[1],
        "made_at": earlier.facts.get("made_at", ""),
        "data": data_changes(facts, earlier.facts),
        "definition": definition_changes(facts, earlier.facts),
        "versions": version_changes(facts, earlier.facts),
        "sentence": sentence,
    }
    _say_below(page, sentence)


def _say_below(page: Page, sentence: str) -> None:
    """Put a sentence under the first row of key figures."""
    place = next((i for i, part in enumerate(page.sections) if part.kind == "figures"), None)
    if place is not None and sentence:
        page.sections[place] = replace(page.sections[place], reading=sentence)


def _sentence(facts: Mapping[str, Any], earlier: Snapshot, since: str, estimated: bool) -> str:
    run = spoken(earlier)
    out = [
        message("Compared with {day}.", day=since) if since == run
        else message("Compared with {day} (run of {instant}).", day=since, instant=run)
    ]  # fmt: skip
    definitions = definition_changes(facts, earlier.facts)
    data, versions = data_changes(facts, earlier.facts), version_changes(facts, earlier.facts)
    out.append(
        message("The definitions changed: {what}.", what=some_of(definitions)) if definitions
        else message("The definitions are the same.")
    )  # fmt: skip
    out.append(
        message("The data changed: {what}.", what=some_of(data)) if data
        else message("The data are the same.")
    )  # fmt: skip
    if versions:
        out.append(message("Other versions: {what}.", what=some_of(versions)))
    if estimated:
        out.append(
            message(
                "Intervals of changes (95 %, Newcombe) take both runs as independent; where most "
                "of what they count is the same, a change is known better than they say."
            )
        )
    return " ".join(out)


def change_in_words(before: Any, after: Any) -> tuple[str, bool]:
    """A change of one key figure as text, and whether an interval stands in it.

    Parameters
    ----------
    before, after : mapping or None
        As `workbench.results.measured` writes them.

    Returns
    -------
    tuple of str and bool
        Empty where the two cannot be compared: unknown, of another kind, in another currency.
    """
    old, new = mapping(before), mapping(after)
    kind = new.get("kind")
    if kind != old.get("kind") or new.get("unit", "") != old.get("unit", ""):
        return "", False
    if new.get("value") is None or old.get("value") is None:
        return "", False
    gap = new["value"] - old["value"]
    if kind == "share":
        return _change_of_share(old, new, gap)
    if not gap:
        return message("unchanged"), False
    said = {
        "points": lambda: numbers.points(gap),
        "money": lambda: _signed(gap, numbers.money(abs(gap), str(new.get("unit", "")))),
        "days": lambda: _signed(gap, numbers.days(abs(gap))),
        "count": lambda: _signed(gap, numbers.count(abs(gap))),
    }.get(str(kind), lambda: _signed(gap, numbers.significant(abs(gap))))()
    relative = kind in ("money", "count") and old["value"] > 0 and abs(gap) < 10 * old["value"]
    return (
        f"{said} ({_signed(gap, numbers.share(abs(gap / old['value'])))})" if relative else said,
        False,
    )


def _change_of_share(old: dict[str, Any], new: dict[str, Any], gap: float) -> tuple[str, bool]:
    counts = [side.get(key) for side in (new, old) for key in ("numerator", "denominator")]
    if not all(isinstance(n, int) and n >= 0 for n in counts):
        return (numbers.points(gap) if gap else message("unchanged")), False
    if not gap and counts[:2] == counts[2:]:
        return message("unchanged"), False
    found = difference(*counts)  # type: ignore[arg-type]
    low, high = (f"{end * 100:+.1f}".replace("-", "−") for end in (found.low, found.high))
    text = message(
        "{points} (95 %: {low} to {high})", points=numbers.points(gap), low=low, high=high
    )
    if found.low <= 0 <= found.high:
        return message("no clear change, {points}", points=text), True
    return text, True


def _signed(gap: float, text: str) -> str:
    return f"{'+' if gap > 0 else '−'}{text}"
