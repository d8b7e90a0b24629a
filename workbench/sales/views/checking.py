"""Everything that is wrong with a definition, said at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from workbench.errors import AbsentError, ArgumentError, either, listed
from workbench.messages import message, message_of_count
from workbench.reasons import MISSING, UNKNOWN, Reason, reasons

Model = TypeVar("Model", bound=BaseModel)


class Findings:
    """Collects what is wrong with a definition, and what these data do not hold.

    Attributes
    ----------
    wrong : list of str
        What no data would make right.
    absent : list of str
        What other data could answer.
    """

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.absent: list[str] = []

    def add(self, place: str, said: str) -> None:
        """Note a mistake at a place of the definition."""
        self._note(self.wrong, place, said)

    def lacks(self, place: str, said: str) -> None:
        """Note something that these data do not hold."""
        self._note(self.absent, place, said)

    def _note(self, where: list[str], place: str, said: str) -> None:
        line = f"{place}: {said}" if place else said
        if line not in where:
            where.append(line)

    def stop(self, what: str) -> None:
        """Refuse the definition when anything was found.

        Raises
        ------
        AbsentError
            When all that was found is absent from these data.
        ArgumentError
            When something is wrong with the definition itself.
        """
        found = [*self.wrong, *self.absent]
        if not found:
            return
        count = message_of_count("{count} finding", "{count} findings", len(found))
        lines = "".join(f"\n- {line if line[-1] in '.?' else f'{line}.'}" for line in found)
        if self.wrong:
            raise ArgumentError(
                message("{what} cannot be used, {count}:{lines}", what=what, count=count,
                        lines=lines)
            )  # fmt: skip
        raise AbsentError(
            message("{what} cannot be answered from these data, {count}:{lines}", what=what,
                    count=count, lines=lines)
        )  # fmt: skip


def unknown_name(name: object, known: Iterable[object]) -> str:
    """What is said of a name that nothing answers to, the closest known ones first."""
    names = [str(item) for item in known]
    close = get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return message(
            "{name!r} is not known. Did you mean {close}?",
            name=name,
            close=either(map(repr, close)),
        )
    return message("{name!r} is not known, allowed: {known}", name=name, known=listed(names))


def validated(model: type[Model], given: Any, findings: Findings, keys: Iterable[str]) -> Any:
    """The model of a mapping, with every reason noted why its form is wrong.

    What is wrong is left out and the rest read again, so that the rest can be checked as well;
    None where even that cannot be read.

    Parameters
    ----------
    model : type
    given : object
        What stands in the file.
    findings : Findings
        Where reasons are noted.
    keys : iterable of str
        Every key that means something anywhere in the model, for proposals.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        names = [name.__name__ for name in _models(model)]
        found = reasons(error.errors(), names)
        for reason in found:
            place = ".".join(str(p + 1) if isinstance(p, int) else str(p) for p in reason.place)
            findings.add(place, _said(reason, list(keys)))
        return _read_again(model, given, found)


def _read_again(model: type[Model], given: Any, found: list[Reason]) -> Any:
    if not isinstance(given, Mapping):
        return None
    kept = dict(given)
    for reason in found:
        if len(reason.place) == 1 or not reason.place:
            kept.pop(reason.place[0] if reason.place else "", None)
            continue
        kept.pop(reason.place[0], None)
        if reason.place[0] == "filters":
            kept.pop("logic", None)  # its numbers mean nothing without them
    try:
        return model.model_validate(kept)
    except ValidationError:
        return None


def keys_of(*models: type[BaseModel]) -> list[str]:
    """Every key of some models and of the models inside them."""
    return sorted({key for model in models for inner in _models(model) for key in _keys(inner)})


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    found = [model]
    for field in model.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            part = waiting.pop()
            waiting.extend(getattr(part, "__args__", ()))
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                found += [inner for inner in _models(part) if inner not in found]
    return found


def _said(reason: Reason, keys: list[str]) -> str:
    if reason.kind == UNKNOWN:
        return message("this key means nothing; {said}", said=unknown_name(reason.place[-1], keys))
    if reason.kind == MISSING:
        return message("this key is needed")
    if reason.said:
        return reason.said
    return message("{given} cannot be used, {needed} is needed", given=reason.shown,
                   needed=reason.needed)  # fmt: skip
