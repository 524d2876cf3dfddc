"""Template filters for what the kernel knows: money, dates, masks."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from boai.kernel.clock import SHANGHAI, age_on
from boai.kernel.money import format_fen

register = template.Library()


@register.filter
def fen(value: int | None) -> str:
    """Fen as "¥12,345.00"; nothing for None."""
    return "" if value is None else format_fen(int(value))


@register.filter
def day(value: date | datetime | None) -> str:
    """A date as 2026-11-24, in China's time."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return value.isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """A moment as 2026-11-24 15:04, in China's time."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else ""


@register.filter
def age(born: date | None, on: date | None) -> str:
    """Full years on a day."""
    return "" if born is None or on is None else str(age_on(born, on))
