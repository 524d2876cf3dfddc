"""The 12-digit statistical division code (2-2-2-3-3) is a path: pure functions on it, no database.

Source: 统计用区划代码 and GB/T 2260; digits 1–2 province, 3–4 prefecture, 5–6 county, 7–9 township, 10–12 village.
"""

from __future__ import annotations

WIDTHS = (2, 4, 6, 9, 12)
NATION = "000000000000"


def pad(code: str) -> str:
    """A shorter official code ("62", "621121") as 12 digits."""
    return code.ljust(12, "0")


def level(code: str) -> int:
    """1 province, 2 prefecture, 3 county, 4 township, 5 village; 0 for the whole nation."""
    for number, width in reversed(list(enumerate(WIDTHS, 1))):
        start = WIDTHS[number - 2] if number > 1 else 0
        if code[start:width].strip("0"):
            return number
    return 0


def span(code: str) -> tuple[str, str]:
    """The inclusive range of codes in the subtree: span("621121000000") == ("621121000000", "621121999999")."""
    number = level(code)
    width = WIDTHS[number - 1] if number else 0
    return pad(code[:width]), code[:width].ljust(12, "9")


def parent(code: str) -> str | None:
    """The code one level up; a province's is the nation's, the nation has none."""
    number = level(code)
    if number == 0:
        return None
    return NATION if number == 1 else pad(code[: WIDTHS[number - 2]])


def ancestors(code: str) -> list[str]:
    """The code itself and everything above it, nearest first, the nation last."""
    chain = [code]
    while (above := parent(chain[-1])) is not None:
        chain.append(above)
    return chain
