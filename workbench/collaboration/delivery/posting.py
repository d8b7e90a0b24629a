"""A message to a web address, as JSON that chat programs understand too."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from workbench.collaboration.delivery.parcels import Parcel, Receipt
from workbench.collaboration.delivery.targets import Target, is_here, seconds_of
from workbench.messages import message

TOKEN = "WORKBENCH_WEBHOOK_TOKEN"
TIMEOUT = "WORKBENCH_WEBHOOK_TIMEOUT"
_TRY_LATER = (408, 425, 429)
_MOST_OF_AN_ANSWER = 300


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a message goes where it was sent, or nowhere."""

    def redirect_request(self, *given: Any, **named: Any) -> None:
        """Refuse every redirect."""
        return


def post(parcel: Parcel, target: Target, environment: Mapping[str, str]) -> Receipt:
    """Send ``{"text": …, "subject": …, "key": …, …}``; any answer 2xx is a delivery.

    ``WORKBENCH_WEBHOOK_TOKEN`` goes along as a bearer token, to https or this computer only. The
    key stands in the header ``Idempotency-Key``, so that a receiver can tell a second attempt.
    """
    parts = urlsplit(target.place)
    token = environment.get(TOKEN, "").strip()
    if token and parts.scheme != "https" and not is_here(parts.hostname or ""):
        said = message(
            "{host} is not sent to: {variable} is set, and without https anybody could read it.",
            host=parts.hostname,
            variable=TOKEN,
        )
        return Receipt(target.text, False, said, True)
    body = {"text": f"*{parcel.line}*\n{parcel.text}", "subject": parcel.line, "key": parcel.key}
    request = urllib.request.Request(
        target.place,
        data=json.dumps({**body, **parcel.plain}, allow_nan=False, default=str).encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "workbench",
            "Idempotency-Key": parcel.file_key,
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
        method="POST",
    )
    opener = urllib.request.build_opener(_Stays)
    seconds = seconds_of(environment, TIMEOUT, 20.0)
    try:
        with opener.open(request, timeout=seconds) as answer:
            answer.read(_MOST_OF_AN_ANSWER)
            return Receipt(target.text, True, message("answered {code}", code=answer.status))
    except urllib.error.HTTPError as refused:
        with refused:
            return _refused(target, refused)
    except TimeoutError:
        return Receipt(target.text, False, _slow(parts.hostname, seconds))
    except (OSError, HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        if isinstance(reason, TimeoutError):
            return Receipt(target.text, False, _slow(parts.hostname, seconds))
        said = message("{host} cannot be reached: {reason}", host=parts.hostname, reason=reason)
        return Receipt(target.text, False, said)


def _refused(target: Target, answer: urllib.error.HTTPError) -> Receipt:
    host = urlsplit(target.place).hostname
    if 300 <= answer.code < 400:
        place = urlsplit(str(answer.headers.get("Location", "")))
        said = message(
            "{host} answered with a redirect ({code}) to {other}, which is not followed: write the "
            "address that is meant.",
            host=host,
            code=answer.code,
            other=place.hostname or host,
        )
        return Receipt(target.text, False, said, True)
    said = message("{host} answered {code}", host=host, code=answer.code)
    lasting = 400 <= answer.code < 500 and answer.code not in _TRY_LATER
    return Receipt(target.text, False, said, lasting)


def _slow(host: str | None, seconds: float) -> str:
    return message("{host} did not answer within {n} seconds", host=host, n=f"{seconds:g}")
