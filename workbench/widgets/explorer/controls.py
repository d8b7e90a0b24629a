"""Values as controls hold them, and back: steps and segments as lines, everything else as text.

What a control cannot hold without loss is held as YAML text, so that opening a definition in the
page never changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import LINKS, Step, step_from
from workbench.widgets.explorer.fields import Field
from workbench.widgets.segment_form import Form, Line, as_text, condition_of, form_of, lines_of

STEP_TEXTS = ("within", "after")


def shown(field: Field, value: Any) -> Any:
    """The value of a field as its control holds it."""
    if field.kind in ("steps", "segments") and not isinstance(value, list | tuple | None):
        value = [value]
    if field.kind == "steps":
        return [_shown_step(item) for item in value or ()]
    if field.kind == "step":
        return None if value is None else _shown_step(value)
    if field.kind == "segment":
        return None if value is None else _shown_segment(value)
    if field.kind == "segments":
        return [_shown_segment(item) for item in value or ()]
    if field.kind == "plain":
        return "" if value is None else as_yaml(value)
    return field.default if value is None else value


def read(field: Field, value: Any) -> Any:
    """What a control holds as the plain value of the parameter; None where nothing is set.

    Raises
    ------
    ArgumentError
        For a value that cannot be.
    """
    if field.kind == "steps":
        return [item for item in map(_read_step, value or ()) if item is not None]
    if field.kind == "step":
        return None if value is None else _read_step(value)
    if field.kind == "segment":
        return None if value is None else _read_segment(value)
    if field.kind == "segments":
        return [item for item in map(_read_segment, value or ()) if item is not None]
    if field.kind == "plain":
        return from_yaml(value, field.name) if str(value or "").strip() else None
    if field.kind == "number":
        return _number(field, value)
    if field.kind == "flag":
        return bool(value)
    text = str(value).strip() if value is not None else ""
    return text or None


def as_yaml(value: Any) -> str:
    """A plain value as YAML."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=88)
    return text.removesuffix("...\n")


def short_step(step: Step) -> Any:
    """The shortest plain form that is read back as the same step."""
    plain = step.plain()
    where = plain["where"]
    if plain["label"] == str(step.condition):
        del plain["label"]
    bare = where.get("event") if set(where) == {"event"} and set(plain) == {"where"} else None
    return bare if isinstance(bare, str) and step_from(bare) == step else plain


def _shown_step(value: Any) -> dict[str, Any]:
    try:
        step = step_from(value)
    except ArgumentError:
        return {"text": as_yaml(value)}
    held = lines_of(step.condition)
    short = short_step(step)
    plain = step.plain()
    others = set(plain) - {"label", "where", "link", *STEP_TEXTS}
    if held is None or others or not all(isinstance(plain.get(n, ""), str) for n in STEP_TEXTS):
        return {"text": as_yaml(short)}
    joined, lines = held
    named = isinstance(short, Mapping) and "label" in short
    return {
        "label": step.label if named else "", "automatic": str(step.condition),
        "joined": joined, "lines": [_shown_line(line) for line in lines],
        "link": step.link, **{name: plain.get(name, "") for name in STEP_TEXTS},
    }  # fmt: skip


def _read_step(value: Mapping[str, Any]) -> Any:
    if "text" in value:
        text = str(value["text"])
        return short_step(step_from(from_yaml(text, "step"))) if text.strip() else None
    lines = [_read_line(line) for line in value.get("lines", ())]
    if not any(line.field and line.values for line in lines):
        return None
    plain: dict[str, Any] = {"where": condition_of(lines, value.get("joined") or "all")}
    if str(value.get("label") or "").strip():
        plain["label"] = str(value["label"]).strip()
    if value.get("link") in LINKS[1:]:
        plain["link"] = value["link"]
    for name in STEP_TEXTS:
        if str(value.get(name) or "").strip():
            plain[name] = str(value[name]).strip()
    return short_step(step_from(plain))


def _shown_segment(value: Any) -> dict[str, Any]:
    try:
        segment = segment_from(value)
    except ArgumentError:
        return {"text": as_yaml(value)}
    form = form_of(segment)
    if form is None:
        return {"text": as_text(segment.plain())}
    automatic = str(segment.where)
    return {
        "name": "" if form.name == automatic else form.name, "automatic": automatic,
        "scope": form.scope, "exclude": form.exclude, "joined": form.joined,
        "lines": [_shown_line(line) for line in form.lines],
    }  # fmt: skip


def _read_segment(value: Mapping[str, Any]) -> Any:
    if "text" in value:
        text = str(value["text"])
        return segment_from(from_yaml(text, "segment")).plain() if text.strip() else None
    lines = tuple(_read_line(line) for line in value.get("lines", ()))
    if not any(line.field and line.values for line in lines):
        return None
    joined = str(value.get("joined") or "all")
    name = str(value.get("name") or "").strip()
    if not name:
        name = str(segment_from(condition_of(lines, joined)).where)
    form = Form(
        name, str(value.get("scope") or "account"), bool(value.get("exclude")), joined, lines
    )
    return form.plain()


def _shown_line(line: Line) -> dict[str, Any]:
    return {"field": line.field, "operator": line.operator, "values": list(line.values)}


def _read_line(line: Mapping[str, Any]) -> Line:
    values = tuple(str(value) for value in line.get("values", ()) if str(value) != "")
    return Line(str(line.get("field", "")), str(line.get("operator") or "="), values)


def _number(field: Field, value: Any) -> int | None:
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ArgumentError.of(field.name, value, message("a whole number")) from None


def from_yaml(text: str, argument: str) -> Any:
    """The value of a YAML text.

    Raises
    ------
    ArgumentError
        With the line that cannot be read.
    """
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = message("line {n}", n=mark.line + 1) if mark else message("the text")
        reason = getattr(problem, "problem", None) or str(problem).splitlines()[0]
        raise ArgumentError(
            message(
                "{argument}: {where} is no YAML ({reason}). Write it as in this example: {example}",
                argument=argument, where=where, reason=reason, example="where: {event: meeting}",
            )
        ) from None  # fmt: skip
