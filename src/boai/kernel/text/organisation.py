"""The unified social credit code of organisations (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import squeeze

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


def credit_check_character(first17: str) -> str:
    """The 18th character for the first 17: 31 − Σ(value × 3^i) mod 31."""
    total = sum(_VALUE[c] * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def read_credit_code(value: object) -> str:
    """The code in canonical form. Raises Unreadable (MISSING, LENGTH, CHARACTERS, CHECK_DIGIT)."""
    text = squeeze(str(value)).replace("-", "").upper() if value is not None else ""
    if not text:
        raise Unreadable(Fault.MISSING)
    if len(text) != 18:
        raise Unreadable(Fault.LENGTH, str(len(text)))
    if any(c not in _VALUE for c in text) or not text[2:8].isdigit():
        raise Unreadable(Fault.CHARACTERS)
    if credit_check_character(text[:17]) != text[17]:
        raise Unreadable(Fault.CHECK_DIGIT)
    return text
