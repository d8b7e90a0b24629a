"""The typed, commented parameters cell of a notebook, and the values given for it.

The cell tagged ``parameters`` holds lines like ``top: int = 20  # rows in each list``. It is read
without starting a kernel, and every given value is checked against it before anything runs.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, Optional, Union

import yaml
from pydantic import TypeAdapter, ValidationError

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reasons import reasons
from workbench.reports.kinds import check_line, impossible


class UsageError(ReportError):
    """A report was asked for in a way that cannot be understood."""

    exit_code = 2


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell.

    Attributes
    ----------
    name, annotation, help : str
        As written in the cell; `annotation` is empty when the line has none.
    default : object
        The value when it is a literal, else the source text.
    """

    name: str
    annotation: str
    default: Any
    help: str

    @property
    def type(self) -> Any:
        """The type that a given value must have."""
        if self.annotation:
            return _type_of(ast.parse(self.annotation, mode="eval").body)
        return Any if self.default is None else type(self.default)

    def __str__(self) -> str:
        kind = self.annotation or getattr(self.type, "__name__", "any")
        line = f"{self.name}: {kind} = {self.default!r}"
        return f"{line}  # {self.help}" if self.help else line


def read_parameters(notebook: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return the parameters of a notebook by name, in the order of the cell."""
    for cell in notebook.get("cells", []):
        tags = cell.get("metadata", {}).get("tags", [])
        if cell.get("cell_type") == "code" and "parameters" in tags:
            return _parse("".join(cell.get("source", "")))
    return {}


def check_values(
    known: Mapping[str, Parameter], given: Mapping[str, Any], *, where: str
) -> dict[str, Any]:
    """Return the given values in their types; refuse all unknown or mistyped ones at once."""
    problems, values = [], {}
    for name, value in given.items():
        if name not in known:
            problems.append(_unknown(name, known))
            continue
        try:
            values[name] = _checked(known[name], value)
        except ValidationError as error:
            problems.append(_mistyped(known[name], value, error))
            continue
        wrong = impossible(name, known[name].help, values[name])
        if wrong:
            problems.append(wrong)
    if problems:
        raise UsageError(_refusal(problems, known, where))
    return values


def read_assignments(known: Mapping[str, Parameter], pairs: Iterable[str]) -> dict[str, Any]:
    """Return ``key=value`` texts of a command line with each value read by its annotation."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            raise UsageError(
                message("-p {pair} is not key=value. Write for example -p top=20.", pair=pair)
            )
        values[name] = _from_text(known[name], text) if name in known else text
    return values


def _parse(source: str) -> dict[str, Parameter]:
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ReportError(
            message(
                "The parameters cell is not valid Python: line {line}, {reason}.",
                line=error.lineno,
                reason=error.msg,
            )
        ) from error
    comments = _comments(source)
    found = {}
    for node in body:
        if isinstance(node, ast.AnnAssign):
            target: ast.expr = node.target
            annotation = ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, annotation = node.targets[0], ""
        else:
            continue
        if isinstance(target, ast.Name) and node.value is not None:
            note = comments.get(node.end_lineno or 0, "")
            check_line(target.id, note)
            found[target.id] = Parameter(target.id, annotation, _literal(node.value), note)
    return found


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


_NAMES: dict[str, Any] = {
    "str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict,
    "tuple": list, "List": list, "Dict": dict, "None": None, "Any": Any, "object": Any,
}  # fmt: skip


def _type_of(node: ast.expr) -> Any:
    """Return the type an annotation stands for, read as a tree: nothing in it is ever run."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _type_of(ast.parse(node.value, mode="eval").body)
        return node.value
    if isinstance(node, ast.Name):
        return _NAMES.get(node.id, Any)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return Union[_type_of(node.left), _type_of(node.right)]  # noqa: UP007 - built at run time
    if isinstance(node, ast.Subscript):
        return _subscripted(node)
    return Any


def _subscripted(node: ast.Subscript) -> Any:
    base = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base == "Literal":
        return Literal[tuple(_literal(item) for item in inner)]
    parts = tuple(_type_of(item) for item in inner)
    if base in ("list", "List"):
        return list[parts[0]]  # type: ignore[valid-type]
    if base in ("dict", "Dict") and len(parts) == 2:
        return dict[parts[0], parts[1]]  # type: ignore[valid-type]
    if base == "Optional":
        return Optional[parts[0]]  # noqa: UP045 - built at run time
    if base == "Union":
        return Union[parts]  # noqa: UP007 - built at run time
    return _NAMES.get(base, Any)


def _checked(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, (dt.date, dt.datetime)):
        value = value.isoformat()  # YAML reads 2026-03-31 as a date; cells take text
    return TypeAdapter(parameter.type).validate_python(value, strict=True)


def _from_text(parameter: Parameter, text: str) -> Any:
    kind = parameter.type
    if kind is str:
        return text
    if kind in (int, float, bool):
        try:
            return TypeAdapter(kind).validate_python(text.strip())
        except ValidationError:
            return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    if isinstance(value, str) and isinstance(parameter.default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        _checked(parameter, value)
    except ValidationError:
        return text
    return value


def _unknown(name: str, known: Mapping[str, Parameter]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return message(
            "unknown parameter {name}, did you mean {close}?", name=repr(name), close=repr(close[0])
        )
    return message("unknown parameter {name}.", name=repr(name))


def _mistyped(parameter: Parameter, value: Any, error: ValidationError) -> str:
    reason = reasons(error.errors())[0]
    kind = parameter.annotation or parameter.type.__name__
    if reason.place:
        return message(
            "{name}={value} is not {kind}: {needed} is needed at {place}.",
            name=parameter.name,
            value=repr(value),
            kind=kind,
            needed=reason.needed,
            place=reason.path,
        )
    return message(
        "{name}={value} is not {kind}: {needed} is needed.",
        name=parameter.name,
        value=repr(value),
        kind=kind,
        needed=reason.needed,
    )


def _refusal(problems: list[str], known: Mapping[str, Parameter], where: str) -> str:
    listed = "\n".join(f"  {parameter}" for parameter in known.values())
    if not known:
        listed = "  " + message("none: no cell of the notebook is tagged 'parameters'")
    return message(
        "{where} was not run: {problems}\nIt knows:\n{listed}",
        where=where,
        problems=" ".join(problems),
        listed=listed,
    )
