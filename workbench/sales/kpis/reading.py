"""Definitions of KPIs from a name, a file or plain mappings; everything wrong is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reasons import MISSING, UNKNOWN, Reason, reasons
from workbench.sales.kpis.record import Flag, Kpi, Version
from workbench.sales.kpis.sources import BY_NAME, DECLARED, model_of

DEFAULT = "sales"


def definitions_of(given: Any, only: Sequence[str] | str | None = None) -> tuple[Kpi, ...]:
    """The checked definitions.

    Parameters
    ----------
    given : str, Path, mapping, list or None
        A name (``parameters/kpis/NAME.yaml``), a YAML file, ``{"kpis": […]}``, one definition or
        a list of them; the shipped set when left out.
    only : str or list of str, optional
        Keys of those that are wanted.

    Raises
    ------
    ArgumentError
        With everything that is wrong, each with its place.
    """
    records, source = records_of(given)
    found: list[Kpi] = []
    wrong: list[str] = []
    for number, record in enumerate(records):
        place = _place(record, number)
        if not isinstance(record, Mapping):
            wrong.append(message("{place}: a mapping is needed.", place=place))
            continue
        try:
            found.append(Kpi.model_validate(dict(record)))
        except ValidationError as error:
            wrong += [f"{place}: {said}" for _, said in explained(error)]
    for key in sorted({k.kpi_id for k in found if sum(o.kpi_id == k.kpi_id for o in found) > 1}):
        wrong.append(message("kpi_id {key!r} stands twice.", key=key))
    if wrong:
        head = message("Definitions of KPIs in {source} cannot be used:", source=source)
        raise ArgumentError("\n".join([head, *(f"- {line}" for line in wrong)]))
    return _chosen(tuple(found), only)


def records_of(given: Any) -> tuple[list[Any], str]:
    """The plain records and where they come from."""
    if isinstance(given, Mapping):
        content: Any = dict(given)
        source = "definitions"
    elif isinstance(given, Iterable) and not isinstance(given, str | Path | bytes):
        return [item.plain() if isinstance(item, Kpi) else item for item in given], "definitions"
    else:
        path = _path(DEFAULT if given is None else given)
        content, source = shelf.read(path), path.name
    if isinstance(content, Mapping):
        if set(content) == {"kpis"} and isinstance(content["kpis"], list):
            content = content["kpis"]
        elif "kpi_id" in content or "class" in content:
            content = [dict(content)]
    if not isinstance(content, list):
        raise ArgumentError.of(
            "definitions", source, message("a list of definitions under the key kpis")
        )
    return content, source


def _path(given: Any) -> Path:
    if not isinstance(given, str | Path):
        raise ArgumentError.of(
            "definitions", given, message("a name, a YAML file, or a list of definitions")
        )
    path = Path(given).expanduser()
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise ArgumentError(message("There is no file of definitions {path}.", path=path))
        return path
    return shelf.named("kpis", str(given), "definitions")


def _place(record: Any, number: int) -> str:
    key = record.get("kpi_id") if isinstance(record, Mapping) else None
    return str(key) if key else message("definition {n}", n=number + 1)


def _reasons(error: ValidationError) -> list[Reason]:
    """Reasons without the names of the branches that pydantic puts into a place."""
    problems: list[dict[str, Any]] = []
    for problem in error.errors():
        place = list(problem["loc"])
        for at, part in enumerate(place[:-1]):
            if part == "source" and (place[at + 1] in BY_NAME or place[at + 1] == DECLARED):
                del place[at + 1]
                break
        problems.append({**problem, "loc": tuple(place), "tag": problem["loc"]})
    # An unknown measure or version key is told with what is known, so the tag is kept beside.
    tags: dict[tuple[Any, ...], Any] = {tuple(p["loc"]): p["tag"] for p in problems}
    found = reasons(problems)
    return [
        Reason(r.place, r.kind, r.needed, r.said, r.given, _known(r, tags, problems)) for r in found
    ]


def _known(
    reason: Reason, tags: Mapping[tuple[Any, ...], Any], problems: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Keys or values that would be right at the place of a reason."""
    for problem in problems:
        if problem["loc"] == reason.place and problem["type"] == "union_tag_invalid":
            return tuple(BY_NAME)
    if reason.kind != UNKNOWN:
        return reason.choices
    tag = tags.get(reason.place, reason.place)
    model: Any = Kpi
    for at, part in enumerate(tag[:-1]):
        if part == "source" and len(tag) > at + 1:
            model = model_of(str(tag[at + 1]))
            break
        model = Version if part == "versions" else Flag if part == "flag" else model
    return tuple(field.alias or name for name, field in model.model_fields.items())


def explained(error: ValidationError) -> list[tuple[str, str]]:
    """Key and sentence of everything that is wrong with one record."""
    return [
        (str(reason.place[0]) if reason.place else "", _explained(reason))
        for reason in _reasons(error)
    ]


def _explained(reason: Reason) -> str:
    if reason.kind == UNKNOWN:
        return message(
            "{place}: unknown key.{hint} Known here: {known}.",
            place=reason.path,
            hint=_hint(str(reason.place[-1]), reason.choices),
            known=", ".join(reason.choices),
        )
    if reason.kind == MISSING:
        return message("{place}: this key is needed.", place=reason.path)
    if reason.choices and isinstance(reason.given, Mapping):
        given = str(reason.given.get("measure"))
        return message(
            "{place}: {given!r} is no built-in measure.{hint} Known: {known}.",
            place=reason.path,
            given=given,
            hint=_hint(given, reason.choices),
            known=", ".join(reason.choices),
        )
    if reason.needed:
        return message(
            "{place}: {given} cannot be used.{hint} Needed: {needed}.",
            place=reason.path,
            given=reason.shown,
            hint=_hint(str(reason.given), reason.choices),
            needed=reason.needed,
        )
    return message("{place}: {reason}.", place=reason.path or message("record"),
                   reason=reason.said)  # fmt: skip


def _hint(given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given, known, n=1, cutoff=0.5)
    return message(" Did you mean {name!r}?", name=close[0]) if close else ""


def _chosen(found: tuple[Kpi, ...], only: Sequence[str] | str | None) -> tuple[Kpi, ...]:
    if only is None:
        return found
    wanted = [only] if isinstance(only, str) else list(only)
    known = [kpi.kpi_id for kpi in found]
    for key in wanted:
        if key not in known:
            raise ArgumentError.of("only", key, known)
    return tuple(kpi for kpi in found if kpi.kpi_id in wanted)
