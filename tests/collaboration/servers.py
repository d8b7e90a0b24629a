"""Real servers on this computer, for messages: one for mail, one for web addresses."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps every mail; refuses an address that begins with ``nobody`` and, once, ``later``."""

    def __init__(self):
        self.mails = []
        self.later = True

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("later") and self.later:
            self.later = False
            return "451 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@contextmanager
def mail_server(**options):
    """A mailbox and the environment that leads to it."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield box, mail_environment(controller.port)
    finally:
        controller.stop()


def mail_environment(port, **more):
    return {
        "WORKBENCH_SMTP_HOST": "127.0.0.1",
        "WORKBENCH_SMTP_PORT": str(port),
        "WORKBENCH_SMTP_SECURITY": "none",
        "WORKBENCH_SMTP_FROM": "workbench@example.com",
        "WORKBENCH_SMTP_TIMEOUT": "10",
    } | more


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def web_server():
    """An address and what was posted to it; ``/status/503`` answers 503, ``/moved`` redirects."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, dict(self.headers), json.loads(body)))
            code = int(self.path.rpartition("/")[2]) if "/status/" in self.path else 204
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "http://elsewhere.example.com/take")
            else:
                self.send_response(code)
            self.end_headers()

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", posted
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent_server():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
