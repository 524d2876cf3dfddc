"""Facts of a case in the form that the components take. No decision is made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import SHANGHAI, local_date
from boai.kernel.money import format_fen
from boai.kernel.text.masks import tail
from boai.people.actor import Actor
from boai.people.roles import ROLES
from boai.registry.models import Household, Resident
from boai.relief import policies
from boai.relief.enums import Action, Level, PaymentState, State, Track
from boai.relief.models import Case, Paper
from boai.relief.queries.case_page import CasePage, prior_help_fen
from boai.relief.queries.register import category_names, members_of
from boai.relief.score import factor_label
from boai.relief.services.sight import FIELDS

Item = dict[str, Any]


def facts(page: CasePage) -> list[Item]:
    """Who, where, what for."""
    case, said = page.case, page.application
    household = reverse("registry:household", args=[case.household_id]) if case.household_id else ""
    rows: list[Item] = [
        {"label": _("Person in need"), "value": case.beneficiary_name},
        {"label": _("Village or community"), "value": page.place},
        {"label": _("Programme"), "value": case.programme.name},
        {"label": _("Cause"), "value": case.get_cause_display()},
        {"label": _("Who applies"), "value": _applicant(page)},
        {
            "label": _("Way of application"),
            "value": said.get_channel_display(),
            "note": local_date(case.created_at).isoformat(),
        },
        {"label": _("Household"), "value": _household(page), "url": household},
    ]
    if said.guardian_name:
        rows.append({"label": _("Guardian"), "value": said.guardian_name})
    if case.track == Track.EMERGENCY:
        rows.append({"label": _("Track"), "value": case.get_track_display(), "tone": "wait"})
    if case.papers_due_on:
        rows.append({"label": _("Papers due by"), "value": case.papers_due_on.isoformat()})
    return rows


def _applicant(page: CasePage) -> str:
    said = page.application
    kind = said.get_applicant_kind_display()
    return f"{said.applicant_name}（{kind}）" if said.applicant_name != page.case.beneficiary_name else kind


def _household(page: CasePage) -> str:
    if page.case.household_id is None:
        return _("Not linked to the register yet")
    if page.snapshot is None:
        return _("In the register")
    found = page.snapshot.facts
    kinds = "、".join(category_names(found["categories"]))
    return _("{members} members").format(members=found["members"]) + (f"，{kinds}" if kinds else "")


def amounts(page: CasePage) -> list[Item]:
    """The four amounts on the way of a case."""
    case = page.case
    rows = [
        {"label": _("Asked for"), "value": _fen(case.requested_fen or None)},
        {"label": _("Advised by the score"), "value": _fen(case.advised_fen)},
        {"label": _("Proposed"), "value": _fen(case.proposed_fen)},
        {"label": _("Approved"), "value": _fen(case.approved_fen), "note": _level(case)},
    ]
    if case.override_reason:
        rows.append({"label": _("Why another amount"), "value": case.override_reason})
    said = page.application
    if said.cost_total_fen:
        rows += [
            {"label": _("Costs in all"), "value": _fen(said.cost_total_fen)},
            {"label": _("Borne by the household"), "value": _fen(said.cost_own_fen)},
        ]
    return rows


def _fen(amount: int | None) -> str:
    return "" if amount is None else format_fen(amount)


def _level(case: Case) -> str:
    if not case.level or case.approved_fen is None:
        return ""
    label = str(Level(case.level).label)
    return f"{label} {case.resolution}".strip()


_SEALED = ("phone", "id_number", "address", "story", "diagnosis", "hospital", "account", "findings", "neighbours")


def sealed_label(field: str) -> str:
    """The name of a sealed fact."""
    return {
        "phone": _("Phone"),
        "id_number": _("ID number"),
        "address": _("Address"),
        "story": _("What happened"),
        "diagnosis": _("Diagnosis"),
        "hospital": _("Hospital"),
        "account": _("Receiving account"),
        "findings": _("What the visitors found"),
        "neighbours": _("What neighbours said"),
    }.get(field, field)


def sealed(page: CasePage, actor: Actor) -> list[Item]:
    """Sealed facts behind their masks, with the address that opens them for who may."""
    said, case = page.application, page.case
    shown = {
        "phone": tail(said.phone),
        "id_number": tail(said.id_number) if said.id_number else said.no_id_reason,
        "address": "······" if said.address else "",
        "story": "······" if said.story else "",
        "diagnosis": "······" if said.diagnosis else "",
        "hospital": "······" if said.hospital else "",
        "account": f"{tail(said.account)} {said.payee_name} {said.bank}".strip() if said.account else "",
        "findings": "······" if page.visit else "",
        "neighbours": "······" if page.visit else "",
    }
    return [
        {
            "id": f"sealed-{name}",
            "label": sealed_label(name),
            "value": shown[name],
            "url": reverse("relief:reveal", args=[case.id, name]) if FIELDS[name](actor, case) else "",
        }
        for name in _SEALED
        if shown[name]
    ]


def papers(page: CasePage) -> list[Item]:
    """Papers with their file, or that they are missing."""
    return [_paper(page, paper) for paper in page.papers]


def _paper(page: CasePage, paper: Paper) -> Item:
    stored = page.files.get(paper.file_id) if paper.file_id else None
    return {
        "label": paper.get_kind_display(),
        "here": paper.received_at is not None,
        "asked": paper.asked_at is not None and paper.received_at is None,
        "required": paper.required,
        "url": reverse("relief:file", args=[page.case.id, stored.id]) if stored else "",
        "size": stored.size if stored else None,
        "at": local_date(paper.received_at).isoformat() if paper.received_at else "",
    }


def timeline(page: CasePage) -> list[Item]:
    """What happened, newest first, with the door to its proof."""
    tones = {Action.REFUSE: "stop", Action.DECLINE: "stop", Action.WITHDRAW: "stop", Action.APPROVE: "ok",
             Action.PAY: "ok", Action.PASS: "ok"}  # fmt: skip
    return [
        {
            "at": _moment(step.at),
            "who": f"{step.actor_name} {ROLES[step.actor_role].name}" if step.actor_role in ROLES else step.actor_name,
            "title": str(Action(step.action).label) if step.action in Action.values else step.action,
            "text": step.note,
            "tone": tones.get(Action(step.action), ""),
        }
        for step in reversed(page.steps)
    ]


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def payments(page: CasePage) -> list[Item]:
    """Payment attempts with their receipts."""
    rows = []
    for payment in page.payments:
        receipt = page.receipts.get(payment.id)
        rows.append(
            {
                "payment": payment,
                "amount": format_fen(payment.amount_fen),
                "paid": format_fen(payment.paid_fen + payment.over_fen) if payment.paid_fen else "",
                "over": format_fen(payment.over_fen) if payment.over_fen else "",
                "state": payment.get_state_display(),
                "tone": {PaymentState.PAID: "ok", PaymentState.FAILED: "stop"}.get(PaymentState(payment.state), "wait"),
                "to": f"{payment.payee_name} …{payment.account_last4}",
                "receipt_url": reverse("relief:receipt", args=[receipt.id]) if receipt else "",
                "batch_url": reverse("relief:batch", args=[payment.batch_id]) if payment.batch_id else "",
            }
        )
    return rows


def score_lines(lines: Iterable[Mapping[str, Any]]) -> list[Item]:
    """The score, factor by factor, in words."""
    return [dict(line) | {"label": factor_label(str(line["factor"]))} for line in lines]


def sheet_lines(page: CasePage) -> list[Item]:
    """The lines of the newest visit sheet's score."""
    return score_lines(page.visit.score_lines) if page.visit else []


def sheet_initial(case: Case, at: datetime) -> Item:
    """What the sheet can be filled with before anybody has visited: from the application and the register."""
    on = local_date(at)
    said = case.application
    members = members_of(case.household_id, on=on) if case.household_id else []
    household = Household.objects.filter(id=case.household_id).first() if case.household_id else None
    income = household.income_fen if household else None
    return {
        "version": case.version,
        "visited_on": on,
        "members": len(members) or None,
        "income": income // 12 // max(1, len(members)) if income is not None else None,
        "cost_total": said.cost_total_fen,
        "cost_own": said.cost_own_fen,
        "prior_help": prior_help_fen(case, on=on),
    }


def prefill(request: HttpRequest) -> Item:
    """A new application for somebody chosen in the register (`?resident=` or `?household=`)."""
    initial: Item = {"village": request.GET.get("village", "")}
    resident = Resident.objects.filter(id=_uuid(request.GET.get("resident", ""))).first()
    if resident is None:
        return initial
    return initial | {
        "village": resident.region_code,
        "household_id": resident.household_id,
        "resident_id": resident.id,
        "beneficiary_name": resident.name,
        "id_number": resident.number,
        "born_on": resident.born_on,
        "phone": resident.phone,
        "account": resident.account,
        "bank": resident.bank,
    }


def _uuid(text: str) -> Any:
    try:
        return UUID(text)
    except ValueError:
        return None


def score_columns() -> list[Any]:
    """Headings of the score's table."""
    return [
        _("Factor"),
        _("What was found"),
        {"label": _("Value × weight"), "align": "num"},
        {"label": _("Points scored"), "align": "num"},
    ]


def visit_context(page: CasePage) -> Item:
    """What the card of the verification shows."""
    visit = page.visit
    if visit is None:
        return {}
    second = (
        page.people.get(visit.second_id, "")
        if visit.second_id
        else _with_office(visit.second_name, visit.second_office)
    )
    photos = page.photos.get(visit.id, [])
    return {
        "visit_people": f"{page.people.get(visit.first_id, '')}、{second}",
        "visit_lines": score_lines(visit.score_lines),
        "score_columns": score_columns(),
        "visit_photos": [
            {"url": reverse("relief:file", args=[page.case.id, f.id]), "name": f.name, "size": f.size} for f in photos
        ],
        "snapshot_digest": bytes(page.snapshot.digest).hex() if page.snapshot else "",
    }


def _with_office(name: str, office: str) -> str:
    return f"{name}（{office}）" if office else name


def governance_context(page: CasePage) -> Item:
    """Doors to the review and the notice, and what still blocks the approval."""
    return {
        "review_url": _door("governance:review", page.case.review_id),
        "notice_url": _door("governance:notice", page.case.notice_id),
        "blockers_matter": page.case.state in (State.PUBLISHING, State.APPROVING),
    }


def _door(name: str, key: UUID | None) -> str:
    return reverse(name, args=[key]) if key else ""


def may_retry(page: CasePage, actor: Actor) -> bool:
    """Has the last payment failed, and may this person send it again?"""
    last = page.payments[-1] if page.payments else None
    failed = last is not None and last.state in (PaymentState.FAILED, PaymentState.CANCELLED)
    return failed and page.case.state == State.PAYING and bool(policies.may_prepare(actor, page.case.branch_id))


def sheet_blanks() -> list[str]:
    """The lines of an empty visit sheet."""
    return [
        _("Visited on"), _("How"), _("Members of the household"), _("In need of care or at school"),
        _("Income per head and month"), _("Costs in all"), _("Of which the household bears"),
        _("Help received in the last twelve months"), _("Highest disability grade"), _("House"),
        _("How hard the event hit them"), _("What we found"), _("What neighbours and the village said"),
        _("Does the household meet the conditions?"), _("Amount we propose"),
    ]  # fmt: skip
