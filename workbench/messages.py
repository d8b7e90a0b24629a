"""The one door through which every sentence for a reader passes.

Sentences are written in English in the code and looked up in the gettext catalogues below
``workbench/locale``. Values are filled in after the look-up, so a catalogue can move them.
"""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

LOCALE_DIRECTORY = Path(__file__).parent / "locale"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("workbench", LOCALE_DIRECTORY, languages=[language], fallback=True)


def language() -> str:
    """The reader's language: ``WORKBENCH_LANGUAGE``, English when it is not set."""
    return os.environ.get("WORKBENCH_LANGUAGE", "en")


def message(text: str, /, **values: object) -> str:
    """Return `text` in the reader's language with ``{name}`` places filled from `values`."""
    translated = _catalogue(language()).gettext(text)
    return translated.format(**values) if values else translated


def marked(text: str) -> str:
    """Return `text` as it is: it is looked up later, and extraction finds it here."""
    return text


def message_of_count(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the singular or plural sentence for `count`; ``{count}`` holds the number."""
    translated = _catalogue(language()).ngettext(one, many, count)
    return translated.format(**{"count": f"{count:,}", **values})
