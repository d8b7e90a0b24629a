"""Where definitions lie: the project first, then what is shipped.

``parameters/KIND/NAME.yaml`` is a definition that can be asked for by its name.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from workbench.errors import ArgumentError, either, listed
from workbench.messages import message

PACKAGE = Path(__file__).resolve().parent
ENDINGS = (".yaml", ".yml")


def shipped() -> Path:
    """The folder holding the shipped ``notebooks`` and ``parameters``."""
    starter = PACKAGE / "starter"
    return starter if starter.is_dir() else PACKAGE.parent


def project() -> Path:
    """The nearest folder, from the working folder upwards, that holds ``parameters``.

    A notebook below it works in a folder of its own; what is kept from there belongs to the
    project. The working folder where there is none.
    """
    here = Path.cwd()
    return next((p for p in (here, *here.parents) if (p / "parameters").is_dir()), here)


def roots() -> list[Path]:
    """Folders that are searched, nearest first."""
    here, other = project(), shipped()
    return [here] if here.resolve() == other.resolve() else [here, other]


def definitions(kind: str) -> dict[str, Path]:
    """Every definition of a kind by its name, the nearest of each name."""
    found: dict[str, Path] = {}
    for root in roots():
        for path in sorted((root / "parameters" / kind).glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def named(kind: str, name: str, argument: str, todo: str = "") -> Path:
    """The file of a definition.

    Raises
    ------
    ArgumentError
        When nothing has the name, with the closest there are.
    """
    known = definitions(kind)
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    todo = todo or message("A path to a YAML file works too.")
    hint = message(" Did you mean {names}?", names=either(map(repr, close))) if close else ""
    raise ArgumentError(
        message(
            "{argument}: nothing in parameters/{kind} is called {name!r}.{hint} Known: {known}. "
            "{todo}",
            argument=argument, kind=kind, name=name, hint=hint, known=listed(known),
            todo=todo,
        )
    )  # fmt: skip


def read(path: Path) -> Any:
    """What stands in a YAML file.

    Raises
    ------
    ArgumentError
        When it cannot be read or is no YAML, with the line.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ArgumentError(
            message("{path} is not UTF-8 text. Save it as UTF-8.", path=path)
        ) from None
    except OSError as problem:
        raise ArgumentError(
            message("{path} cannot be read: {reason}.", path=path, reason=problem.strerror)
        ) from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise ArgumentError(
            message(
                "{path} is not valid YAML{line}: {reason}.",
                path=path,
                line=message(" in line {n}", n=mark.line + 1) if mark else "",
                reason=getattr(problem, "problem", None) or message("unreadable"),
            )
        ) from None


def read_mapping(path: Path) -> dict[str, Any]:
    """What stands in a YAML file of ``key: value`` lines.

    Raises
    ------
    ArgumentError
        When it cannot be read, or holds something else.
    """
    content = read(path)
    if not isinstance(content, dict):
        raise ArgumentError(message("{path} holds no `key: value` lines.", path=path))
    return content


def as_yaml(content: Any) -> str:
    """Plain values as YAML, in their order."""
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=88))


def write(path: Path, content: Any, argument: str) -> None:
    """Write a definition whole or not at all.

    Raises
    ------
    ArgumentError
        When its folder cannot be written.
    """
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(as_yaml(content), encoding="utf-8")
        part.replace(path)
    except OSError as problem:
        allowed = message("a folder that can be written")
        raise ArgumentError.of(argument, str(path), allowed, f"{problem.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
