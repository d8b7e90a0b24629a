"""A message as files in a folder: Markdown, HTML, and the mail it would be."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from workbench.collaboration.delivery.parcels import Parcel, Receipt
from workbench.collaboration.delivery.targets import Target, folder_of
from workbench.messages import message


def put(parcel: Parcel, target: Target, root: Path) -> Receipt:
    """Write ``KEY.md`` and, where there is one, ``KEY.html`` and the attachments beside it.

    Each file is there whole or not at all; the same key again replaces the same files.
    """
    folder = folder_of(target.place, root)
    files = [(f"{parcel.file_key}.md", f"# {parcel.line}\n\n{parcel.text}\n".encode())]
    if parcel.html:
        files.append((f"{parcel.file_key}.html", parcel.html.encode("utf-8", "replace")))
    files += [(f"{parcel.file_key}-{a.file_name}", a.content) for a in parcel.attachments]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The text comes last: where it lies, everything else does.
        for name, content in reversed(files):
            _written(folder / name, content)
    except OSError as problem:
        said = message(
            "{folder} cannot be written: {reason}", folder=folder, reason=problem.strerror
        )
        return Receipt(target.text, False, said)
    return Receipt(target.text, True, str(folder / files[0][0]))


def _written(path: Path, content: bytes) -> None:
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
