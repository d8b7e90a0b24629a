"""Large texts inside a page, deflated: a browser inflates them itself, also from a file.

Read in scripts by ``unpacked`` of ``packing.js`` (`DecompressionStream`, known to every browser
since 2023); a page must be readable without them.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def packed(text: str) -> str:
    """A text as base64 of raw deflate."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = deflate.compress(text.encode("utf-8", "replace")) + deflate.flush()
    return base64.b64encode(content).decode("ascii")


def unpacked(text: str) -> str:
    """The text that `packed` was given.

    Raises
    ------
    ValueError
        For anything else.
    """
    try:
        return zlib.decompress(base64.b64decode(text, validate=True), -15).decode("utf-8")
    except zlib.error as error:
        raise ValueError(str(error)) from error


def packed_json(content: Any) -> str:
    """Plain values as `packed` JSON."""
    return packed(json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str))
