"""Looking at what is sealed. Every look leaves a mark in the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.clock import local_date
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry.purposes import Purpose
from boai.registry.queries.consents import allows
from boai.registry.services import look_note
from boai.relief import policies
from boai.relief.models import Application, Case, Paper, Photo, Visit

FIELDS: Final = {
    "phone": policies.may_see_sensitive,
    "id_number": policies.may_see_sensitive,
    "address": policies.may_see_sensitive,
    "story": policies.may_see_sensitive,
    "diagnosis": policies.may_see_sensitive,
    "hospital": policies.may_see_sensitive,
    "account": policies.may_see_account,
    "findings": policies.may_see_sensitive,
    "neighbours": policies.may_see_sensitive,
}
"""What is sealed on a case, and who may open it."""
HEALTH: Final = frozenset({"diagnosis", "hospital"})


def field_name(field: str) -> str:
    """A sealed field in the words of the forms."""
    model = Visit if field in ("findings", "neighbours") else Application
    return str(getattr(model._meta.get_field(field), "verbose_name", field))


@transaction.atomic
def case_reveal(*, case_id: UUID, field: str, actor: Actor, at: datetime) -> str:
    """One sealed fact of a case in clear. Raises NotFound for an unknown field, NotAllowed, UnableTo (the person has
    taken back the consent to sensitive facts being used, and the field is about health)."""
    if field not in FIELDS:
        raise NotFound
    case = Case.objects.select_related("branch", "household").filter(id=case_id).first()
    if case is None:
        raise NotFound
    require(FIELDS[field], actor, case)
    if field in HEALTH and not _health_allowed(case, on=local_date(at)):
        raise UnableTo(_("The person has taken back the consent to this being used. It stays sealed."))
    audit.record("relief.case.looked_at", case, actor=actor, at=at, code=case.code, field=field)
    if case.household is not None:
        reason = _("Opened a sealed fact of the case ({field})").format(field=field_name(field))
        look_note(household=case.household, reason=reason, place=case.code, actor=actor, at=at)
    if field in ("findings", "neighbours"):
        visit = Visit.objects.filter(case=case).order_by("-version").first()
        return str(getattr(visit, field)) if visit is not None else ""
    return str(getattr(Application.objects.get(case=case), field))


def _health_allowed(case: Case, *, on: date) -> bool:
    """The application's own consent holds until a later no in the register."""
    if case.resident_id is None:
        return True
    said_at = Application.objects.values_list("consent_sensitive_at", flat=True).get(case=case)
    return allows(resident_id=case.resident_id, purpose=Purpose.SENSITIVE, on=on, elsewhere=said_at)


@transaction.atomic
def case_file(*, case_id: UUID, file_id: UUID, actor: Actor, at: datetime) -> UUID:
    """The id of a paper's or photo's file that the actor may open, after the look is recorded. Raises NotFound."""
    case = Case.objects.select_related("branch", "household").filter(id=case_id).first()
    papers = Paper.objects.filter(case_id=case_id, file_id=file_id)
    if case is None or not (papers.exists() or Photo.objects.filter(visit__case_id=case_id, file_id=file_id).exists()):
        raise NotFound
    require(policies.may_see_sensitive, actor, case)
    audit.record("relief.case.file_opened", case, actor=actor, at=at, code=case.code, file=str(file_id))
    if case.household is not None:
        reason = _("Opened a paper or photo of the case")
        look_note(household=case.household, reason=reason, place=case.code, actor=actor, at=at)
    return file_id
