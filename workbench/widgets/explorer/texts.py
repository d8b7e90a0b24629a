"""A definition as YAML and as Python, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.widgets.explorer.analyses import of_definition
from workbench.widgets.explorer.controls import as_yaml, from_yaml

WIDE = 88


def definition_from(text: str) -> dict[str, Any]:
    """The definition of a YAML text.

    Raises
    ------
    ArgumentError
        For a text that is no mapping, or names an unknown analysis or parameter.
    """
    content = from_yaml(text, "definition")
    if not isinstance(content, Mapping):
        raise ArgumentError.of(
            "definition", str(content)[:60], message("a mapping such as: {example}",
            example="{analysis: fallout, steps: [a, b]}"),
        )  # fmt: skip
    definition = {"analysis": "fallout", **{str(key): value for key, value in content.items()}}
    of_definition(definition)
    return definition


def as_text(definition: Mapping[str, Any]) -> str:
    """The definition as YAML, as it stands in a parameters file."""
    return as_yaml(dict(definition))


def as_python(definition: Mapping[str, Any]) -> str:
    """The call that asks the same."""
    name = definition["analysis"]
    given = [f"{key}={value!r}" for key, value in definition.items() if key != "analysis"]
    line = f"wb.{name}({', '.join(['ws', *given])})"
    if len(line) <= WIDE:
        return line
    inside = [f"    {key}={_over_lines(value, 4)}," for key, value in definition.items()
              if key != "analysis"]  # fmt: skip
    return "\n".join([f"wb.{name}(", "    ws,", *inside, ")"])


def _over_lines(value: Any, indent: int) -> str:
    text = repr(value)
    if len(text) + indent + 16 <= WIDE or not isinstance(value, list):
        return text
    inner = " " * (indent + 4)
    rows = "".join(f"{inner}{item!r},\n" for item in value)
    return f"[\n{rows}{' ' * indent}]"
