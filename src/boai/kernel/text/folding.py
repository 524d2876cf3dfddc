"""Bring text to one form: full-width to half-width, invisible characters out, dangerous characters refused."""

from __future__ import annotations

import re
import unicodedata

from boai.kernel.text.faults import Fault, Unreadable

_SPACES = {0x3000, 0x00A0, 0x202F, 0x205F, 0x1680, *range(0x2000, 0x200B)}
# Left behind by web pages and chat programmes; they carry nothing and break every comparison.
_INVISIBLE = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x180E, *range(0xFE00, 0xFE10)}
# They change the order in which text is *shown*: a name that reads differently from what is stored.
_BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_LINE_ENDS = {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029}

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0x00A5, 0xFFE0: 0x00A2, 0xFFE1: 0x00A3}
_WIDE_ALNUM = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()}
_SPACE_TABLE = dict.fromkeys(_SPACES | _LINE_ENDS, " ") | dict.fromkeys(_INVISIBLE)
# Kangxi radicals look like ordinary characters and come out of PDF files: ⾼ (U+2FBC) for 高.
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2E80, 0x2FD6)}
_FOLD = _WIDE | _SPACE_TABLE | _RADICALS
_KEEP_PUNCTUATION = _WIDE_ALNUM | _SPACE_TABLE | _RADICALS
_RUN_OF_SPACES = re.compile(r" {2,}")
# The cheap test before the careful one: almost every cell consists of these alone.
_HARMLESS = re.compile(r"[ -~\u4e00-\u9fff\uff01-\uff5e、。《》【】“”‘’·—…]*")

# What neither `squeeze` nor `clean` changes: signs of ASCII but the space, ordinary Chinese characters and punctuation.
_FOLDED = re.compile(r"[!-~\u4e00-\u9fff、。《》【】…]*")


def fold(text: str) -> str:
    """Full-width signs become half-width, odd spaces become spaces, invisible characters vanish; then trimmed.

    "６２１１２１　" → "621121". For values in which punctuation carries no Chinese meaning: numbers, dates, codes.
    """
    return unicodedata.normalize("NFC", text.translate(_FOLD)).strip()


def squeeze(text: str) -> str:
    """`fold`, then without any space: for identifiers that clerks write in groups."""
    if _FOLDED.fullmatch(text):
        return text
    return fold(text).replace(" ", "")


def clean(text: str) -> str:
    """One tidy line of prose: full-width letters and digits folded, Chinese punctuation kept, runs of spaces merged."""
    if _FOLDED.fullmatch(text):
        return text
    folded = unicodedata.normalize("NFC", text.translate(_KEEP_PUNCTUATION))
    return _RUN_OF_SPACES.sub(" ", folded).strip()


def clean_lines(text: str) -> str:
    """`clean` for prose of several lines: the line breaks stay, blank lines at the ends go."""
    return "\n".join(clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip("\n")


def check_text(text: str, *, limit: int) -> None:
    """Raise Unreadable for text that must not be stored: too long, control or direction characters, damaged bytes.

    Line ends and tabs pass (they are folded to spaces later); U+202E and its kin, NUL and other control characters,
    lone surrogates, non-characters and U+FFFD do not.
    """
    if len(text) > limit:
        raise Unreadable(Fault.TOO_LONG, str(len(text)))
    if _HARMLESS.fullmatch(text):
        return
    for character in text:
        code = ord(character)
        if code in _BIDI:
            raise Unreadable(Fault.CONTROL, f"U+{code:04X}")
        if code == 0xFFFD:
            raise Unreadable(Fault.DAMAGED, f"U+{code:04X}")
        category = unicodedata.category(character)
        if category == "Cc" and code not in _LINE_ENDS:
            raise Unreadable(Fault.CONTROL, f"U+{code:04X}")
        if category == "Cs" or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            raise Unreadable(Fault.DAMAGED, f"U+{code:04X}")


def visible(text: str, *, limit: int = 60) -> str:
    """Text made safe to quote in an error message: control characters as U+XXXX, shortened with an ellipsis."""
    shown = text[:limit] + ("…" if len(text) > limit else "")
    return "".join(
        f"[U+{ord(c):04X}]" if ord(c) in _BIDI or unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in shown
    )
