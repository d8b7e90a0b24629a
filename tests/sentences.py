"""Raw sentences on their way to a reader, found in the syntax tree of the package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house import modules, named, tree_of

DOORS = {"message", "message_of_count", "marked"}
ROOT_CLASS = "WorkbenchError"
OTHER_CLASSES = {"ValueError", "ArgumentTypeError", "ConstructorError", "Finding"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def error_classes(paths: Iterable[Path]) -> set[str]:
    """Every class that stems from the root of the refusals, and others that reach a reader."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    }
    found = {ROOT_CLASS}
    while grown := {name for name, above in bases.items() if above & found} - found:
        found |= grown
    return found | OTHER_CLASSES


def raw_refusals(path: Path, classes: set[str]) -> list[str]:
    """Places in a module where a raw sentence is handed to an error class.

    A name is followed to what it was given in the same function or at the top of the module, and
    a parameter that a function hands on to an error class is looked at where it is called.
    """
    tree = tree_of(path)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    wanted: list[tuple[ast.expr, bool]] = []
    for call in _calls(tree):
        wanted += _handed_over(call, classes)
    seen: set[int] = set()
    lines: set[int] = set()
    while wanted:
        value, short = wanted.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        lines |= {node.lineno for node in _raw(value, short)}
        for name in _names(value):
            wanted += [(given, short) for given in _given(tree, functions, name)]
    return [f"{named(path)}:{line}" for line in sorted(lines)]


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _handed_over(call: ast.Call, classes: set[str]) -> list[tuple[ast.expr, bool]]:
    """Arguments of an error class, with whether a single word is a text for a reader as well."""
    keywords = [keyword.value for keyword in call.keywords]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "of":
        if _name(call.func.value) not in classes:
            return []
        # The argument's own name comes first, then its value, which a caller wrote, then texts.
        _, *given = call.args
        written = [one for one in given[:1] if not isinstance(one, ast.Name)]
        return [(one, False) for one in written] + [(one, True) for one in [*given[1:], *keywords]]
    if _name(call.func) not in classes:
        return []
    return [(given, False) for given in [*call.args, *keywords]]


def _raw(node: ast.AST, short: bool) -> Iterator[ast.expr]:
    """Texts below a node that no door was asked about."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            for given in [node.func.value, *node.args]:
                yield from _raw(given, False)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and is_sentence(node.value, short):
            yield node
    elif isinstance(node, ast.JoinedStr):
        if is_sentence("".join(map(_filled, node.values)), False):
            yield node
    elif isinstance(node, ast.IfExp):
        yield from _raw(node.body, short)
        yield from _raw(node.orelse, short)
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        for child in ast.iter_child_nodes(node):
            yield from _raw(child, short)


def is_sentence(text: str, short: bool = False) -> bool:
    """Whether a text has words for a reader: several, or one where `short` texts are read."""
    several = re.search(r"[A-Za-z]{2}[,;:]? | [A-Za-z]{2}", text.strip()) is not None
    return several or (short and text.isalpha())


def _filled(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "0"


def _names(node: ast.AST) -> Iterator[ast.Name]:
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*_names(node.body), *_names(node.orelse))
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        for child in ast.iter_child_nodes(node):
            yield from _names(child)


def _given(tree: ast.Module, functions: list[Function], name: ast.Name) -> Iterator[ast.expr]:
    """What a name may hold: assignments around it, and what callers hand over for it."""
    inside = [f for f in functions if f.lineno <= name.lineno <= (f.end_lineno or 0)]
    own = max(inside, key=lambda f: f.lineno) if inside else None
    if own is not None:
        held = list(_assigned(ast.walk(own), name.id))
        if held:
            yield from held
            return
        places = [argument.arg for argument in own.args.args]
        if name.id in places or name.id in [a.arg for a in own.args.kwonlyargs]:
            yield from _from_callers(tree, own, name.id, places)
            return
    yield from _assigned(iter(tree.body), name.id)


def _assigned(nodes: Iterator[ast.AST], name: str) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
                yield node.value
        elif (
            isinstance(node, ast.AnnAssign | ast.AugAssign)
            and node.value is not None
            and isinstance(node.target, ast.Name)
            and node.target.id == name
        ):
            yield node.value


def _from_callers(
    tree: ast.Module, own: Function, name: str, places: list[str]
) -> Iterator[ast.expr]:
    for call in _calls(tree):
        if _name(call.func) != own.name:
            continue
        skipped = int(isinstance(call.func, ast.Attribute) and places[:1] in (["self"], ["cls"]))
        for place, given in zip(places[skipped:], call.args, strict=False):
            if place == name:
                yield given
        yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def package() -> list[Path]:
    """Every module of the package."""
    return modules("workbench")
