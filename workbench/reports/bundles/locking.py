"""A page that shows itself until a day, and only to those who know a password."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from markupsafe import Markup, escape

from workbench.errors import ArgumentError
from workbench.messages import language, message

ROUNDS = 600_000
LEAST_PASSWORD = 8
_TEMPLATE = Path(__file__).parents[1] / "template"


def end_of(day: date) -> datetime:
    """The instant at which a copy that lasts until a day ends, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def dated(html: str, expires: date) -> str:
    """The page with the script that shows a note in its place after a day.

    Parameters
    ----------
    html : str
    expires : date
        Last day on which the page shows itself, by the reader's clock.
    """
    script = _script("expiry.js", {"end": end_of(expires).isoformat(), "note": _ended(expires)})
    return html.replace("<head>", f"<head>\n{script}", 1)


def _ended(expires: date) -> str:
    return message(
        "This copy of a report was given until {day}. Its numbers are no longer shown; ask whoever "
        "gave it to you for a new one.", day=expires.isoformat(),
    )  # fmt: skip


def check_password(password: str) -> str:
    """Refuse a password that is short, or of one kind of signs.

    Raises
    ------
    ArgumentError
        Without 8 signs, a digit and another sign (collaboration.md, 4.2).
    """
    fits = (
        len(password) >= LEAST_PASSWORD
        and re.search(r"\d", password)
        and re.search(r"[^\w\s]|_", password)
    )
    if not fits:
        raise ArgumentError.of(
            "password", message("the one given"),
            message("8 signs or more, among them a digit and one that is no letter or digit"),
        )  # fmt: skip
    return password


def locked(html: str, password: str, expires: date, *, rounds: int = ROUNDS) -> str:
    """The page behind a password: encrypted by AES-256-GCM, opened offline by the browser.

    Parameters
    ----------
    html : str
        The page that is shown to those who know the password.
    password : str
    expires : date
        The day until which the password is asked for.
    rounds : int
        Of PBKDF2 with SHA-256 from the password to the key.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(16), os.urandom(12)
    key = hashlib.pbkdf2_hmac("sha256", check_password(password).encode(), salt, rounds, 32)
    sealed = AESGCM(key).encrypt(nonce, gzip.compress(html.encode("utf-8", "replace"), 6), None)
    content = {
        "salt": _plain(salt), "nonce": _plain(nonce), "rounds": rounds,
        "end": end_of(expires).isoformat(), "note": _ended(expires),
        "wrong": message("This password does not open the page."),
        "unable": message("This browser cannot open the page: it offers no encryption here. Open "
                          "the file in a current Chrome, Edge, Firefox or Safari."),
        "opening": message("Opening …"),
    }  # fmt: skip
    page = (_TEMPLATE / "locked.html").read_text(encoding="utf-8")
    texts = {
        "language": language(), "title": message("A report behind a password"),
        "ask": message("Password"), "open": message("Open"),
        "help": message("The page opens on this computer; nothing is sent. It can be opened until "
                        "{day}.", day=expires.isoformat()),
        "scriptless": message("This page opens only where scripts may run."),
    }  # fmt: skip
    for name, text in texts.items():
        page = page.replace(f"[[{name}]]", str(escape(text)))
    return page.replace("[[sealed]]", _plain(sealed)).replace(
        "[[script]]", _script("locked.js", content)
    )


def _plain(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _script(name: str, given: dict[str, object]) -> Markup:
    text = (_TEMPLATE / name).read_text(encoding="utf-8")
    values = json.dumps(given, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(f"<script>\n{text.replace('GIVEN', values)}\n</script>")
