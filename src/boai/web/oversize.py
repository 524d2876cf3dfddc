"""A form that is too large: which text of it, what the others said, and an answer that the browser hears."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from boai.web.templatetags.web import filesize_zh

GetResponse = Callable[[HttpRequest], HttpResponseBase]
URLENCODED = "application/x-www-form-urlencoded"
READ_AT_MOST = 4  # times what a form may have: more is not taken into memory to say which text it is
_PIECE = 64 * 1024
_BEGINNING = 20  # characters by which somebody knows their text again
log = logging.getLogger(__name__)


class HeardOut:
    """Read a request to its end before it is answered.

    A server that answers and closes while the browser is still sending breaks the connection, and nobody sees the
    answer. What is read here is dropped; beyond the largest upload that we take it is not even read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            _read_out(request)
        return answer


def _read_out(request: HttpRequest) -> None:
    left = settings.BOAI_MAX_UPLOAD
    try:
        while left > 0 and (piece := request.read(_PIECE)):
            left -= len(piece)
    except (OSError, ValueError):  # the browser has gone, or closed: there is nobody to hear us
        log.debug("a request was cut off while it was read to its end")


def sentence(error: SuspiciousOperation, fields: list[tuple[str, str]], size: int) -> str:
    """What is too large, by how much, and what to do."""
    if isinstance(error, TooManyFieldsSent):
        return _("This form has more fields than can be taken at once (%(most)s). Send it in parts.") % {
            "most": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        }
    most = filesize_zh(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if not fields:
        return _("The texts of this form have %(size)s; together they may have %(most)s. Shorten them and send "
                 "again.") % {"size": filesize_zh(size), "most": most}  # fmt: skip
    longest = max((text for _name, text in fields), key=len)
    return _("The text that begins “%(beginning)s” has %(size)s; all texts of a form together may have %(most)s. "
             "Shorten it and send again.") % {
        "beginning": longest.strip()[:_BEGINNING], "size": filesize_zh(len(longest.encode())), "most": most,
    }  # fmt: skip


def fields_of(request: HttpRequest) -> tuple[list[tuple[str, str]], int]:
    """(the fields of a form that Django refused to read, how many bytes it has); no fields where they can't be told.

    Only a form without files still has its bytes unread, and only so many of them are taken into memory.
    """
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.content_type != URLENCODED or size > READ_AT_MOST * settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return [], size
    try:
        text = request.read(size).decode("ascii", "replace")
        return parse_qsl(text, max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS), size
    except (OSError, ValueError):
        return [], size
