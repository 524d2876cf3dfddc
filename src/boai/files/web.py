"""A stored file as an HTTP answer that can do no harm: typed by us, sandboxed, never cached by others."""

from __future__ import annotations

from urllib.parse import quote

from django.http import StreamingHttpResponse

from boai.files.enums import MEDIA, Kind
from boai.files.services import OpenedFile

SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


def file_response(opened: OpenedFile, *, download: bool) -> StreamingHttpResponse:
    """Stream a file. Pictures and PDFs are shown in the page unless `download`; spreadsheets are always downloaded."""
    meta = opened.meta
    media = MEDIA[meta.media_type]
    inline = not download and media.kind in (Kind.IMAGE, Kind.PDF)
    response = StreamingHttpResponse(opened.chunks, content_type=media.type)
    response["Content-Length"] = str(meta.size)
    response["Content-Disposition"] = disposition(meta.name, media.suffix, inline=inline)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def disposition(name: str, suffix: str, *, inline: bool) -> str:
    """Content-Disposition (RFC 6266): an ASCII name for old clients, the real one percent-encoded in UTF-8."""
    return f"{'inline' if inline else 'attachment'}; filename=\"file{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
