"""A form that is too large is answered with a page by a real server, not with a broken connection."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import pytest

MB = 1024 * 1024
SHORT = {"reason": "屋顶漏雨，急需修缮", "code": "aZ09"}


@pytest.fixture
def live(own_database: str) -> Iterator[str]:
    """The server that answers in the field; the one of the other tests hears everybody out by itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = urlsplit(os.environ["BOAI_DATABASE_URL"])._replace(path=f"/{own_database}").geturl()
    words = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, "-m", *words, "boai.web.wsgi:application"], env=os.environ | {"BOAI_DATABASE_URL": database}
    )
    try:
        for _try in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def sent(live: str, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
    """Send it all, then listen, as browsers do."""
    place = urlsplit(live)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    headers = {
        "Content-Type": kind,
        "Accept-Language": "zh-CN",
        "Cookie": f"csrftoken={'a' * 32}",
        "Content-Length": str(len(body)),
    }
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def parts(fields: dict[str, str]) -> tuple[bytes, str]:
    lines = "".join(
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return (lines + "--xx--\r\n").encode(), "multipart/form-data; boundary=xx"


@pytest.mark.parametrize("megabytes", [6, 15])
def test_the_part_that_is_too_large_is_named_and_the_others_are_kept(live: str, megabytes: int) -> None:
    long = "在村里住了四十年" + "长" * (megabytes * MB // 9)
    status, page = sent(live, "/objection/", urlencode(SHORT | {"story": long}).encode())
    assert status == 413
    for words in ("“在村里住了四十年", f"{len(long.encode()) / MB:.1f} MB", "5.0 MB", "屋顶漏雨，急需修缮", "返回"):
        assert words in page
    assert "长" * 100 not in page


def test_what_is_beyond_reading_is_answered_as_well(live: str) -> None:
    status, page = sent(live, "/objection/", urlencode(SHORT).encode() + b"&story=" + b"a" * (40 * MB))
    assert (status, "40.0 MB" in page, "5.0 MB" in page) == (413, True, True)


def test_texts_of_a_form_with_files(live: str) -> None:
    status, page = sent(live, "/objection/", *parts({**SHORT, "story": "长" * (3 * MB)}))
    assert (status, "9.0 MB" in page, "5.0 MB" in page) == (413, True, True)


def test_more_fields_than_can_be_taken(live: str) -> None:
    status, page = sent(live, "/objection/", "&".join(f"f{i}=1" for i in range(6000)).encode())
    assert (status, "5000" in page) == (413, True)


@pytest.mark.parametrize("path", ["/no/such/page/", "/desk/"])
def test_an_answer_that_needs_no_form_is_heard(live: str, path: str) -> None:
    status, page = sent(live, path, b"a" * (12 * MB), "application/octet-stream")
    assert status in (403, 404)
    assert "<h1>" in page
