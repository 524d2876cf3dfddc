"""Amounts in the capital characters that stand on Chinese receipts (人民币大写, 支付结算办法附件一)."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def capital(fen: int) -> str:
    """1234500 → 壹万贰仟叁佰肆拾伍元整; 100005 → 壹仟元零伍分. Not for negative amounts."""
    assert 0 <= fen < 10**18, "receipts are for amounts that exist"
    yuan, rest = divmod(fen, 100)
    jiao, odd = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return (text or "零元") + "整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif text:
        text += "零"
    return text + (f"{DIGITS[odd]}分" if odd else "整")


def _whole(number: int) -> str:
    """A positive whole number, group by group of four digits; one 零 for any run of zeros inside."""
    text, gap = "", False
    for place in range((len(str(number)) - 1) // 4, -1, -1):
        group = number // 10 ** (4 * place) % 10000
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _group(group) + GROUPS[place]
        gap = group % 10 == 0  # 107,000 is 壹拾万零柒仟: the place of ten thousands is empty
    return text


def _group(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text
