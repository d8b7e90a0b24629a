"""Parts of the form for partner leads as HTML: what is known, what can be copied, what is wrong."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from workbench.messages import message

_COPY = (
    "const f=this.previousElementSibling;f.select();"
    "navigator.clipboard?navigator.clipboard.writeText(f.value):document.execCommand('copy')"
)


def known_html(known: Sequence[tuple[str, str]], contact: Mapping[str, str]) -> str:
    """What is known of a lead as a table, and fields from which its addresses are copied.

    Parameters
    ----------
    known : sequence of (str, str)
        Names and texts.
    contact : mapping
        ``email`` and ``phone`` as programs take them; empty where they are not shown.
    """
    lines = "".join(
        f"<tr><td style='padding-right:12px'>{html.escape(name)}</td>"
        f"<td><bdi>{html.escape(text)}</bdi></td></tr>"
        for name, text in known
    )
    doubt = message(
        "Validity says that somebody can be reached, not who it is or whether the interest is real."
    )
    return f"<table>{lines}</table>{_copies(contact)}<p>{html.escape(doubt)}</p>"


def _copies(contact: Mapping[str, str]) -> str:
    names = {"email": message("Copy the mail address"), "phone": message("Copy the number")}
    return "".join(
        f"<p><input readonly size='34' aria-label='{html.escape(names[name])}' "
        f"value='{html.escape(value)}' onfocus='this.select()'> <button type='button' "
        f'onclick="{_COPY}">{html.escape(names[name])}</button></p>'
        for name, value in contact.items()
    )


def alert(text: str, *, beside: bool = False) -> str:
    """A refusal, below the field that it is about or on its own."""
    place = "margin:0 0 6px 216px;line-height:1.3;max-width:480px;" if beside else ""
    return f"<p role='alert' style='{place}color:#b3261e'>{html.escape(text)}</p>"
