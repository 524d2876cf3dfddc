"""Receiving what visitors recorded, once, and never over something that is already there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.visits import policies
from boai.visits.enums import TRANSITIONS, Action, Clash, Outcome, Standing, State
from boai.visits.models import Report, Taking, Visit
from boai.visits.queries.kin import kin_of
from boai.visits.queries.visits import trip_get
from boai.visits.services.changing import tie_keep


@dataclass(frozen=True)
class Record:
    """What a visitor recorded. `client_id` was made where it was recorded; `based_on` is the visit's version there."""

    client_id: UUID
    based_on: int
    made_at: datetime
    outcome: str
    missed: str = ""
    first_there: bool = True
    second_there: bool = False
    notes: str = ""
    house: str = ""
    needs: tuple[str, ...] = ()
    needs_words: str = ""
    entry: str = ""
    entry_words: str = ""
    related: bool = False

    def answers(self) -> str:
        """The checklist as it is sealed; "" when nothing was asked."""
        said = {
            "house": self.house,
            "needs": list(self.needs),
            "needs_words": self.needs_words,
            "entry": self.entry,
            "entry_words": self.entry_words,
        }
        return json.dumps(said, ensure_ascii=False) if any(said.values()) else ""


@dataclass(frozen=True)
class Sent:
    """What became of a record: the report, and whether it had come before."""

    report: Report
    again: bool


@transaction.atomic
def report_receive(*, visit_id: UUID, said: Record, actor: Actor, at: datetime) -> Sent:
    """Take a record in. The same one again changes nothing and gets the same answer.

    When the visit has changed since `based_on`, the record stands beside what is there as a conflict; the visit's state
    is not touched. Raises NotFound, NotAllowed, BadInput, UnableTo (the client id belongs to another record).
    """
    trip = trip_get(visit_id=visit_id, actor=actor, lock=True)
    visit = trip.visit
    before = Report.objects.filter(client_id=said.client_id).first()
    if before is not None:
        if before.visit_id != visit.id or before.by_id != actor.user_id or not _same(before, said):
            raise UnableTo(_("Another record was already sent under the same number. Record this visit anew."))
        return Sent(before, again=True)
    require(policies.may_report, actor, trip)
    first_id, second_id = _team(visit, based_on=said.based_on)
    _check(visit, said, second_id)
    there = [*([first_id] if said.first_there else []), *([second_id] if said.second_there and second_id else [])]
    kin = kin_of(user_ids=there, household_ids=[visit.household_id])
    clash = clash_of(visit, based_on=said.based_on, related=said.related or any(one.declared for one in kin))
    report = _report_create(visit, said, there=there, clash=clash, actor=actor, at=at)
    if said.related:
        tie_keep(visit, actor=actor, at=at)
    if clash:
        record("visits.visit.contradicted", visit, actor=actor, at=at, report=str(report.id),
               clash=str(Clash(clash).label))  # fmt: skip
        return Sent(report, again=False)
    action = Action.MEET if said.outcome == Outcome.MET else Action.MISS
    visit.state = transition(TRANSITIONS, visit.state, action)
    visit.version, visit.changed_at = visit.version + 1, at
    visit.save(update_fields=["state", "version", "changed_at"])
    record("visits.visit.reported", visit, actor=actor, at=at, report=str(report.id), version=visit.version,
           outcome=str(Outcome(said.outcome).label))  # fmt: skip
    return Sent(report, again=False)


def clash_of(visit: Visit, *, based_on: int, related: bool) -> str:
    """Why a report can't simply count; "" when it can."""
    if visit.state == State.CANCELLED:
        return Clash.CANCELLED
    if visit.state != State.PLANNED:
        return Clash.RECORDED
    if related:
        return Clash.RELATED
    return "" if based_on == visit.version else Clash.CHANGED


def _team(visit: Visit, *, based_on: int) -> tuple[UUID, UUID | None]:
    """The visitors of the version that a report is based on, as far as somebody took it along; else those of now."""
    if based_on != visit.version:
        taken = Taking.objects.filter(visit=visit, version=based_on).values_list("first_id", "second_id").first()
        if taken is not None:
            return taken
    return visit.first_id, visit.second_id


def _report_create(visit: Visit, said: Record, *, there: list[UUID], clash: str, actor: Actor, at: datetime) -> Report:
    assert actor.user_id is not None, "policies let only visitors report"
    return Report.objects.create(
        region_code=visit.region_code, visit=visit, client_id=said.client_id, based_on=said.based_on,
        by_id=actor.user_id, made_at=said.made_at, received_at=at, outcome=said.outcome, missed=said.missed,
        first_there=said.first_there, second_there=said.second_there, there=there, notes=said.notes,
        answers=said.answers(), standing=Standing.CONFLICT if clash else Standing.ACCEPTED, clash=clash,
    )  # fmt: skip


def _check(visit: Visit, said: Record, second_id: UUID | None) -> None:
    faults: dict[str, list[str]] = {}
    if said.based_on < 1 or said.based_on > visit.version:
        faults["based_on"] = [_("This record belongs to no version of the visit.")]
    if not said.first_there and not (said.second_there and second_id):
        faults["there"] = [_("Say who of the visitors was there.")]
    if said.outcome == Outcome.NOT_MET and not said.missed:
        faults["missed"] = [_("Say why nobody was met.")]
    if said.outcome == Outcome.MET and not said.notes.strip() and not said.answers():
        faults["notes"] = [_("Write down what you found, or answer the questions.")]
    if faults:
        raise BadInput(next(iter(faults.values()))[0], fields=faults)


def _same(before: Report, said: Record) -> bool:
    missed = said.missed if said.outcome == Outcome.NOT_MET else ""
    return (before.outcome, before.missed, before.first_there, before.second_there, before.notes, before.answers) == (
        said.outcome, missed, said.first_there, said.second_there, said.notes, said.answers()
    )  # fmt: skip
