"""A relief case as governance sees it: subject, facts for the panel, who has to step aside, the line of a notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from boai.governance.enums import Ground, PublicReason
from boai.governance.models import Review
from boai.governance.rules.publication import Entry
from boai.governance.rules.subjects import Fact, MustRecuse, Subject
from boai.kernel.crypto import blind
from boai.kernel.money import format_fen
from boai.people.models import Post, User
from boai.people.roles import ROLES, Duty
from boai.regions.queries import full_names
from boai.registry.models import Resident
from boai.registry.models.people import PHONE
from boai.registry.purposes import Purpose
from boai.registry.queries.consents import allows
from boai.relief.enums import ProgrammeKind
from boai.relief.models import Case, Programme, Snapshot, Visit

KIND = "relief.case"


def subject_of(case: Case) -> Subject:
    """The case as something that is decided about."""
    title = f"{case.beneficiary_name} {case.programme.name}"
    return Subject(KIND, case.id, case.region_code, case.code, title[:120])


def facts_of(case: Case, visit: Visit, snapshot: Snapshot) -> list[Fact]:
    """What the panel sees before it votes: means and need, never a sensitive category (governance §5)."""
    place = full_names([case.region_code], below=case.branch.region_code).get(case.region_code, case.region_code)
    found = snapshot.facts
    facts = [
        Fact(_("Person in need"), case.beneficiary_name),
        Fact(_("Village or community"), place),
        Fact(_("Programme"), case.programme.name),
        Fact(
            _("Household"),
            _("{members} members, {minors} under 18, {elders} over 60").format(
                members=visit.members, minors=found["minors"], elders=found["elders"]
            ),
        ),
        Fact(_("Income per head and month"), format_fen(visit.income_fen)),
        Fact(_("Costs in all"), format_fen(visit.cost_total_fen)),
        Fact(_("Borne by the household"), format_fen(visit.cost_own_fen)),
        Fact(_("House"), str(visit.get_dwelling_display())),
        Fact(_("Need score"), f"{visit.score} / 100"),
        Fact(_("Amount advised"), format_fen(visit.advised_fen or 0)),
        Fact(_("Amount proposed"), format_fen(case.proposed_fen or 0)),
    ]
    if visit.override_reason:
        facts.append(Fact(_("Why another amount"), visit.override_reason))
    return facts


def recusals_of(case: Case) -> list[MustRecuse]:
    """Staff who are tied to the household as far as the records tell: they share its telephone (governance §3.7).

    Kinship between staff and applicants stands in nobody's register; members declare it, others challenge.
    """
    phones = {case.application.phone}
    if case.household_id is not None:
        phones |= {r.phone for r in Resident.objects.filter(household_id=case.household_id, ended_on=None)}
    wanted = {blind(phone, PHONE) for phone in phones if phone}
    reviewers = [role.code for role in ROLES.values() if Duty.REVIEW_VOTE in role.duties]
    seats = Post.objects.filter(role__in=reviewers).values("user_id")
    staff = User.objects.filter(id__in=seats).exclude(phone="").only("id", "phone")
    return [
        MustRecuse(user.id, Ground.HOUSEHOLD, _("has the same telephone as the household"))
        for user in staff
        if blind(user.phone, PHONE) in wanted
    ]


def verifiers_of(case: Case) -> list[UUID]:
    """Who visited the household: they leave the item."""
    return [user_id for user_id in (case.verified_by_id, case.verified_with_id) if user_id is not None]


def hands_of(case: Case) -> frozenset[UUID]:
    """Everybody who had a hand in the case: they may not handle an objection to it."""
    hands = (case.created_by_id, case.accepted_by_id, case.verified_by_id, case.verified_with_id, case.approved_by_id)
    return frozenset(user_id for user_id in hands if user_id is not None)


def entry_of(case: Case, snapshot: Snapshot, *, below: str, on: date) -> Entry:
    """The case as a line of a public notice. A minor, a protected person, or somebody who did not agree to be published
    appears by the case code alone; an illness is never named, neither as the reason nor by the programme.
    """
    said = case.application
    agreed = may_be_named(case, on=on)
    shielded = said.minor or bool(snapshot.facts["shielded"]) or not agreed
    place = full_names([case.region_code], below=below).get(case.region_code, case.region_code)
    fields: dict[str, object] = {"place": place[:60], "amount_fen": case.proposed_fen}
    if shielded:
        if said.minor and agreed:
            fields["guardian"] = said.guardian_name
    else:
        fields |= {
            "name": case.beneficiary_name,
            "programme": _public_programme(case.programme),
            "reason": PublicReason.OTHER if case.programme.kind == ProgrammeKind.STUDY else PublicReason.HARDSHIP,
        }
    return Entry(
        subject_of(case), fields, shielded=shielded, review_id=case.review_id, excluded=hands_of(case)
    )  # fmt: skip


def may_be_named(case: Case, *, on: date) -> bool:
    """Has the person agreed to be published, in the application, and not said no in the register since?"""
    said_at = case.application.consent_publish_at
    if said_at is None or case.resident_id is None:
        return said_at is not None
    return allows(resident_id=case.resident_id, purpose=Purpose.PUBLISH, on=on, elsewhere=said_at)


def _public_programme(programme: Programme) -> str:
    """The programme as a notice names it: never by a name that tells of an illness."""
    if programme.public_name:
        return programme.public_name
    if programme.kind != ProgrammeKind.ILLNESS:
        return programme.name
    with override("zh-hans"):
        return _("Humanitarian relief")


def latest_visits(cases: Sequence[Case]) -> dict[UUID, Visit]:
    """The newest visit sheet of each case. One query."""
    rows = Visit.objects.filter(case__in=cases).order_by("case_id", "-version").distinct("case_id")
    return {row.case_id: row for row in rows}


def latest_snapshots(cases: Sequence[Case]) -> dict[UUID, Snapshot]:
    """The newest frozen household of each case. One query."""
    rows = Snapshot.objects.filter(case__in=cases).order_by("case_id", "-version").distinct("case_id")
    return {row.case_id: row for row in rows}


def latest_reviews(cases: Sequence[Case]) -> dict[UUID, UUID]:
    """The newest item about each case that has been on an agenda before. One query."""
    rows = Review.objects.filter(subject_kind=KIND, subject_id__in=[c.id for c in cases])
    found = rows.order_by("subject_id", "-opened_at", "-id").distinct("subject_id").values_list("subject_id", "id")
    return dict(found)
