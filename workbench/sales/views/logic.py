"""Numbers of filters joined by words: ``1 AND (2 OR NOT 3)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.messages import message

DEEPEST = 50
_TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z]+)|([()]))")


@dataclass(frozen=True)
class Node:
    """A number, or words over nodes.

    Attributes
    ----------
    word : {"and", "or", "not", ""}
        Empty for a number.
    parts : tuple of Node
    number : int
        Number of the filter, from 1.
    """

    word: str = ""
    parts: tuple[Node, ...] = ()
    number: int = 0

    def sql(self, atoms: Sequence[str]) -> str:
        """The condition over the conditions of the filters, in three-valued logic."""
        if not self.word:
            return atoms[self.number - 1]
        if self.word == "not":
            return f"(NOT {self.parts[0].sql(atoms)})"
        return f"({f' {self.word.upper()} '.join(part.sql(atoms) for part in self.parts)})"

    def numbers(self) -> list[int]:
        """Every number as it is written, with repetitions."""
        return [self.number] if not self.word else [n for p in self.parts for n in p.numbers()]


class LogicError(ValueError):
    """A logic string that cannot be read; the text says why."""


def parse_logic(text: str, count: int) -> Node | None:
    """Read a logic string over `count` filters; an empty one joins all by AND.

    Returns
    -------
    Node or None
        None where there is no filter.

    Raises
    ------
    LogicError
        When the text cannot be read, or a number is unknown, repeated or not used.

    Notes
    -----
    Source: sales-pipeline.md, section 4 (every number is used exactly once). AND binds closer
    than OR.
    """
    if not text.strip():
        numbers = tuple(Node(number=n + 1) for n in range(count))
        return Node("and", numbers) if len(numbers) > 1 else (numbers or (None,))[0]
    tokens = _tokens(text)
    node, rest = _words(tokens, 0, 0)
    if rest < len(tokens):
        raise LogicError(message("{word!r} stands where AND, OR or the end is expected",
                                 word=tokens[rest]))  # fmt: skip
    _check_numbers(node.numbers(), count)
    return node


def _check_numbers(used: list[int], count: int) -> None:
    said = []
    unknown = sorted({n for n in used if not 1 <= n <= count})
    if unknown:
        said.append(
            message("there is no filter {numbers}, only 1 to {count}",
                    numbers=_listed(unknown), count=count)
            if count
            else message("there is no filter {numbers}", numbers=_listed(unknown))
        )  # fmt: skip
    repeated = sorted({n for n in used if used.count(n) > 1})
    if repeated:
        said.append(message("filter {numbers} is used more than once", numbers=_listed(repeated)))
    left = sorted(set(range(1, count + 1)) - set(used))
    if left:
        said.append(message("filter {numbers} is not used", numbers=_listed(left)))
    if said:
        raise LogicError("; ".join(said))


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _tokens(text: str) -> list[str]:
    out, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        word = "" if found is None else found[0].strip().upper()
        if found is None or (word.isalpha() and word not in ("AND", "OR", "NOT")):
            raise LogicError(
                message("{part!r} cannot be read; numbers, AND, OR, NOT and brackets can",
                        part=text[at:].strip()[:20])
            )  # fmt: skip
        out.append(word)
        at = found.end()
    return out


def _words(tokens: list[str], at: int, depth: int) -> tuple[Node, int]:
    return _joined(tokens, at, depth, "OR", lambda t, a, d: _joined(t, a, d, "AND", _single))


def _joined(
    tokens: list[str], at: int, depth: int, word: str,
    inner: Callable[[list[str], int, int], tuple[Node, int]],
) -> tuple[Node, int]:  # fmt: skip
    node, at = inner(tokens, at, depth)
    parts = [node]
    while at < len(tokens) and tokens[at] == word:
        node, at = inner(tokens, at + 1, depth)
        parts.append(node)
    return (parts[0] if len(parts) == 1 else Node(word.lower(), tuple(parts))), at


def _single(tokens: list[str], at: int, depth: int) -> tuple[Node, int]:
    if depth > DEEPEST:
        raise LogicError(message("brackets stand more than {n} deep", n=DEEPEST))
    if at >= len(tokens):
        raise LogicError(message("the end comes where a number is expected"))
    token = tokens[at]
    if token == "NOT":
        node, at = _single(tokens, at + 1, depth + 1)
        return Node("not", (node,)), at
    if token == "(":
        node, at = _words(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise LogicError(message("a bracket is not closed"))
        return node, at + 1
    if not token.isdigit():
        raise LogicError(message("{word!r} stands where a number is expected", word=token))
    return Node(number=int(token)), at + 1
