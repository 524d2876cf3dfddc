"""What leaves the server can do no harm in the browser that receives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.base import ContentFile

from boai.files.enums import PAPERS, SHEETS
from boai.files.services import file_open, file_store
from boai.files.tests import factories as make
from boai.files.web import file_response
from boai.people.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(
    actor_for: Callable[..., Actor], at: datetime, settings: Any, tmp_path: Path
) -> Callable[[bytes, str, bool], Any]:
    settings.BOAI_FILES_DIR, settings.BOAI_S3 = tmp_path, {}
    officer = actor_for("officer")

    def serve(content: bytes, name: str, download: bool) -> Any:
        stored = file_store(
            upload=ContentFile(content, name=name), purpose="relief.paper", region_code="621121100200",
            actor=officer, at=at, allow=PAPERS | SHEETS,
        )  # fmt: skip
        return file_response(file_open(file_id=stored.id), download=download)

    return serve


def test_a_photo_is_shown_in_a_sandbox(served: Callable[[bytes, str, bool], Any]) -> None:
    response = served(make.photo(), '证明 "一"; x=y.jpg', False)
    body = b"".join(response.streaming_content)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(len(body))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    shown, fallback, name = response["Content-Disposition"].split("; ", 2)
    assert (shown, fallback) == ("inline", 'filename="file.jpg"')
    assert name.startswith("filename*=UTF-8''")
    assert unquote(name.removeprefix("filename*=UTF-8''")) == "证明 _一_; x=y.jpg"
    assert '"' not in name
    assert ";" not in name


@pytest.mark.parametrize(
    ("content", "name", "type"),
    [(make.xlsx(), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
     (b"=HYPERLINK(1),2\n", "a.csv", "text/csv")],
)  # fmt: skip
def test_spreadsheets_are_always_downloaded(
    served: Callable[[bytes, str, bool], Any], content: bytes, name: str, type: str
) -> None:
    response = served(content, name, False)
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == type
    assert b"".join(response.streaming_content) == content


def test_downloads_are_attachments(served: Callable[[bytes, str, bool], Any]) -> None:
    assert served(make.pdf(), "a.pdf", True)["Content-Disposition"].startswith("attachment;")
    assert served(make.pdf(), "a.pdf", False)["Content-Disposition"].startswith("inline;")
