"""Money is an int of fen. This is the one door between fen and what people read and write."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from boai.kernel.text.folding import fold

Fen: TypeAlias = int

_AMOUNT = re.compile(r"^¥?\s*(-?\d+(?:,\d{3})*(?:\.\d+)?|-?\d*\.\d+)\s*(万元|万|元)?$")


def format_fen(fen: Fen, *, sign: bool = True) -> str:
    """Fen as people read it: 1234500 → "¥12,345.00"; without `sign`: "12,345.00"."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{'¥' if sign else ''}{yuan:,}.{rest:02d}"


def parse_yuan(text: str) -> Fen:
    """What people write ("12,345.5", "¥300", "1.2万", "500元", "￥１２００") as fen.

    Raises ValueError when it is not an amount or is finer than one fen: money is never rounded on the way in.
    """
    match = _AMOUNT.match(fold(text))
    if not match:
        raise ValueError(text)
    try:
        amount = Decimal(match.group(1).replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(text) from error
    fen = amount * (1_000_000 if match.group(2) in ("万", "万元") else 100)
    if fen != fen.to_integral_value():
        raise ValueError(text)
    return int(fen)
