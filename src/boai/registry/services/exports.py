"""Taking a list out of the register: small ones at once, large ones with a second person, every line marked."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from boai.audit.services import record
from boai.files.enums import SHEETS
from boai.files.services import file_erase, file_store
from boai.kernel.clock import SHANGHAI, local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.sheets import Workbook
from boai.kernel.transition import transition
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.actor import Actor
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.registry import letters, policies
from boai.registry.enums import EXPORT_TRANSITIONS, Category, ExportState, Sensitivity, sensitivity_of
from boai.registry.models import RegisterExport
from boai.registry.queries.exports import export_rows, people_count
from boai.registry.services.intakes import Division
from boai.rulebook.queries import rule

WRITE_EXPORT = "registry.export_write"
KEPT = timedelta(days=7)
SHORTEST = 4
_WIDTHS = (34, 14, 14, 10, 12, 6, 12, 14, 10, 10, 30, 12)


@transaction.atomic
def export_ask(*, region_code: str, category: str, purpose: str, actor: Actor, at: datetime) -> RegisterExport:
    """Ask for a list of the people of a division. Above the rulebook's threshold a second person has to agree.

    Raises NotAllowed, BadInput (no purpose, a sensitive category), UnableTo (nobody would be on it).
    """
    require(policies.may_write, actor, Division(region_code))
    if len(purpose.strip()) < SHORTEST:
        raise BadInput(fields={"purpose": [_("Say what the list is for and who gets it.")]})
    if category and (category not in Category.values or sensitivity_of(category) != Sensitivity.OPEN):
        raise BadInput(fields={"category": [_("Choose a category from the list.")]})
    people = people_count(region_code=region_code, category=category, on=local_date(at))
    if not people:
        raise UnableTo(_("Nobody would be on this list."))
    most = rule("register.export_people", region_code=region_code, on=local_date(at)).value
    assert actor.user_id is not None, "people take lists"
    large = people > most
    export = RegisterExport.objects.create(
        region_code=region_code, category=category, purpose=purpose.strip(), people=people, needs_second=large,
        state=ExportState.ASKED if large else ExportState.WRITING, asked_by_id=actor.user_id, asked_at=at,
    )  # fmt: skip
    record("registry.export.asked", export, actor=actor, at=at, code=export.code, people=people, purpose=purpose)
    if large:
        _tell_second(export, actor, at)
    else:
        app.configure_task(WRITE_EXPORT).defer(export_id=str(export.id))
    return export


@transaction.atomic
def export_decide(*, export_id: UUID, action: str, actor: Actor, at: datetime) -> RegisterExport:
    """A second person allows or refuses ("allow", "refuse"). Raises NotFound, NotAllowed, UnableTo."""
    export = _for_update(export_id)
    require(policies.may_decide_export, actor, export)
    export.state = transition(EXPORT_TRANSITIONS, export.state, action)
    export.decided_by_id, export.decided_at = actor.user_id, at
    export.save(update_fields=["state", "decided_by", "decided_at"])
    record("registry.export.decided", export, actor=actor, at=at, code=export.code,
           outcome=str(ExportState(export.state).label))  # fmt: skip
    if export.state == ExportState.WRITING:
        app.configure_task(WRITE_EXPORT).defer(export_id=str(export.id))
    return export


def export_write(*, export_id: UUID, at: datetime) -> RegisterExport:
    """Write the list as a workbook and keep it sealed for a week. Does nothing when it is written already."""
    export = RegisterExport.objects.select_related("asked_by").get(id=export_id)
    if export.state != ExportState.WRITING:
        return export
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target:
        _write(export, cast(BinaryIO, target), local_date(at))
        target.seek(0)
        with transaction.atomic():
            export = _for_update(export_id)
            if export.state != ExportState.WRITING:
                return export
            name = _("Register list %(code)s.xlsx") % {"code": export.code}
            export.file = file_store(
                upload=cast(BinaryIO, target), purpose="registry.export", region_code=export.region_code,
                actor=Actor.system(), at=at, allow=SHEETS, name=name,
            )  # fmt: skip
            export.state, export.ready_at = transition(EXPORT_TRANSITIONS, export.state, "finish"), at
            export.save(update_fields=["file", "state", "ready_at"])
    return export


@transaction.atomic
def export_fetch(*, export_id: UUID, actor: Actor, at: datetime) -> UUID:
    """The id of the file, for the one who asked for it; leaves a mark. Raises NotFound, NotAllowed, UnableTo."""
    export = _for_update(export_id)
    require(policies.may_fetch_export, actor, export)
    if export.state != ExportState.READY or export.file_id is None:
        raise UnableTo(_("This list can't be fetched: it is still being written, or its time is over."))
    record("registry.export.fetched", export, actor=actor, at=at, code=export.code, people=export.people)
    return export.file_id


def exports_forget(*, at: datetime) -> int:
    """Erase lists that were ready a week ago; how many. Nobody needs them any longer, and they lie around."""
    old = RegisterExport.objects.filter(state=ExportState.READY, ready_at__lt=at - KEPT).values_list("id", flat=True)
    return sum(_forget(export_id, at) for export_id in old)


@transaction.atomic
def _forget(export_id: UUID, at: datetime) -> int:
    export = _for_update(export_id)
    if export.state != ExportState.READY or export.file_id is None:
        return 0
    export.state = transition(EXPORT_TRANSITIONS, export.state, "forget")
    export.save(update_fields=["state"])
    file_erase(file_id=export.file_id, actor=Actor.system(), at=at, reason=_("The time of the list is over"))
    return 1


def _write(export: RegisterExport, target: BinaryIO, on: date) -> None:
    """Who took it, when and what for in the first line; the mark in every line, so that an excerpt tells as well."""
    moment = export.asked_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    said = {"who": export.asked_by.name, "when": moment, "purpose": export.purpose, "code": export.code}
    head = [
        _("Village or community"), _("Household code"), _("Household number of the office"), _("Name"), _("Relation"),
        _("Sex"), _("Born on"), _("Identity document"), _("Identity number"), _("Telephone"), _("Categories"),
        _("Mark of the list"),
    ]  # fmt: skip
    with Workbook(target) as book:
        sheet = book.sheet(_("Register"))
        sheet.widths(_WIDTHS)
        sheet.row([_("Taken by %(who)s at %(when)s for: %(purpose)s. Mark %(code)s. Do not pass on.") % said])
        sheet.row(head)
        for row in export_rows(export=export, on=on):
            sheet.row(row)


def _tell_second(export: RegisterExport, actor: Actor, at: datetime) -> None:
    posts = holders(Duty.AUDIT_READ, region_code=export.region_code, on=local_date(at))
    users = {post.user_id for post in posts if post.role != "admin"} - {actor.user_id}
    words = {"who": actor.name, "people": str(export.people), "purpose": export.purpose, "code": export.code}
    for user_id in sorted(users):
        message_send(
            to=Recipient(user_id=user_id), template=letters.EXPORT, context=words,
            key=f"{letters.EXPORT}:{export.id}:{user_id}", region_code=export.region_code, at=at,
        )  # fmt: skip


def _for_update(export_id: UUID) -> RegisterExport:
    found = RegisterExport.objects.select_for_update().filter(id=export_id).first()
    if found is None:
        raise NotFound
    return found
