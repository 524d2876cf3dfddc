"""Who may look into the register, change it, and bring files into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from boai.kernel.clock import age_on
from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import SYSTEM_ROLE, Actor
from boai.people.roles import Duty
from boai.registry.enums import IntakeKind, RequestKind
from boai.registry.models import DataRequest, DeclaredRelative, Intake, LookFlag, RegisterExport, Resident
from boai.registry.purposes import GUARDED_AGE, Giver


class Placed(Protocol):
    """Anything that lies in a division."""

    @property
    def region_code(self) -> str: ...


def may_read(actor: Actor, place: Placed) -> Verdict:
    """Posts with the duty see the register of their own division."""
    return _within(actor, place, Duty.REGISTER_READ, _("Your post does not include reading the register."))


def may_write(actor: Actor, place: Placed) -> Verdict:
    """Posts with the duty keep the register of their own division; so does the command line of the installation."""
    return _within(actor, place, Duty.REGISTER_WRITE, _("Your post does not include keeping the register."))


def may_read_sensitive(actor: Actor, place: Placed) -> Verdict:
    """Health, justice and mental disorder: only posts that carry that duty, and every look is recorded."""
    return _within(actor, place, Duty.SENSITIVE_READ, _("Your post does not include reading sensitive facts."))


def may_commit(actor: Actor, intake: Intake) -> Verdict:
    """As `may_write`; there has to be somebody who enters, and the file must not look broken."""
    if intake.kind == IntakeKind.PATCH:
        if not intake.counts.get("changing"):
            return deny(_("No row of this file changes anything as it is."))
        return may_write(actor, intake)
    if intake.counts.get("broken"):
        return deny(_("Too many rows of this file stand twice. Find out what went wrong before anybody enters."))
    if not intake.counts.get("entering_households"):
        return deny(_("No household of this file can enter the register as it is."))
    return may_write(actor, intake)


def may_learn(actor: Actor, place: Placed) -> Verdict:
    """Whoever keeps the register of a division may let the comparison of its people be learnt anew, or go back."""
    return may_write(actor, place)


def may_tell_looks(actor: Actor, place: Placed) -> Verdict:
    """Whoever keeps the register, or may read the log, can tell a household who looked."""
    if actor.has(Duty.AUDIT_READ):
        return _within(actor, place, Duty.AUDIT_READ, "")
    return may_write(actor, place)


def may_watch(actor: Actor, place: Placed) -> Verdict:
    """Unusual looks and the watch list are for those who may read the log."""
    return _within(actor, place, Duty.AUDIT_READ, _("Your post does not include asking about looks."))


def may_answer_flag(actor: Actor, flag: LookFlag) -> Verdict:
    """As `may_watch`; nobody answers for their own looks."""
    if flag.user_id == actor.user_id:
        return deny(_("Somebody else has to ask about your own looks."))
    return may_watch(actor, flag)


def may_declare(actor: Actor, place: Placed) -> Verdict:
    """Whoever reads the register says who their own relatives are, each for themselves."""
    if actor.user_id is None:
        return deny(_("Only people have relatives."))
    return may_read(actor, place)


def may_end_relative(actor: Actor, relative: DeclaredRelative) -> Verdict:
    """What somebody declared about themselves only they take back."""
    return ALLOWED if relative.user_id == actor.user_id else deny(_("Only who declared this can take it back."))


def may_see_requests(actor: Actor, place: Placed) -> Verdict:
    """Whoever keeps the register, and whoever may read the log."""
    return may_tell_looks(actor, place)


def may_decide_request(actor: Actor, request: DataRequest) -> Verdict:
    """As `may_see_requests`; a deletion is decided by somebody else than who received it."""
    if request.kind == RequestKind.DELETE and request.received_by_id == actor.user_id:
        return deny(_("A deletion is decided by somebody else than who received the request."))
    return may_see_requests(actor, request)


@dataclass(frozen=True)
class Speaker:
    """Who says yes for a person, and on which day."""

    resident: Resident
    giver: str
    on: date


def may_consent(actor: Actor, speaker: Speaker) -> Verdict:
    """For somebody under 14 a parent or guardian says yes (PIPL Art.31); the officer's post is asked elsewhere."""
    born = speaker.resident.born_on
    if born is not None and age_on(born, speaker.on) < GUARDED_AGE and speaker.giver != Giver.GUARDIAN:
        return deny(_("This person is under 14: a parent or guardian has to agree."))
    return ALLOWED


def may_run_emergency(actor: Actor, place: Placed) -> Verdict:
    """Opening and ending a response is for those who keep the register of the whole division."""
    return may_write(actor, place)


def may_decide_proposal(actor: Actor, place: Placed) -> Verdict:
    """Whether a household goes is decided by whoever keeps the register there, or may read the log."""
    return may_tell_looks(actor, place)


def may_decide_export(actor: Actor, export: RegisterExport) -> Verdict:
    """A second person who keeps the register or may read the log."""
    if export.asked_by_id == actor.user_id:
        return deny(_("A second person has to agree to your own list."))
    return may_see_requests(actor, export)


def may_fetch_export(actor: Actor, export: RegisterExport) -> Verdict:
    """Only who asked for a list fetches it: its first line says so."""
    if export.asked_by_id != actor.user_id:
        return deny(_("Only who asked for this list can fetch it."))
    return may_write(actor, export)


def _within(actor: Actor, place: Placed, duty: Duty, lacking: str) -> Verdict:
    if actor.role == SYSTEM_ROLE:
        return ALLOWED
    if not actor.has(duty):
        return deny(lacking)
    if not actor.reaches(place.region_code):
        return deny(_("This lies outside your division."))
    return ALLOWED
