"""A small language of formulas: read as a tree, written as SQL with bound values, never run.

Names are fields (or measures), ``accounts.industry`` or, with any signs, in back quotes. Texts
stand in single quotes. ``+ - * / %``, comparisons, AND, OR, NOT, brackets, and `FUNCTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from workbench.messages import message
from workbench.sales.views.checking import unknown_name

LONGEST, DEEPEST = 2_000, 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*')|(?P<quoted>`[^`]+`)"
    r"|(?P<name>[^\W\d][\w.]*)|(?P<sign><=|>=|!=|<>|[-+*/%()=<>,]))"
)
_SIGNS = {"=": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class FormulaError(ValueError):
    """A formula that cannot be read; the text says why."""


@dataclass(frozen=True)
class Part:
    """A node of a formula.

    Attributes
    ----------
    kind : {"value", "name", "call", "sign"}
    word : str
        The name, the function or the sign.
    parts : tuple of Part
    value : object
        A number or a text.
    """

    kind: str
    word: str = ""
    parts: tuple[Part, ...] = ()
    value: Any = None

    def names(self) -> list[str]:
        """Every name in the order in which it is written."""
        own = [self.word] if self.kind == "name" else []
        return [*own, *(name for part in self.parts for name in part.names())]


# Name: fewest and most arguments, SQL. {today} is bound by `to_sql`.
FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "if": (3, 3, "CASE WHEN {0} THEN {1} ELSE {2} END"),
    "coalesce": (1, 20, "coalesce({all})"),
    "first_known": (1, 20, "coalesce({all})"),
    "is_empty": (1, 1, "({0} IS NULL OR trim(({0})::VARCHAR) = '')"),
    "abs": (1, 1, "abs({0})"),
    "round": (1, 2, "round({all})"),
    "floor": (1, 1, "floor({0})"),
    "ceil": (1, 1, "ceil({0})"),
    "least": (1, 20, "least({all})"),
    "greatest": (1, 20, "greatest({all})"),
    "lower": (1, 1, "lower({0})"),
    "upper": (1, 1, "upper({0})"),
    "trim": (1, 1, "trim({0})"),
    "length": (1, 1, "length({0})"),
    "contains": (2, 2, "contains({0}, {1})"),
    "year": (1, 1, "year(({0})::DATE)"),
    "month": (1, 1, "month(({0})::DATE)"),
    "date": (1, 1, "({0})::DATE"),
    "days_between": (2, 2, "date_diff('day', ({0})::DATE, ({1})::DATE)"),
    "days_since": (1, 1, "date_diff('day', ({0})::DATE, {today})"),
    "days_until": (1, 1, "date_diff('day', {today}, ({0})::DATE)"),
    "today": (0, 0, "{today}"),
}


def parse_formula(text: str) -> Part:
    """Read a formula.

    Raises
    ------
    FormulaError
        With a sentence that says which part cannot be read.
    """
    if len(text) > LONGEST:
        raise FormulaError(message("a formula has at most {n} signs", n=f"{LONGEST:,}"))
    tokens = _tokens(text)
    part, at = _either(tokens, 0, 0)
    if at < len(tokens):
        raise FormulaError(
            message("{word!r} stands where a sign or the end is expected", word=tokens[at][1])
        )
    return part


def _tokens(text: str) -> list[tuple[str, str]]:
    out, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise FormulaError(message("{part!r} cannot be read", part=text[at:].strip()[:20]))
        kind = str(found.lastgroup)
        word = found[kind]
        if kind == "name" and word.upper() in ("AND", "OR", "NOT"):
            kind, word = "sign", word.upper()
        out.append((kind, word))
        at = found.end()
    return out


Tokens = list[tuple[str, str]]


def _level(
    inner: Callable[[Tokens, int, int], tuple[Part, int]], signs: tuple[str, ...], most: int = 10**6
) -> Callable[[Tokens, int, int], tuple[Part, int]]:
    def read(tokens: Tokens, at: int, depth: int) -> tuple[Part, int]:
        part, at = inner(tokens, at, depth)
        done = 0
        while at < len(tokens) and tokens[at][0] == "sign" and tokens[at][1] in signs:
            if done == most:
                raise FormulaError(message("a comparison stands beside another one; use AND"))
            sign = tokens[at][1]
            other, at = inner(tokens, at + 1, depth)
            part, done = Part("sign", sign, (part, other)), done + 1
        return part, at

    return read


def _unary(tokens: Tokens, at: int, depth: int) -> tuple[Part, int]:
    if at < len(tokens) and tokens[at] == ("sign", "-"):
        part, at = _unary(tokens, at + 1, _deeper(depth))
        return Part("sign", "negative", (part,)), at
    return _atom(tokens, at, depth)


def _atom(tokens: Tokens, at: int, depth: int) -> tuple[Part, int]:
    if at >= len(tokens):
        raise FormulaError(message("the end comes where a value is expected"))
    kind, word = tokens[at]
    if kind == "number":
        return Part("value", value=float(word) if "." in word else int(word)), at + 1
    if kind == "text":
        return Part("value", value=word[1:-1].replace("''", "'")), at + 1
    if kind == "quoted":
        return Part("name", word[1:-1]), at + 1
    if kind == "name":
        if at + 1 < len(tokens) and tokens[at + 1] == ("sign", "("):
            return _call(tokens, at, depth)
        if word.lower() in ("true", "false"):
            return Part("value", value=word.lower() == "true"), at + 1
        return Part("name", word), at + 1
    if word == "(":
        part, at = _either(tokens, at + 1, _deeper(depth))
        return part, _closed(tokens, at)
    raise FormulaError(message("{word!r} stands where a value is expected", word=word))


def _call(tokens: Tokens, at: int, depth: int) -> tuple[Part, int]:
    name = tokens[at][1].lower()
    if name not in FUNCTIONS:
        raise FormulaError(unknown_name(tokens[at][1], FUNCTIONS))
    parts: list[Part] = []
    at += 2
    while at < len(tokens) and tokens[at] != ("sign", ")"):
        part, at = _either(tokens, at, _deeper(depth))
        parts.append(part)
        if at < len(tokens) and tokens[at] == ("sign", ","):
            at += 1
        elif at < len(tokens) and tokens[at] != ("sign", ")"):
            raise FormulaError(message("{word!r} stands where a comma is expected",
                                       word=tokens[at][1]))  # fmt: skip
    fewest, most, _ = FUNCTIONS[name]
    if not fewest <= len(parts) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest}–{most}"
        raise FormulaError(message("{name} takes {wanted} values, not {n}", name=name,
                                   wanted=wanted, n=len(parts)))  # fmt: skip
    return Part("call", name, tuple(parts)), _closed(tokens, at)


def _closed(tokens: Tokens, at: int) -> int:
    if at >= len(tokens) or tokens[at] != ("sign", ")"):
        raise FormulaError(message("a bracket is not closed"))
    return at + 1


def _deeper(depth: int) -> int:
    if depth >= DEEPEST:
        raise FormulaError(message("brackets stand more than {n} deep", n=DEEPEST))
    return depth + 1


def _denied(tokens: Tokens, at: int, depth: int) -> tuple[Part, int]:
    if at < len(tokens) and tokens[at] == ("sign", "NOT"):
        part, at = _denied(tokens, at + 1, _deeper(depth))
        return Part("sign", "NOT", (part,)), at
    return _compared(tokens, at, depth)


_product = _level(_unary, ("*", "/", "%"))
_sum = _level(_product, ("+", "-"))
_compared = _level(_sum, tuple(_SIGNS), most=1)
_both = _level(_denied, ("AND",))
_either = _level(_both, ("OR",))


def to_sql(
    part: Part, field: Callable[[str], str], bind: Callable[[Any], str], today: date
) -> str:  # fmt: skip
    """The formula as SQL.

    Parameters
    ----------
    part : Part
    field : callable
        SQL of a name; may raise `LookupError` inside ``first_known``.
    bind : callable
        Takes a value, returns the place that stands for it.
    today : date
        Day of the reporting zone that is looked at.
    """
    if part.kind == "value":
        return f"{bind(part.value)}::{_type(part.value)}"
    if part.kind == "name":
        return field(part.word)
    if part.kind == "call":
        parts = _known(part, field, bind, today) if part.word == "first_known" else [
            to_sql(inner, field, bind, today) for inner in part.parts
        ]  # fmt: skip
        template = FUNCTIONS[part.word][2]
        now = f"{bind(today)}::DATE" if "{today}" in template else ""
        return template.format(*parts, all=", ".join(parts), today=now)
    inner = [to_sql(p, field, bind, today) for p in part.parts]
    if part.word == "negative":
        return f"(-{inner[0]})"
    if part.word == "NOT":
        return f"(NOT {inner[0]})"
    if part.word == "/":
        return f"({inner[0]} / nullif({inner[1]}, 0))"
    return f"({inner[0]} {_SIGNS.get(part.word, part.word)} {inner[1]})"


def _known(
    part: Part, field: Callable[[str], str], bind: Callable[[Any], str], today: date
) -> list[str]:  # fmt: skip
    out, missing = [], None
    for inner in part.parts:
        try:
            out.append(to_sql(inner, field, bind, today))
        except LookupError as problem:
            missing = problem
    if not out and missing is not None:
        raise missing
    return out


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return {int: "BIGINT", float: "DOUBLE"}.get(type(value), "VARCHAR")
