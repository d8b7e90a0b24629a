"""The workspace file: which file is which table, and how rows become events."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.data.settings import Settings
from workbench.data.tables import TYPES
from workbench.errors import WorkspaceFileError
from workbench.messages import message
from workbench.reasons import MISSING, UNKNOWN, Reason, reasons

Format = Literal[
    "csv", "tsv", "parquet", "json", "jsonl", "excel", "sqlite", "duckdb", "postgres"
]  # fmt: skip
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TAKEN = ("touchpoints",)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Strict):
    """A table or a query in a database file or behind a URL."""

    path: str | None = None
    url: str | None = None
    table: str | None = None
    query: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Database:
        if (self.path is None) == (self.url is None):
            raise ValueError(message("give either path (SQLite, DuckDB) or url (PostgreSQL)"))
        if (self.table is None) == (self.query is None):
            raise ValueError(message("give either table or query"))
        return self


class TableFile(_Strict):
    """Where a table comes from and how its columns are read."""

    file: str | list[str] | None = None
    database: Database | None = None
    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    sheet: str | None = None
    vendor: str | None = None
    columns: dict[str, str] = {}
    values: dict[str, dict[str, Any]] = {}
    date_format: str | list[str] | dict[str, str | list[str]] = {}
    derive: dict[str, str] = {}
    skip_footer: bool = False
    key: str | list[str] = []
    types: dict[str, str] = {}
    references: dict[str, str] = {}
    meaning: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> TableFile:
        if (self.file is None) == (self.database is None):
            raise ValueError(message("give either file or database"))
        return self

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError(
                message(
                    "{value!r} is not known. Use a name such as utf-8, cp932, utf-16, cp1252",
                    value=value,
                )
            ) from None
        return value

    @field_validator("types")
    @classmethod
    def _known_types(cls, value: dict[str, str]) -> dict[str, str]:
        for column, kind in value.items():
            if kind not in TYPES:
                raise ValueError(
                    message(
                        "{column}: {kind!r} is not one of {known}",
                        column=column,
                        kind=kind,
                        known=", ".join(TYPES),
                    )
                )
        return value

    @property
    def files(self) -> list[str]:
        """The names or globs as a list."""
        return [self.file] if isinstance(self.file, str) else list(self.file or [])

    @property
    def keys(self) -> tuple[str, ...]:
        """The key as a tuple, empty where the file names none."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    def formats_of(self, column: str) -> list[str]:
        """Date formats given for one canonical column."""
        given = self.date_format
        found = given.get(column, []) if isinstance(given, dict) else given
        return [found] if isinstance(found, str) else list(found)


class EventColumn(_Strict):
    """Event names taken from a column's values."""

    column: str
    map: dict[str, str | None] = {}
    other: str | None = "{value}"


class Rule(_Strict):
    """Turns the rows of a table into events."""

    table: str
    event: str | EventColumn
    at: str
    where: str | None = None
    dimensions: list[str] | dict[str, str] = []
    measures: list[str] | dict[str, str] = []

    @field_validator("dimensions", "measures")
    @classmethod
    def _as_mapping(cls, value: list[str] | dict[str, str]) -> dict[str, str]:
        return value if isinstance(value, dict) else {name: name for name in value}

    @property
    def extras(self) -> dict[str, str]:
        """Dimensions and measures as new name to column."""
        given = (self.dimensions, self.measures)
        return {new: old for one in given if isinstance(one, dict) for new, old in one.items()}


class Touchpoints(_Strict):
    """The built-in rules and those of the file."""

    defaults: bool = True
    rules: list[Rule] = []


class WorkspaceFile(Settings):
    """A whole workspace file."""

    name: str
    title: str = ""
    root: str = "."
    tables: dict[str, TableFile]
    touchpoints: Touchpoints = Touchpoints()

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not re.fullmatch(r"[\w.-]{1,80}", value) or value.startswith("."):
            raise ValueError(message("use letters, digits, '_', '-' and '.' only"))
        return value

    @field_validator("tables")
    @classmethod
    def _plain_tables(cls, value: dict[str, TableFile]) -> dict[str, TableFile]:
        if not value:
            raise ValueError(message("name at least one table"))
        for table in value:
            if not NAME.fullmatch(table) or table.lower() in TAKEN:
                raise ValueError(
                    message(
                        "{table!r} cannot name a table: use letters, digits and '_'", table=table
                    )
                )
        return value

    @property
    def settings(self) -> Settings:
        """The settings alone."""
        return Settings(**{name: getattr(self, name) for name in Settings.model_fields})


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are booleans, and a key written twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    message("the key {key!r} stands twice", key=key),
                    key_node.start_mark,
                )
            if isinstance(key, str):
                seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
)


def read_workspace_file(path: Path) -> tuple[WorkspaceFile, str]:
    """Read and check a workspace file.

    Returns
    -------
    tuple
        The checked file, and its text (which belongs to the fingerprint).

    Raises
    ------
    WorkspaceFileError
        With everything that is wrong in it, each with its key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkspaceFileError(
            message("{path} is not UTF-8 text ({error}). Save it as UTF-8.", path=path, error=error)
        ) from error
    except OSError as error:
        raise WorkspaceFileError(
            message("{path} cannot be read: {error}.", path=path, error=error.strerror)
        ) from error
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise WorkspaceFileError(
            message(
                "{path} is not valid YAML: {error}",
                path=path,
                error=str(error).replace('in "<unicode string>", line', "in line"),
            )
        ) from error
    if not isinstance(content, dict):
        raise WorkspaceFileError(
            message("{path} must be a mapping with name: and tables:.", path=path)
        )
    try:
        return WorkspaceFile.model_validate(_keys_as_text(content)), text
    except ValidationError as error:
        lines = [_explained(one) for one in reasons(error.errors(), ["EventColumn"])]
        head = message("{path} cannot be used:", path=path)
        raise WorkspaceFileError("\n".join([head, *(f"- {line}" for line in lines)])) from error


def expanded(text: str) -> str:
    """Fill in ``${NAME}`` from the environment; a name that is not set is refused."""
    missing = [name for name in re.findall(r"\$\{(\w+)\}", text) if name not in os.environ]
    if missing:
        raise WorkspaceFileError(
            message(
                "{text!r} asks for the environment variable {names}, which is not set.",
                text=text,
                names=", ".join(missing),
            )
        )
    return re.sub(r"\$\{(\w+)\}", lambda found: os.environ[found[1]], text)


def _keys_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _keys_as_text(item) for key, item in value.items()}
    return [_keys_as_text(item) for item in value] if isinstance(value, list) else value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _explained(reason: Reason) -> str:
    if reason.kind == UNKNOWN:
        unknown = str(reason.place[-1])
        known = _known_keys(reason.place[:-1])
        return message(
            "{place}: unknown key.{hint} Known here: {known}.",
            place=reason.path,
            hint=_hint(unknown, known),
            known=", ".join(known),
        )
    if reason.kind == MISSING:
        return message("{place}: this key is needed.", place=reason.path)
    place = reason.path or message("file")
    if reason.needed:
        return message(
            "{place}: {given} cannot be used.{hint} Needed: {needed}.",
            place=place,
            given=reason.shown,
            hint=_hint(str(reason.given), reason.choices),
            needed=reason.needed,
        )
    shown = "" if isinstance(reason.given, (dict, BaseModel)) else f" ({reason.shown})"
    return message("{place}: {reason}{shown}.", place=place, reason=reason.said, shown=shown)


def _hint(given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given, known, n=1, cutoff=0.5)
    return message(" Did you mean {name!r}?", name=close[0]) if close else ""


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    model: Any = WorkspaceFile
    for part in location:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(part)
            model = _model_in(field.annotation) if field else model
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model_in(argument) for argument in get_args(annotation)]
    return next((model for model in found if model is not None), None)
