"""A gateway as docs/operations.md asks for one: checks the signature and the time, drops repeats, can be told to fail."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "gateway-secret"
OLDEST = 300


class FakeGateway:
    """`answers` are the statuses of the next requests (200 when empty); a string redirects there, a float sleeps."""

    def __init__(self) -> None:
        self.answers: list[int | str | float] = []
        self.requests: list[dict[str, Any]] = []
        self.delivered: dict[str, dict[str, Any]] = {}
        self.now: float | None = None
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.take(self)

            def do_GET(self) -> None:
                gateway.take(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/send"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.requests.append({"method": handler.command, "path": handler.path, "body": body, **dict(handler.headers)})
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, float):
            time.sleep(answer)
            answer = 200
        if isinstance(answer, str):
            handler.send_response(302)
            handler.send_header("Location", answer)
            handler.end_headers()
            return
        if answer == 200:
            answer = self._accept(handler, body)
        handler.send_response(answer)
        handler.end_headers()
        if answer == 200:
            handler.wfile.write(json.dumps({"id": "G-" + handler.headers["Idempotency-Key"][-4:]}).encode())

    def _accept(self, handler: BaseHTTPRequestHandler, body: bytes) -> int:
        stamp = handler.headers.get("X-Boai-Timestamp", "0")
        expected = "v1=" + hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, handler.headers.get("X-Boai-Signature", "")):
            return 401
        if abs((self.now if self.now is not None else time.time()) - int(stamp)) > OLDEST:
            return 401
        self.delivered.setdefault(handler.headers["Idempotency-Key"], json.loads(body))
        return 200
