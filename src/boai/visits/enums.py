"""Codes of visits, and the table by which they move."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from boai.kernel.transition import TransitionTable


class Purpose(TextChoices):
    """What somebody goes for."""

    VERIFY = "verify", _("Verification at home")
    RETURN = "return", _("Asking again after help")
    FESTIVAL = "festival", _("Visit before a festival")
    REGULAR = "regular", _("Regular visit")
    OTHER = "other", _("Another purpose")


class State(TextChoices):
    """Where a visit stands."""

    PLANNED = "planned", _("Planned")
    DONE = "done", _("Visited")
    NOT_MET = "not_met", _("Nobody met")
    CANCELLED = "cancelled", _("Called off")


class Action(TextChoices):
    """What moves a visit."""

    CHANGE = "change", _("Change the plan")
    MEET = "meet", _("Met somebody")
    MISS = "miss", _("Met nobody")
    CANCEL = "cancel", _("Call the visit off")
    SETTLE_MET = "settle_met", _("Settled: somebody was met")
    SETTLE_MISSED = "settle_missed", _("Settled: nobody was met")


TRANSITIONS: TransitionTable = {
    (State.PLANNED, Action.CHANGE): State.PLANNED,
    (State.PLANNED, Action.MEET): State.DONE,
    (State.PLANNED, Action.MISS): State.NOT_MET,
    (State.PLANNED, Action.CANCEL): State.CANCELLED,
    **{(state, Action.SETTLE_MET): State.DONE for state in State},
    **{(state, Action.SETTLE_MISSED): State.NOT_MET for state in State},
}

AGAIN = frozenset({State.NOT_MET, State.CANCELLED})
"""Visits that can be planned once more."""


class Outcome(TextChoices):
    """What a report says."""

    MET = "met", _("We met somebody")
    NOT_MET = "not_met", _("We met nobody")


class Missed(TextChoices):
    """Why nobody was met."""

    AWAY = "away", _("Nobody at home")
    MOVED = "moved", _("No longer lives there")
    REFUSED = "refused", _("Did not want a visit")
    ROAD = "road", _("We could not get there")
    OTHER = "other", _("Another reason")


class House(TextChoices):
    """How the house is."""

    SOUND = "sound", _("Sound")
    WORN = "worn", _("Worn, needs repair")
    UNSAFE = "unsafe", _("Unsafe")
    UNSEEN = "unseen", _("Not looked at")


class Need(TextChoices):
    """What is needed."""

    FOOD = "food", _("Food and daily goods")
    WARMTH = "warmth", _("Clothes, quilts, heating")
    REPAIR = "repair", _("Repair of the house")
    CARE = "care", _("Care and company")
    SCHOOL = "school", _("Schooling")
    WORK = "work", _("Work or a way to earn")
    OTHER = "other", _("Something else")
    NOTHING = "nothing", _("Nothing for now")


class Entry(TextChoices):
    """Is what the register says right?"""

    RIGHT = "right", _("Yes")
    WRONG = "wrong", _("No, something has changed")
    UNASKED = "unasked", _("Not asked")


class Standing(TextChoices):
    """What a report counts for."""

    ACCEPTED = "accepted", _("Counts")
    CONFLICT = "conflict", _("In conflict")
    JOINT = "joint", _("Counts together with the other")
    SET_ASIDE = "set_aside", _("Kept, does not count")


class Clash(TextChoices):
    """Why a report could not simply count."""

    RECORDED = "recorded", _("Somebody else had already recorded this visit.")
    CANCELLED = "cancelled", _("The visit had been called off meanwhile.")
    CHANGED = "changed", _("The plan had been changed meanwhile.")
    RELATED = "related", _("A visitor found out at the door that they are related to the household.")
