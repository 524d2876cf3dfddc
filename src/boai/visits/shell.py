"""The files that make up the phone page, and a version that changes whenever one of them does."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

STYLED = ("web/boai.css", "visits/visits.css", "web/icons.svg", "web/mark.svg", "visits/icon-192.png")
"""Asked for by the page under the name that `static` gives them."""
MODULES = (
    "visits/phone.js",
    "visits/record.js",
    "visits/screens.js",
    "web/phone/vault.js",
    "web/phone/store.js",
    "web/phone/queue.js",
    "web/phone/pictures.js",
)
"""Ask for each other by their plain names, so they are kept under these."""
_TEMPLATES = Path(__file__).with_name("templates") / "visits"


def shell_files() -> list[str]:
    """The addresses that the phone keeps."""
    return [*(static(name) for name in STYLED), *(settings.STATIC_URL + name for name in MODULES)]


def shell_version() -> str:
    """A digest over everything that is kept; the worker fetches all of it anew when it changes."""
    return _digest(tuple(shell_files()))


@lru_cache(maxsize=4)
def _digest(addresses: tuple[str, ...]) -> str:
    sha = hashlib.sha256("\n".join(addresses).encode())
    for name in (*STYLED, *MODULES, "web/phone/worker.js"):
        found = finders.find(name)
        sha.update(Path(str(found)).read_bytes() if found else b"")
    for template in ("phone.html", "worker.js"):
        sha.update((_TEMPLATES / template).read_bytes())
    return sha.hexdigest()[:16]
