"""May a person's data be used for something? Every reader asks here, and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.people.actor import Actor
from boai.registry.models import Consent, Household, Merge, Resident
from boai.registry.purposes import ABOUT, ASKABLE, VERSIONS, Answer, Basis, Purpose
from boai.registry.queries.households import household_get
from boai.rulebook.enums import Confidence
from boai.rulebook.queries import Rule, rule, rules

# What holds for the person of `who`: the newest answer, also of one whom a merge has taken in.
NOW = """
(SELECT c.answer FROM registry_consent c WHERE c.purpose = %(purpose)s AND c.ended_at IS NULL
   AND (c.resident_id = {who} OR c.resident_id IN
        (SELECT m.gone_id FROM registry_merge m WHERE m.kept_id = {who} AND m.undone_at IS NULL))
 ORDER BY c.id DESC LIMIT 1)"""
MAY = f"(NOT %(asks)s OR CASE {NOW} WHEN 'given' THEN true WHEN 'lifted' THEN %(unasked)s ELSE {{otherwise}} END)"


@dataclass(frozen=True)
class PurposeView:
    """A purpose as the page tells it: basis, source, how sure, which data, how long."""

    code: str
    label: str
    basis: str
    source: str
    confidence: str
    confidence_label: str
    data: str
    keep: str
    ask: str
    text_version: date | None
    may_say_no: bool


@dataclass(frozen=True)
class Standing:
    """What holds for one person and one purpose. `answer` "" means: nobody has been asked."""

    purpose: str
    label: str
    answer: str
    shown: str
    allowed: bool
    may_say_no: bool
    consent: Consent | None


@dataclass(frozen=True)
class PersonStanding:
    """A person of a household with what holds for every purpose."""

    resident: Resident
    standings: list[Standing]


def allows(*, resident_id: UUID, purpose: str, on: date, elsewhere: datetime | None = None) -> bool:
    """May the person's data be used for the purpose on a day?

    Where the rulebook's basis is a duty or an emergency: yes, nobody is asked. Otherwise the newest answer holds; an
    objection stops the use until it is decided. `elsewhere`: when the person agreed in another paper (an application);
    a later no in the register ends that too. False for somebody who is not there.
    """
    resident = Resident.objects.filter(id=resident_id).only("id", "region_code").first()
    if resident is None:
        return False
    basis = basis_of(purpose, region_code=resident.region_code, on=on)
    if basis["basis"] not in ASKABLE:
        return True
    current = _current([resident_id], [purpose]).get((resident_id, purpose))
    if current is None or current.answer == Answer.LIFTED:
        return bool(basis["unasked"]) or elsewhere is not None
    if current.answer == Answer.GIVEN:
        return True
    return current.answer != Answer.SUSPENDED and elsewhere is not None and elsewhere > current.recorded_at


def allowed_among(*, resident_ids: Collection[UUID], purpose: str, region_code: str, on: date) -> set[UUID]:
    """Those of some people of one place whose data may be used. Two queries, however many people."""
    basis = basis_of(purpose, region_code=region_code, on=on)
    if basis["basis"] not in ASKABLE:
        return set(resident_ids)
    current = _current(resident_ids, [purpose])
    return {one for one in resident_ids if _may(current.get((one, purpose)), basis)}


def may_values(*, purpose: str, region_code: str, on: date) -> dict[str, Any]:
    """The values that MAY needs in a statement over a whole division."""
    basis = basis_of(purpose, region_code=region_code, on=on)
    return {"purpose": purpose, "asks": basis["basis"] in ASKABLE, "unasked": basis["unasked"]}


def may_sql(who: str) -> str:
    """The condition that the person `who` (a column) may be used for what `may_values` names."""
    known = f"%(unasked)s AND {NOW} IS NULL"
    return MAY.replace("{otherwise}", known).replace("{who}", who)


def basis_of(purpose: str, *, region_code: str, on: date) -> dict[str, Any]:
    """The rulebook's basis of a purpose: {"basis", "unasked"}."""
    value: dict[str, Any] = rule(f"privacy.{purpose}", region_code=region_code, on=on).value
    return value


def newest_answer() -> int:
    """The id of the newest answer that can be seen. Ask it under the lock of `services.consents.answers_settle`."""
    newest = Consent.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def refused_since(*, region_code_range: tuple[str, str], purpose: str, after: int) -> bool:
    """Has anybody of a division said no since that answer?"""
    said_no = (Answer.REFUSED, Answer.WITHDRAWN, Answer.SUSPENDED)
    return Consent.objects.filter(
        region_code__range=region_code_range, purpose=purpose, id__gt=after, answer__in=said_no
    ).exists()


def purposes_page(*, region_code: str, on: date) -> list[PurposeView]:
    """Every purpose with its basis, its data and its time, as told at a place. Two queries."""
    found = rules([f"privacy.{one}" for one in Purpose.values], region_code=region_code, on=on)
    keeps = rules([about.keep_rule for about in ABOUT.values() if about.keep_rule], region_code=region_code, on=on)
    return [_told(Purpose(code), found[f"privacy.{code}"], keeps) for code in Purpose.values]


def household_standings(*, household_id: UUID, actor: Actor, on: date) -> tuple[Household, list[PersonStanding]]:
    """The people of a household and what holds for each purpose that people are asked about. Raises NotFound."""
    household = household_get(household_id=household_id, actor=actor)
    people = list(household.residents.filter(ended_on__isnull=True).order_by("born_on", "id"))
    people.sort(key=lambda one: not one.is_head)
    found = rules([f"privacy.{one}" for one in VERSIONS], region_code=household.region_code, on=on)
    current = _current([one.id for one in people], VERSIONS)
    return household, [
        PersonStanding(one, [_standing(code, found[f"privacy.{code}"], current.get((one.id, code)))
                             for code in VERSIONS])
        for one in people
    ]  # fmt: skip


def consent_history(*, resident_id: UUID) -> QuerySet[Consent]:
    """Every answer of a person, the newest first."""
    return Consent.objects.filter(resident_id=resident_id).select_related("recorded_by").order_by("-id")


def consents_copy(*, resident_id: UUID) -> list[dict[str, Any]]:
    """The person's answers for the copy that they take along."""
    return [
        {
            "purpose": one.purpose,
            "name": str(one.get_purpose_display()),
            "answer": str(one.get_answer_display()),
            "text_of": one.text_version.isoformat(),
            "said_by": str(one.get_giver_display()),
            "name_of_who_said_it": one.giver_name,
            "how": str(one.get_way_display()),
            "said_on": one.said_on.isoformat(),
            "recorded_by": one.recorded_by.name if one.recorded_by else "",
            "holds": one.ended_at is None,
        }
        for one in consent_history(resident_id=resident_id)
    ]


def _current(resident_ids: Iterable[UUID], purposes: Iterable[str]) -> dict[tuple[UUID, str], Consent]:
    """The answer that holds for each person and purpose, with those of people whom a merge has taken in."""
    ids = set(resident_ids)
    into = dict(Merge.objects.filter(kept_id__in=ids, undone_at__isnull=True).values_list("gone_id", "kept_id"))
    rows = Consent.objects.filter(
        Q(resident_id__in=ids) | Q(resident_id__in=into), purpose__in=list(purposes), ended_at__isnull=True
    ).order_by("id")
    return {(into.get(row.resident_id, row.resident_id), row.purpose): row for row in rows}


def _may(current: Consent | None, basis: dict[str, Any]) -> bool:
    if basis["basis"] not in ASKABLE:
        return True
    if current is None or current.answer == Answer.LIFTED:
        return bool(basis["unasked"])
    return current.answer == Answer.GIVEN


def _standing(purpose: str, known: Rule, current: Consent | None) -> Standing:
    return Standing(
        purpose=purpose,
        label=str(Purpose(purpose).label),
        answer=current.answer if current else "",
        shown=str(current.get_answer_display()) if current else "",
        allowed=_may(current, known.value),
        may_say_no=known.value["basis"] in ASKABLE,
        consent=current,
    )


def _told(purpose: Purpose, known: Rule, keeps: dict[str, Rule]) -> PurposeView:
    about = ABOUT[purpose]
    keep = keeps.get(about.keep_rule)
    return PurposeView(
        code=purpose.value,
        label=str(purpose.label),
        basis=str(Basis(known.value["basis"]).label),
        source=known.source,
        confidence=known.confidence,
        confidence_label=str(Confidence(known.confidence).label),
        data=str(about.data),
        keep=f"{keep.about.title}：{'、'.join(keep.lines)}" if keep else "",
        ask=str(about.ask),
        text_version=VERSIONS.get(purpose),
        may_say_no=known.value["basis"] in ASKABLE,
    )
