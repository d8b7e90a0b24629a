"""Messages through the real protocols, and through what goes wrong with them."""

from __future__ import annotations

import email
import email.policy
import ssl
import time

import pytest
from aiosmtpd.smtp import AuthResult

from tests.collaboration.servers import (
    free_port,
    mail_environment,
    mail_server,
    silent_server,
    web_server,
)
from workbench.collaboration.delivery import Attachment, Parcel, check_targets, deliver
from workbench.errors import ArgumentError

PICTURE = Attachment("band.png", b"\x89PNG\r\n", "image/png", shown_as="band")
PARCEL = Parcel(
    key="alert-7-2026-03-05",
    subject="MQL above\r\nBcc: all@example.com",
    text="MQL 50, expected 40 — “+25 %”",
    html="<p>MQL <b>50</b><img src='cid:band'></p>",
    plain={"alert": 7},
    attachments=(PICTURE, Attachment("../../list.csv", b"a,b\n", "text/csv")),
)


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_mail_arrives_whole_and_its_subject_opens_no_header():
    with mail_server() as (box, environment):
        receipts = deliver(PARCEL, ["mail:anna@example.com", "bob@example.com"],
                           environment=environment)  # fmt: skip
    assert [r.delivered for r in receipts] == [True, True]
    assert [to for to, _ in box.mails] == [["anna@example.com"], ["bob@example.com"]]
    mail = read(box.mails[0][1])
    assert mail["Subject"] == "MQL above Bcc: all@example.com"
    assert mail["Bcc"] is None
    assert mail["To"] == "anna@example.com"
    assert "bob" not in str(mail)
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "text/csv"]
    assert "MQL 50, expected 40 — “+25 %”" in mail.get_body(("plain",)).get_content()
    names = [part.get_filename() for part in mail.walk() if part.get_filename()]
    assert names == ["band.png", "list.csv"]


def test_a_second_attempt_carries_the_same_message_id():
    with mail_server() as (box, environment):
        for _ in range(2):
            deliver(PARCEL, ["mail:anna@example.com"], environment=environment)
    first, second = (read(content)["Message-ID"] for _, content in box.mails)
    assert first == second == "<alert-7-2026-03-05@example.com>"


def test_one_refused_address_keeps_nobody_else_from_the_mail():
    to = ["mail:nobody@example.com", "mail:later@example.com", "mail:anna@example.com"]
    with mail_server() as (box, environment):
        receipts = deliver(PARCEL, to, environment=environment)
        again = deliver(PARCEL, to[1:2], environment=environment)
    assert [(r.delivered, r.lasting) for r in receipts] == [
        (False, True), (False, False), (True, False),
    ]  # fmt: skip
    assert "550" in receipts[0].said
    assert again[0].delivered
    assert len(box.mails) == 2


def test_a_server_that_hangs_ends_after_the_timeout_and_can_be_tried_again():
    begun = time.monotonic()
    with silent_server() as port:
        environment = mail_environment(port, WORKBENCH_SMTP_TIMEOUT="0.3",
                                       WORKBENCH_WEBHOOK_TIMEOUT="0.3")  # fmt: skip
        to = ["mail:a@example.com", "mail:b@example.com", f"http://127.0.0.1:{port}/x"]
        receipts = deliver(PARCEL, to, environment=environment)
    assert time.monotonic() - begun < 5
    assert [(r.delivered, r.lasting) for r in receipts] == [(False, False)] * 3
    assert all("did not answer within 0.3 seconds" in r.said for r in receipts)


def test_a_server_that_is_not_there_can_be_tried_again():
    port = free_port()
    to = ["mail:a@example.com", f"http://127.0.0.1:{port}/x"]
    receipts = deliver(PARCEL, to, environment=mail_environment(port))
    assert [(r.delivered, r.lasting) for r in receipts] == [(False, False)] * 2


def test_a_password_goes_over_starttls_only(tmp_path):
    seen = []

    def known(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password, session.ssl is not None))
        return AuthResult(success=data.password == b"right", handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    with mail_server(tls_context=context, authenticator=known) as (_, environment):
        environment |= {"WORKBENCH_SMTP_SECURITY": "starttls", "WORKBENCH_SMTP_USER": "me@x.com",
                        "WORKBENCH_SMTP_PASSWORD": "right"}  # fmt: skip
        (unknown,) = deliver(PARCEL, ["mail:a@example.com"], environment=environment)
        assert unknown.lasting
        assert "certificate" in unknown.said
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ssl, "create_default_context", lambda: trusted)
            environment["WORKBENCH_SMTP_HOST"] = "localhost"
            (taken,) = deliver(PARCEL, ["mail:a@example.com"], environment=environment)
            environment["WORKBENCH_SMTP_PASSWORD"] = "wrong"
            (refused,) = deliver(PARCEL, ["mail:a@example.com"], environment=environment)
    assert taken.delivered, taken
    assert set(seen) == {(b"me@x.com", b"right", True), (b"me@x.com", b"wrong", True)}
    assert "refuses the user or the password" in refused.said
    assert "wrong" not in refused.said


def certificate(folder):
    """A certificate of ``localhost`` that nobody trusts, made by the openssl on the path."""
    import shutil
    import subprocess

    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the path")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key),
         "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def test_a_server_without_starttls_gets_nothing():
    with mail_server() as (box, environment):
        environment["WORKBENCH_SMTP_SECURITY"] = "starttls"
        (receipt,) = deliver(PARCEL, ["mail:a@example.com"], environment=environment)
    assert receipt.lasting
    assert "no starttls" in receipt.said
    assert box.mails == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WORKBENCH_SMTP_HOST", "", "WORKBENCH_SMTP_HOST='' cannot be used"),
        ("WORKBENCH_SMTP_PORT", "99999", "1 to 65535"),
        ("WORKBENCH_SMTP_SECURITY", "ssl", "'starttls', 'tls', 'none'"),
        ("WORKBENCH_SMTP_FROM", "workbench", "an e-mail address"),
        ("WORKBENCH_SMTP_TIMEOUT", "soon", "number of seconds"),
    ],
)
def test_an_environment_that_cannot_be_used_is_said_and_nothing_is_sent(name, value, said):
    (receipt,) = deliver(PARCEL, ["mail:a@example.com"],
                         environment=mail_environment(1) | {name: value})  # fmt: skip
    assert receipt.lasting
    assert said in receipt.said


def test_a_password_is_never_sent_in_the_clear_to_another_computer():
    environment = mail_environment(25, WORKBENCH_SMTP_PASSWORD="secret") | {
        "WORKBENCH_SMTP_HOST": "mail.example.com"
    }
    (receipt,) = deliver(PARCEL, ["mail:a@example.com"], environment=environment)
    assert "'starttls' or 'tls' with a password" in receipt.said
    assert "secret" not in receipt.said


def test_a_web_address_receives_json_with_key_and_token():
    with web_server() as (address, posted):
        environment = {"WORKBENCH_WEBHOOK_TOKEN": "t0ken"}
        (receipt,) = deliver(PARCEL, [f"{address}/in"], environment=environment)
    assert receipt.delivered
    path, headers, body = posted[0]
    assert path == "/in"
    assert headers["Idempotency-Key"] == "alert-7-2026-03-05"
    assert headers["Authorization"] == "Bearer t0ken"
    assert body["alert"] == 7
    assert body["text"].startswith("*MQL above Bcc: all@example.com*\nMQL 50")


@pytest.mark.parametrize(("code", "lasting"), [(400, True), (404, True), (429, False),
                                               (500, False), (503, False)])  # fmt: skip
def test_a_refusal_says_whether_trying_again_helps(code, lasting):
    with web_server() as (address, _):
        (receipt,) = deliver(PARCEL, [f"{address}/status/{code}"], environment={})
    assert (receipt.delivered, receipt.lasting) == (False, lasting)
    assert str(code) in receipt.said


def test_a_redirect_is_not_followed_and_said():
    with web_server() as (address, posted):
        (receipt,) = deliver(PARCEL, [f"{address}/moved"], environment={})
    assert receipt.lasting
    assert "redirect (302) to elsewhere.example.com, which is not followed" in receipt.said
    assert [path for path, _, _ in posted] == ["/moved"]


def test_a_token_is_not_sent_without_https():
    (receipt,) = deliver(PARCEL, ["http://example.com/in"],
                         environment={"WORKBENCH_WEBHOOK_TOKEN": "t"})  # fmt: skip
    assert receipt.lasting
    assert "without https" in receipt.said


def test_files_lie_in_their_folder_whatever_the_key_says(tmp_path):
    parcel = Parcel("../../../etc/x\0y", "A", "text")
    for _ in range(2):
        (receipt,) = deliver(parcel, ["file:out/alerts"], root=tmp_path)
    assert receipt.delivered
    names = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()]
    assert names == ["out/alerts/etc-x-y.md"]
    deliver(PARCEL, ["file:out"], root=tmp_path)
    assert sorted(p.name for p in (tmp_path / "out").glob("alert*")) == [
        "alert-7-2026-03-05-band.png", "alert-7-2026-03-05-list.csv", "alert-7-2026-03-05.html",
        "alert-7-2026-03-05.md", "alerts",
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "taken").write_text("a file")
    (receipt,) = deliver(PARCEL, ["file:taken"], root=tmp_path)
    assert not receipt.delivered
    assert "cannot be written" in receipt.said


@pytest.mark.parametrize(
    "target",
    ["", "file:", "file:../x", "mail:", "mail:nobody", "a@b@c", "ftp://x/y", "https://", "http://[",
     "https://u:p@example.com/x", "mail:a@example.com\nBcc: b@example.com", 7, None],
)  # fmt: skip
def test_what_is_no_target_is_refused_before_anything_is_sent(target, tmp_path):
    with pytest.raises(ArgumentError) as refused:
        deliver(PARCEL, ["file:fine", target], root=tmp_path)
    assert ":p@" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_the_same_target_twice_is_one():
    assert check_targets(["mail:a@example.com", "a@EXAMPLE.com", "mailto:a@example.com"]) == [
        "mailto:a@example.com"
    ]
    with pytest.raises(ArgumentError, match="a list of"):
        check_targets("mail:a@example.com")
