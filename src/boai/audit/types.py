"""What each type of entry means, in a sentence for people.

Apps register their own types when Django starts, so that nothing here needs to know them:

    audit.types.register({
        "relief.case.approved": _("Approved, %(amount_fen)s"),
    }, checkpoint_at_once=["governance.notice.published"])

A sentence may name facts of the payload; a fact whose name ends in `_fen` is shown as yuan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise

from boai.audit.leaves import check_type
from boai.kernel.money import format_fen

_SENTENCES: dict[str, str | Promise] = {}
_AT_ONCE: set[str] = set()
_PLACE = re.compile(r"%\((\w+)\)s")


def register(sentences: Mapping[str, str | Promise], *, checkpoint_at_once: Iterable[str] = ()) -> None:
    """Give types their sentence; those in `checkpoint_at_once` make the log sign a new head without waiting."""
    for type_, sentence in sentences.items():
        _SENTENCES[check_type(type_)] = sentence
    _AT_ONCE.update(check_type(type_) for type_ in checkpoint_at_once)


def is_registered(type_: str) -> bool:
    """Has somebody said what this type means?"""
    return type_ in _SENTENCES


def wants_checkpoint(type_: str) -> bool:
    """Shall a head be signed as soon as this entry is in?"""
    return type_ in _AT_ONCE


def sentence(type_: str, facts: Mapping[str, Any]) -> str:
    """The sentence of an entry; the type itself when nobody registered one, a dash for a fact that is not there."""
    return _PLACE.sub(lambda match: _shown(match.group(1), facts), str(_SENTENCES.get(type_, type_)))


def _shown(name: str, facts: Mapping[str, Any]) -> str:
    value = facts.get(name)
    if value is None or value == "":
        return "—"
    if name.endswith("_fen") and isinstance(value, int):
        return format_fen(value)
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
