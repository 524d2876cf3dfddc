"""The name under which a file is shown and downloaded: what the sender called it, made harmless."""

from __future__ import annotations

import re
import unicodedata

from boai.files.enums import Media

LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # not Co and Cn: rare characters of names live there


def clean_name(given: str, media: Media) -> str:
    """Without folders, control characters, direction marks (U+202E turns gpj.exe around) and what Windows forbids; at
    most 120 characters; with the extension that the content has."""
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", given[:4096]))[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE)
    name = " ".join(_FORBIDDEN.sub("_", name).split()).rstrip(". ")
    suffix = _SUFFIX.search(name)
    kept = media.suffix
    if suffix:
        name = name[: suffix.start()]
        if suffix.group().lower() in (media.suffix, *media.aliases):
            kept = suffix.group().lower()
    return (name[: LONGEST - len(kept)].strip(". ") or "file") + kept
