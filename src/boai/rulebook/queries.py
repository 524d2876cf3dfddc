"""Which rule holds where and when: the nearest division that has one wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound
from boai.regions import codes
from boai.rulebook.keys import KEYS, RuleKey
from boai.rulebook.models import RuleVersion


@dataclass(frozen=True)
class Rule:
    """A rule as it holds at a place on a day. Decisions keep `version_id`."""

    key: str
    value: Any
    version_id: UUID
    region_code: str
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str

    @property
    def about(self) -> RuleKey:
        """What the rule means."""
        return KEYS[self.key]

    @property
    def lines(self) -> list[str]:
        """The value in words."""
        return self.about.kind.show(self.value)


def rule(key: str, *, region_code: str, on: date) -> Rule:
    """The rule in force at a place on a day. Raises NotFound when there is none."""
    return rules([key], region_code=region_code, on=on)[key]


def rules(keys: Iterable[str], *, region_code: str, on: date) -> dict[str, Rule]:
    """Several rules by key, in one query. Raises NotFound when one of them is not set for the place and day."""
    wanted = list(dict.fromkeys(keys))
    found = rules_in_force(region_code=region_code, on=on, keys=wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        raise NotFound(_("The rulebook has no rule “%(keys)s” for this place and day.") % {"keys": "、".join(missing)})
    return {key: found[key] for key in wanted}


def rules_in_force(*, region_code: str, on: date, keys: Iterable[str] | None = None) -> dict[str, Rule]:
    """Every rule (or those of `keys`) that holds at a place on a day. One query."""
    known = [key for key in (KEYS if keys is None else keys) if key in KEYS]
    rows = (
        RuleVersion.objects.filter(key__in=known, region_code__in=_upwards(region_code))
        .filter(_holds(on))
        .order_by("key", "-region_code")
        .distinct("key")
    )
    return {row.key: _as_rule(row) for row in rows}


def _upwards(region_code: str) -> list[str]:
    """The division and all above it. Deeper codes are greater than those above them: that is the order of nearness."""
    return [codes.COUNTRY, *codes.path(region_code)]


def _holds(on: date) -> Q:
    return Q(withdrawn_at=None, valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def _as_rule(row: RuleVersion) -> Rule:
    return Rule(
        row.key, row.value, row.id, row.region_code, row.valid_from, row.valid_to, row.source, row.confidence
    )  # fmt: skip


def version(version_id: UUID) -> RuleVersion:
    """The version that a decision names. Raises NotFound."""
    found = RuleVersion.objects.filter(id=version_id).first()
    if found is None:
        raise NotFound(_("There is no such version of a rule."))
    return found


def history(key: str, *, lo: str, hi: str, region_code: str) -> QuerySet[RuleVersion]:
    """All versions of a rule, newest first, that were set above a division or inside the range lo…hi."""
    return (
        RuleVersion.objects.filter(Q(region_code__in=_upwards(region_code)) | Q(region_code__range=(lo, hi)), key=key)
        .select_related("set_by")
        .order_by("-valid_from", "-set_at")
    )


def known_key(name: str) -> RuleKey:
    """A key of the table. Raises NotFound."""
    if name not in KEYS:
        raise NotFound(_("There is no rule of this name."))
    return KEYS[name]
