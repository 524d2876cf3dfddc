"""Categories that run out or were not confirmed for long come onto the officers' list; somebody answers.

Once a day the whole register is asked in one statement for each county, by the county's own rule (`register.recheck`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record, record_many
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.actor import Actor
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.regions.codes import span
from boai.registry import policies
from boai.registry.enums import RecheckAnswer
from boai.registry.models import CategoryEntry, Recheck
from boai.rulebook.queries import rule

MOST_AT_ONCE = 500

# Categories of people who live in the register. `stale` is the day before which an answer is too old.
_COLLECT = """
INSERT INTO registry_recheck (id, region_code, entry_id, cause, due_on, created_at, answer, source, evidence)
SELECT gen_random_uuid(), c.region_code, c.id, CASE WHEN c.valid_to IS NULL THEN 'interval' ELSE 'expiry' END,
       coalesce(c.valid_to, (coalesce(c.checked_on, c.valid_from) + make_interval(months => %(months)s))::date),
       %(at)s, '', '', ''
FROM registry_categoryentry c JOIN registry_resident r ON r.id = c.resident_id AND r.ended_on IS NULL
WHERE c.region_code BETWEEN %(lo)s AND %(hi)s
  AND (c.valid_to BETWEEN %(today)s AND %(soon)s AND (c.checked_on IS NULL OR c.checked_on < c.valid_to - %(days)s)
       OR c.valid_to IS NULL AND %(months)s > 0
          AND coalesce(c.checked_on, c.valid_from) + make_interval(months => %(months)s) <= %(today)s)
  AND NOT EXISTS (SELECT FROM registry_recheck k WHERE k.entry_id = c.id AND k.answered_at IS NULL)
"""
# Households move, people leave: what is open follows them or goes.
_FOLLOW = """
UPDATE registry_recheck k SET region_code = c.region_code FROM registry_categoryentry c
WHERE c.id = k.entry_id AND k.answered_at IS NULL AND k.region_code <> c.region_code
"""
_GONE = """
DELETE FROM registry_recheck k USING registry_categoryentry c, registry_resident r
WHERE c.id = k.entry_id AND r.id = c.resident_id AND k.answered_at IS NULL AND r.ended_on IS NOT NULL
"""


def rechecks_collect(*, at: datetime) -> int:
    """Put what is due onto the lists and tell the officers, county by county, within the connection's scope; how many.

    Running it twice on a day changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW)
        cursor.execute(_GONE)
    return sum(_collect(county, at) for county in _counties())


def _counties() -> list[str]:
    """The counties that have categories: a walk over the index, one step for each county."""
    found: list[str] = []
    after = ""
    while True:
        code = (
            CategoryEntry.objects.filter(region_code__gt=after)
            .order_by("region_code")
            .values_list("region_code", flat=True)
            .first()
        )
        if code is None:
            return found
        county = f"{code[:6]}000000"
        found.append(county)
        after = span(county)[1]


@transaction.atomic
def _collect(county: str, at: datetime) -> int:
    today = local_date(at)
    held = rule("register.recheck", region_code=county, on=today).value
    lo, hi = span(county)
    values = {"lo": lo, "hi": hi, "today": today, "soon": today + timedelta(days=held["days_before"]),
              "months": held["months"], "days": held["days_before"], "at": at}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COLLECT, values)
        count = int(cursor.rowcount)
    if count:
        _tell(county, count, at)
    return count


def _tell(county: str, count: int, at: datetime) -> None:
    day = local_date(at)
    users = {p.user_id for p in holders(Duty.REGISTER_WRITE, region_code=county, on=day)
             if p.branch.region_code == county}  # fmt: skip
    for user_id in sorted(users):
        message_send(
            to=Recipient(user_id=user_id), template="registry.rechecks", context={"count": str(count)},
            key=f"registry.rechecks:{county}:{day.isoformat()}:{user_id}", region_code=county, at=at,
        )  # fmt: skip


@transaction.atomic
def recheck_answer(
    *, recheck_id: UUID, answer: str, until: date | None = None, source: str, evidence: str = "", actor: Actor,
    at: datetime,
) -> Recheck:  # fmt: skip
    """Answer one: it still holds (until a day, or without one), or it ended on `until`.

    Raises NotFound, NotAllowed, UnableTo (answered meanwhile), BadInput (no last day, or one that can't be).
    """
    row = _locked([recheck_id], actor)
    if not row:
        raise NotFound
    recheck = row[0]
    entry = recheck.entry
    if answer not in RecheckAnswer.values:
        raise BadInput(fields={"answer": [_("Choose an answer.")]})
    if answer == RecheckAnswer.ENDED and until is None:
        raise BadInput(fields={"until": [_("Give the last day on which it held.")]})
    if until is not None and until < entry.valid_from:
        raise BadInput(fields={"until": [_("The end lies before the beginning.")]})
    today = local_date(at)
    if answer == RecheckAnswer.HOLDS and until is not None and until <= today:
        raise BadInput(fields={"until": [_("If it still holds, its last day lies in the future.")]})
    if answer == RecheckAnswer.ENDED and until is not None and until > today:
        raise BadInput(fields={"until": [_("This day lies in the future.")]})
    _write(recheck, answer, until, source, evidence, actor, at)
    record("registry.category.rechecked", entry, actor=actor, at=at, answer=str(RecheckAnswer(answer).label),
           until=until.isoformat() if until else None, source=source)  # fmt: skip
    return recheck


@transaction.atomic
def rechecks_confirm(
    *, recheck_ids: Collection[UUID], until: date | None = None, source: str, evidence: str = "", actor: Actor,
    at: datetime,
) -> int:  # fmt: skip
    """Many at once still hold, by one list of the office that established them; how many were open.

    Those answered meanwhile are left alone. Raises NotAllowed (nothing is answered then) and BadInput.
    """
    if len(recheck_ids) > MOST_AT_ONCE:
        raise BadInput(_("At most %(most)s at once.") % {"most": MOST_AT_ONCE})
    if until is not None and until <= local_date(at):
        raise BadInput(fields={"until": [_("If it still holds, its last day lies in the future.")]})
    rows = _locked(recheck_ids, actor, answered="skip")
    for recheck in rows:
        _set(recheck, RecheckAnswer.HOLDS, until, source, evidence, actor, at)
    entries = [recheck.entry for recheck in rows]
    CategoryEntry.objects.bulk_update(entries, ["valid_to", "checked_on"])
    Recheck.objects.bulk_update(rows, _ANSWER)
    facts = {"answer": str(RecheckAnswer.HOLDS.label), "until": until.isoformat() if until else None, "source": source}
    record_many("registry.category.rechecked", [(entry, facts) for entry in entries], actor=actor, at=at)
    return len(rows)


_ANSWER = ["answer", "source", "evidence", "until_before", "until_after", "answered_by", "answered_at"]


def _locked(ids: Collection[UUID], actor: Actor, answered: str = "refuse") -> list[Recheck]:
    rows = list(
        Recheck.objects.select_for_update(of=("self", "entry"))
        .select_related("entry")
        .filter(id__in=ids)
        .order_by("id")
    )
    for row in rows:
        require(policies.may_write, actor, row.entry)
        if row.entry.sealed:
            require(policies.may_read_sensitive, actor, row.entry)
        if row.answered_at is not None and answered == "refuse":
            raise UnableTo(_("Somebody has answered this meanwhile."))
    return [row for row in rows if row.answered_at is None]


def _write(
    recheck: Recheck, answer: str, until: date | None, source: str, evidence: str, actor: Actor, at: datetime
) -> None:
    _set(recheck, answer, until, source, evidence, actor, at)
    recheck.entry.save(update_fields=["valid_to", "checked_on"])
    recheck.save(update_fields=_ANSWER)


def _set(
    recheck: Recheck, answer: str, until: date | None, source: str, evidence: str, actor: Actor, at: datetime
) -> None:
    entry = recheck.entry
    recheck.answer, recheck.source, recheck.evidence = answer, source, evidence
    recheck.until_before, recheck.until_after = entry.valid_to, until
    recheck.answered_by_id, recheck.answered_at = actor.user_id, at
    entry.valid_to, entry.checked_on = until, local_date(at)


def rechecks_close(*, entry: CategoryEntry, actor: Actor, at: datetime) -> None:
    """A category was ended by hand: nobody needs to be asked about it any more."""
    Recheck.objects.filter(entry=entry, answered_at=None).update(
        answer=RecheckAnswer.ENDED, until_after=entry.valid_to, answered_by_id=actor.user_id, answered_at=at
    )
