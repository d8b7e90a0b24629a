"""Importing without what is slow and not needed here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESS_GRAMMAR = "rfc3987_syntax"


@contextmanager
def without_address_grammar() -> Iterator[None]:
    """Let jsonschema be imported as if its optional grammar of web addresses were absent.

    It would build that grammar at once, which takes seconds inside a notebook kernel; only a
    validator of addresses wants it. Altair, nbformat and papermill all import jsonschema.
    """
    known = ADDRESS_GRAMMAR in sys.modules
    if not known:
        sys.modules[ADDRESS_GRAMMAR] = None  # type: ignore[assignment] # an import of it fails
    try:
        yield
    finally:
        if not known:
            del sys.modules[ADDRESS_GRAMMAR]
