"""Who is mentioned in a comment: ``@first``, ``@last``, ``@"First Last"`` or ``@mail@address``.

Source: collaboration.md, section 3 (mentions; they give no access).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.errors import ArgumentError
from workbench.messages import message

# Not inside a word or a mail address, and not after a backslash.
_MENTION = re.compile(
    r"(?<![\w\\.@])@(?:\"([^\"\n]{1,100})\"|([\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w-]+))"
)


@dataclass(frozen=True)
class Person:
    """Somebody who can be mentioned.

    Attributes
    ----------
    name : str
        As the notice names him.
    email : str
        Empty where it is not known.
    """

    name: str
    email: str = ""

    def answers_to(self, word: str) -> bool:
        """Whether a word is his name, a part of it, or his mail address."""
        wanted = word.casefold()
        parts = {self.name.casefold(), *self.name.casefold().split()}
        return wanted in parts or bool(self.email and wanted == self.email.casefold())


def mentioned(text: str, people: Iterable[Person]) -> list[Person]:
    """Return who is mentioned, each once, in the order of the text.

    Parameters
    ----------
    text : str
    people : iterable of Person
        Everybody who is known.

    Raises
    ------
    ArgumentError
        For a mention of nobody, or of several people.
    """
    known = list(people)
    found: dict[Person, None] = {}
    for match in _MENTION.finditer(text):
        word = match[1] or match[2]
        meant = [person for person in known if person.answers_to(word)]
        exact = [person for person in meant if person.name.casefold() == word.casefold()]
        meant = exact or meant
        if len(meant) > 1:
            raise ArgumentError(
                message(
                    "@{word} may be {names}. Write the whole name as @\"First Last\", or the mail "
                    "address; nothing was kept.",
                    word=word, names=", ".join(sorted(_shown(person) for person in meant)),
                )
            )  # fmt: skip
        if not meant:
            raise ArgumentError.of(
                "text", f"@{word}", [person.name for person in known],
                message("Nobody here has this name; write \\@ for a sign that calls nobody."),
            )  # fmt: skip
        found[meant[0]] = None
    return list(found)


def _shown(person: Person) -> str:
    return f"{person.name} <{person.email}>" if person.email else person.name
