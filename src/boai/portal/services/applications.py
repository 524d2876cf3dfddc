"""Sending an application: the draft becomes a case, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.kernel.scope import Scope, scoped
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.actor import Actor
from boai.portal import texts
from boai.portal.models import Draft
from boai.portal.queries import Place
from boai.portal.services.drafts import Contents, draft_lock, draft_sent, opened
from boai.portal.services.photos import photos_erase, photos_read
from boai.portal.wizard import FORMS, Wizard
from boai.relief.enums import ApplicantKind, Channel, PayeeKind
from boai.relief.models import Case
from boai.relief.services.application import Applied, case_submit

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Sent:
    """What the applicant takes home: the case code, and the tail of the phone that opens its page."""

    code: str
    tail: str


@transaction.atomic
def application_send(*, token: str, place: Place, actor: Actor, at: datetime) -> Sent:
    """Make a case of a draft. A second click finds the draft sent and gets the same code; nothing is done twice.

    Raises NotFound (the draft's day is over), UnableTo (a step lacks something), BadInput (what relief refuses).
    """
    with opened(token) as digest:
        draft, contents = draft_lock(digest, at=at)
        if draft.sent_at is not None:
            return Sent(contents.code, contents.tail)
        wizard = Wizard(contents, place, local_date(at))
        if wizard.faulty():
            raise UnableTo(_("Something is still missing. Please look at the steps marked below."))
        data, photos = applied(wizard), photos_read(draft, contents.papers)
        with scoped(Scope(data.region_code, data.region_code)):
            case = case_submit(data=data, channel=Channel.PORTAL, actor=actor, at=at, uploads=photos)
            record("portal.application.consented", case, actor=actor, at=at, texts=texts.VERSION, **_consents(wizard))
            _tell(case, data.phone, at=at)
        photos_erase(draft, contents.papers, actor=actor, at=at, reason="sent with the application")
        sent = Sent(case.code, data.phone[-4:])
        draft_sent(draft, code=sent.code, tail=sent.tail, at=at)
    return sent


def _tell(case: Case, phone: str, *, at: datetime) -> None:
    """Write the code to the phone, for whoever forgets to note it down."""
    words = {
        "branch": case.branch.name,
        "code": case.code,
        "address": settings.BOAI_PUBLIC_URL + reverse("portal:follow"),
    }
    message_send(
        to=Recipient(phone=phone), template="portal.case_received", context=words, region_code=case.region_code,
        key=f"portal.case_received:{case.id}", at=at,
    )  # fmt: skip


def applied(wizard: Wizard) -> Applied:
    """What was written, as relief takes it. All steps are right."""
    said: dict[str, dict[str, Any]] = {}
    for step in FORMS:
        form = wizard.bound(step)
        assert form.is_valid(), step
        said[step] = form.cleaned_data
    person, where, need, consent = (said[step] for step in ("person", "where", "need", "consent"))
    guardian = wizard.kind == ApplicantKind.GUARDIAN
    number = person["id_number"]
    return Applied(
        programme_id=UUID(need["programme"]),
        region_code=where["village"],
        applicant_kind=wizard.kind,
        beneficiary_name=person["beneficiary_name"],
        cause=need["cause"],
        story=need["story"],
        requested_fen=need["requested"] or 0,
        phone=person["phone"],
        applicant_name=person.get("applicant_name", ""),
        applicant_relation=person.get("applicant_relation", ""),
        id_number=number.number if number else "",
        no_id_reason="" if number else person["no_id_reason"],
        born_on=person["born"],
        guardian_name=person["applicant_name"] if guardian else "",
        address=where["address"],
        cost_total_fen=need["cost_total"] or 0,
        cost_insurance_fen=need["cost_insurance"] or 0,
        payee_kind=PayeeKind.GUARDIAN if guardian else PayeeKind.BENEFICIARY,
        consent_keep=consent["keep"],
        consent_sensitive=consent["sensitive"],
        consent_publish=consent["publish"],
        consent_compare=consent["compare"],
    )


def _consents(wizard: Wizard) -> dict[str, bool]:
    form = wizard.bound("consent")
    form.full_clean()
    return {name: bool(form.cleaned_data.get(name)) for name in form.fields}


@transaction.atomic
def application_forget(*, token: str, actor: Actor, at: datetime) -> None:
    """Delete an application that was not sent, photos and all, at the applicant's wish. A sent one stays."""
    with opened(token) as digest:
        draft = Draft.objects.select_for_update().filter(token_hash=digest, sent_at=None).first()
        if draft is not None:
            _delete(draft, actor=actor, at=at, reason="deleted by the applicant")


@transaction.atomic
def drafts_sweep(*, at: datetime) -> int:
    """Delete drafts whose time is over, with their photos; how many. Needs the whole scope."""
    over = list(Draft.objects.select_for_update(skip_locked=True).filter(expires_at__lte=at)[:MOST_AT_ONCE])
    for draft in over:
        _delete(draft, actor=Actor.system(), at=at, reason="not sent in time")
    return len(over)


def _delete(draft: Draft, *, actor: Actor, at: datetime, reason: str) -> None:
    photos_erase(draft, Contents.read(draft.contents).papers, actor=actor, at=at, reason=reason)
    draft.delete()
