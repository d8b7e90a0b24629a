"""What is delivered, to whom, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_NOT_IN_A_NAME = re.compile(r"[^0-9A-Za-z._-]+")


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message.

    Attributes
    ----------
    name : str
        As the reader sees it; folders in it are left out.
    content : bytes
    kind : str
        Media type such as ``"application/pdf"``.
    shown_as : str
        Where given, the picture is shown in the text, which names it by ``cid:<shown_as>``.
    """

    name: str
    content: bytes
    kind: str = "application/octet-stream"
    shown_as: str = ""

    @property
    def file_name(self) -> str:
        """The name without folders and signs that are no part of a name."""
        last = re.split(r"[/\\]", self.name)[-1]
        return _NOT_IN_A_HEADER.sub("", last).strip(". ") or "attachment"


@dataclass(frozen=True)
class Parcel:
    """One message.

    Attributes
    ----------
    key : str
        The same for every attempt: whoever receives it twice can tell.
    subject : str
    text : str
        In Markdown, readable as it is.
    html : str
        The same as HTML; without it a mail has text only.
    plain : mapping
        The same as plain values, for programs that receive it.
    attachments : tuple of Attachment
    """

    key: str
    subject: str
    text: str
    html: str = ""
    plain: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    @property
    def line(self) -> str:
        """The subject as one line: nothing in it can begin a header of its own."""
        plain = self.subject.encode("utf-8", "replace").decode("utf-8")
        return _NOT_IN_A_HEADER.sub(" ", plain).strip()[:200]

    @property
    def file_key(self) -> str:
        """The key as a name of a file that lies in no other folder."""
        return _NOT_IN_A_NAME.sub("-", self.key).strip(".-")[:120] or "message"


@dataclass(frozen=True)
class Receipt:
    """What became of a message at one target.

    Attributes
    ----------
    target : str
        As it was given.
    delivered : bool
    said : str
        Where it lies now, or why it does not.
    lasting : bool
        Whether the same attempt would fail again: a wrong address, a refusal, a redirect.
    """

    target: str
    delivered: bool
    said: str
    lasting: bool = False
