"""A message as e-mail: built whole, handed to an SMTP server, one mail for each address."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime, formataddr
from functools import partial

from workbench.collaboration.delivery.parcels import Parcel, Receipt
from workbench.collaboration.delivery.targets import Target, address, is_here, seconds_of
from workbench.errors import ArgumentError
from workbench.messages import message

SECURITY = ("starttls", "tls", "none")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PREFIX = "WORKBENCH_SMTP_"


@dataclass(frozen=True)
class Server:
    """How mail is handed over, as the environment says it.

    Attributes
    ----------
    host : str
        ``WORKBENCH_SMTP_HOST``.
    port : int
        ``WORKBENCH_SMTP_PORT``; 587, 465 or 25 by the security.
    security : {"starttls", "tls", "none"}
        ``WORKBENCH_SMTP_SECURITY``; STARTTLS when left out. ``none`` sends in the clear and never
        with a password, except to this computer itself.
    user, password : str
        ``WORKBENCH_SMTP_USER``, ``WORKBENCH_SMTP_PASSWORD``.
    sender : str
        ``WORKBENCH_SMTP_FROM``; the user when left out.
    seconds : float
        ``WORKBENCH_SMTP_TIMEOUT``: how long each answer is waited for.
    """

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    seconds: float

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Server:
        """Read the environment.

        Raises
        ------
        ArgumentError
            When a variable is missing or cannot be used. A password is never repeated.
        """

        def said(name: str) -> str:
            return environment.get(_PREFIX + name, "").strip()

        host, user, password = said("HOST"), said("USER"), said("PASSWORD")
        security = said("SECURITY").lower() or "starttls"
        if not host:
            raise ArgumentError.of(
                f"{_PREFIX}HOST", "", message("the name of an SMTP server in the environment")
            )
        if security not in SECURITY:
            raise ArgumentError.of(f"{_PREFIX}SECURITY", security, SECURITY)
        port = said("PORT") or str(_PORTS[security])
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ArgumentError.of(f"{_PREFIX}PORT", port, message("a number from 1 to 65535"))
        if password and security == "none" and not is_here(host):
            raise ArgumentError.of(
                f"{_PREFIX}SECURITY", security, message("'starttls' or 'tls' with a password")
            )
        sender = address(said("FROM") or user, f"{_PREFIX}FROM")
        seconds = seconds_of(environment, f"{_PREFIX}TIMEOUT", 20.0)
        return cls(host, int(port), security, user, password, sender, seconds)

    @contextmanager
    def opened(self) -> Iterator[smtplib.SMTP]:
        """A session that is ready for mail."""
        wait, context = self.seconds, ssl.create_default_context()
        if self.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=wait, context=context
            )
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=wait)
        try:
            if self.security == "starttls":
                session.starttls(context=context)
            if self.user and self.password:
                session.login(self.user, self.password)
            yield session
        finally:
            session.close()


def built(parcel: Parcel, sender: str, receiver: str, when: str = "") -> EmailMessage:
    """The mail: text, the same as HTML with its pictures, attachments.

    Every attempt carries the same ``Message-ID``, by which mailboxes know a second copy.
    """
    mail = EmailMessage(policy=SMTP_LINES)
    mail["Subject"] = parcel.line
    mail["From"] = formataddr(("Workbench", sender))
    mail["To"] = receiver
    mail["Message-ID"] = f"<{parcel.file_key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if when:
        mail["Date"] = when
    mail.set_content(_sendable(parcel.text))
    shown = [a for a in parcel.attachments if a.shown_as]
    if parcel.html:
        mail.add_alternative(_sendable(parcel.html), subtype="html")
        page = mail.get_payload()[1]  # type: ignore[index]
        for picture in shown:
            main, _, sub = picture.kind.partition("/")
            page.add_related(  # type: ignore[union-attr]
                picture.content, main, sub, cid=f"<{picture.shown_as}>",
                filename=picture.file_name, disposition="inline",
            )  # fmt: skip
    for attached in parcel.attachments:
        if not parcel.html or not attached.shown_as:
            main, _, sub = attached.kind.partition("/")
            mail.add_attachment(
                attached.content, maintype=main, subtype=sub, filename=attached.file_name
            )
    return mail


def mail_all(
    parcel: Parcel, targets: Sequence[Target], environment: Mapping[str, str]
) -> list[Receipt]:
    """One mail for each address over one session; each address has its own receipt."""
    from datetime import UTC, datetime

    failed = partial(_failed, targets)
    try:
        server = Server.of(environment)
    except ArgumentError as refused:
        return failed(str(refused), lasting=True)
    host, when = f"{server.host}:{server.port}", format_datetime(datetime.now(UTC))
    receipts: list[Receipt] = []
    try:
        with server.opened() as session:
            for target in targets:
                receipts.append(_sent(session, built(parcel, server.sender, target.place, when),
                                      server.sender, target))  # fmt: skip
    except smtplib.SMTPAuthenticationError:
        return failed(message("{host} refuses the user or the password", host=host), lasting=True)
    except smtplib.SMTPNotSupportedError:
        said = message(
            "{host} offers no {wanted}: nothing was sent", host=host, wanted=server.security
        )
        return failed(said, lasting=True)
    except ssl.SSLCertVerificationError as problem:
        said = message("the certificate of {host} cannot be trusted: {reason}", host=host,
                       reason=problem.verify_message)  # fmt: skip
        return failed(said, lasting=True)
    except (OSError, smtplib.SMTPException) as problem:
        said = message("{host} cannot be used: {reason}", host=host, reason=_reason(problem))
        if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
            said = message(
                "{host} did not answer within {n} seconds", host=host, n=f"{server.seconds:g}"
            )
        return [*receipts, *failed(said)[len(receipts) :]]
    return receipts


def _sent(session: smtplib.SMTP, mail: EmailMessage, sender: str, target: Target) -> Receipt:
    try:
        session.send_message(mail, sender, [target.place])
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        return Receipt(target.text, False, _answer(code, words), code >= 500)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        said = _answer(refused.smtp_code, refused.smtp_error)
        return Receipt(target.text, False, said, refused.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError:
        said = message("the mail server takes no addresses outside ASCII")
        return Receipt(target.text, False, said, True)
    return Receipt(target.text, True, message("taken by the mail server"))


def _failed(targets: Sequence[Target], said: str, lasting: bool = False) -> list[Receipt]:
    return [Receipt(target.text, False, said, lasting) for target in targets]


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return message("the mail server answered {code}: {words}", code=code, words=text[:200])


def _reason(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem)[:200]


def _sendable(text: str) -> str:
    """Text without halves of signs, which no mail can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
