"""Set a rule; bring the defaults."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import check_text, clean
from boai.people.actor import Actor
from boai.regions.codes import COUNTRY
from boai.rulebook import policies
from boai.rulebook.enums import Confidence
from boai.rulebook.keys import KEYS, RuleKey
from boai.rulebook.models import RuleVersion
from boai.rulebook.queries import known_key

DEFAULTS_SINCE = date(2020, 1, 1)
_LONGEST_SOURCE = 300


@transaction.atomic
def rule_set(
    *,
    key: str,
    region_code: str,
    value: Any,
    valid_from: date,
    source: str,
    confidence: str,
    actor: Actor,
    at: datetime,
) -> RuleVersion:
    """Set a rule for a division from a day on, until the next version that is already known.

    The value in force before ends on that day; decisions made under it keep it. Raises BadInput, NotAllowed.
    """
    known = known_key(key)
    require(policies.may_set, actor, region_code)
    source = clean(source)
    faults = _faults(source=source, confidence=confidence, valid_from=valid_from, today=local_date(at))
    try:
        value = known.check(value)
    except ValueError as error:
        faults["value"] = [str(error)]
    if faults:
        raise BadInput(_("The rule was not set."), faults)
    version = _insert(
        known, region_code=region_code, value=value, valid_from=valid_from, source=source, confidence=confidence,
        set_by=actor, at=at,
    )  # fmt: skip
    with override("zh-hans"):
        record(
            "rulebook.rule.set", version, actor=actor, at=at, key=key, title=str(known.title), value=value,
            shown=known.kind.line(value), valid_from=str(valid_from), source=source, confidence=confidence,
        )  # fmt: skip
    return version


@transaction.atomic
def defaults_load(*, at: datetime) -> int:
    """Bring the defaults of the table of keys for the whole country; the number of versions added.

    A default that has changed in a newer release begins on the day of loading; what people have set stays.
    """
    _lock("defaults")
    latest: dict[str, RuleVersion] = {}
    for row in RuleVersion.objects.filter(region_code=COUNTRY, withdrawn_at=None).order_by("valid_from"):
        latest[row.key] = row
    added = 0
    for known in KEYS.values():
        value = known.check(known.default.value)
        before = latest.get(known.name)
        if before is not None and (before.set_by_id is not None or before.value == value):
            continue
        _insert(
            known, region_code=COUNTRY, value=value, source=known.default.source, confidence=known.default.confidence,
            valid_from=local_date(at) if before else DEFAULTS_SINCE, set_by=None, at=at,
        )  # fmt: skip
        added += 1
    return added


def _faults(*, source: str, confidence: str, valid_from: date, today: date) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not 2 <= len(source) <= _LONGEST_SOURCE:
        faults["source"] = [_("Name the document or the address that the rule comes from, at most 300 characters.")]
    try:
        check_text(source, limit=_LONGEST_SOURCE)
    except Unreadable:
        faults["source"] = [_("Name the document or the address that the rule comes from, at most 300 characters.")]
    if confidence not in Confidence.values:
        faults["confidence"] = [_("Say how sure this is.")]
    if valid_from < today:
        faults["valid_from"] = [_("A rule cannot be changed for days that are past.")]
    return faults


def _insert(
    known: RuleKey, *, region_code: str, value: Any, valid_from: date, source: str, confidence: str,
    set_by: Actor | None, at: datetime,
) -> RuleVersion:  # fmt: skip
    """End the version in force and let the new one run up to the next."""
    _lock(f"{known.name}|{region_code}")
    others = RuleVersion.objects.filter(key=known.name, region_code=region_code, withdrawn_at=None)
    others.filter(valid_from=valid_from).update(withdrawn_at=at)
    following = others.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    for before in others.filter(valid_from__lt=valid_from).order_by("-valid_from")[:1]:
        if before.valid_to is None or before.valid_to > valid_from:
            before.valid_to = valid_from
            before.save(update_fields=["valid_to"])
    return RuleVersion.objects.create(
        key=known.name, region_code=region_code, value=value, valid_from=valid_from,
        valid_to=following.valid_from if following else None, source=source, confidence=confidence,
        set_by_id=set_by.user_id if set_by else None, set_at=at,
    )  # fmt: skip


def _lock(what: str) -> None:
    """Two people who set the same rule at once do it one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rulebook|{what}"])
