"""Codes of the register: relations, categories and their sensitivity, the states of an intake."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.kernel.transition import TransitionTable


class Relation(models.TextChoices):
    """Relation to the head of the household (after GB/T 4761)."""

    HEAD = "head", _("Head of household")
    SPOUSE = "spouse", _("Spouse")
    SON = "son", _("Son")
    DAUGHTER = "daughter", _("Daughter")
    CHILD_IN_LAW = "child_in_law", _("Son- or daughter-in-law")
    FATHER = "father", _("Father")
    MOTHER = "mother", _("Mother")
    PARENT_IN_LAW = "parent_in_law", _("Parent-in-law")
    GRANDSON = "grandson", _("Grandson")
    GRANDDAUGHTER = "granddaughter", _("Granddaughter")
    GRANDPARENT = "grandparent", _("Grandparent")
    SIBLING = "sibling", _("Brother or sister")
    RELATIVE = "relative", _("Other relative")
    OTHER = "other", _("Not related")


class Sex(models.TextChoices):
    """As on the identity card."""

    MALE = "m", _("Male")
    FEMALE = "f", _("Female")
    UNKNOWN = "", _("Sex not known")


class NumberKind(models.TextChoices):
    """What sort of identity number a person has."""

    RESIDENT = "resident", _("Resident identity card")
    PERMIT = "permit", _("Residence permit for Hong Kong, Macao and Taiwan residents")
    FOREIGN = "foreign", _("Foreign permanent resident identity card")
    FOREIGN_OLD = "foreign_old", _("Foreign permanent residence card (before 2023)")
    NONE = "", _("No number")


class BirthPrecision(models.TextChoices):
    """How much of the birth date is known."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")
    NONE = "", _("Birth date not known")


class Category(models.TextChoices):
    """Why a person or household may need help. A person may have several, each with its dates and its source."""

    LOW_INCOME = "low_income", _("Minimum living allowance")
    LOW_INCOME_EDGE = "low_income_edge", _("On the edge of the minimum living allowance")
    EXTREME_POVERTY = "extreme_poverty", _("Extreme poverty (supported)")
    HARDSHIP_EXPENSE = "hardship_expense", _("Hardship through unavoidable expenses")
    RELAPSE_WATCH = "relapse_watch", _("Watched against falling back into poverty")
    LIFTED = "lifted", _("Lifted out of poverty")
    HARDSHIP = "hardship", _("Hardship household")
    CHILD_HARDSHIP = "child_hardship", _("Child in hardship")
    ORPHAN = "orphan", _("Orphan")
    UNSUPPORTED_CHILD = "unsupported_child", _("Child whom in fact nobody supports")
    LEFT_CHILD = "left_child", _("Left-behind child")
    LEFT_WOMAN = "left_woman", _("Left-behind woman")
    LEFT_ELDER = "left_elder", _("Left-behind elder")
    EMPTY_NEST = "empty_nest", _("Empty-nest elder")
    LIVING_ALONE = "living_alone", _("Elder living alone")
    ELDERLY = "elderly", _("Of great age")
    LOST_ONLY_CHILD = "lost_only_child", _("Lost an only child")
    SINGLE_PARENT = "single_parent", _("Single-parent family")
    VETERAN = "veteran", _("Veteran")
    MILITARY_FAMILY = "military_family", _("Family of a soldier or martyr")
    BLOOD_DONOR = "blood_donor", _("Blood donor")
    DONOR_FAMILY = "donor_family", _("Family of an organ or body donor")
    DISASTER_HIT = "disaster_hit", _("Hit by a disaster")
    DISABILITY = "disability", _("Disability")
    ILLNESS = "illness", _("Serious or chronic illness")
    INCAPACITY = "incapacity", _("Unable to care for oneself")
    MENTAL = "mental", _("Mental disorder")
    CORRECTION = "correction", _("In community correction")
    RELEASED = "released", _("Released after serving a sentence")
    REHABILITATION = "rehabilitation", _("In drug rehabilitation")


class Sensitivity(models.TextChoices):
    """What kind of fact a category is (PIPL Art.28). Anything but OPEN is sealed and shown behind a logged click."""

    OPEN = "open", _("Open fact")
    HEALTH = "health", _("Health")
    MENTAL = "mental", _("Mental health")
    JUSTICE = "justice", _("Justice")


_SENSITIVE = {
    Category.DISABILITY: Sensitivity.HEALTH,
    Category.ILLNESS: Sensitivity.HEALTH,
    Category.INCAPACITY: Sensitivity.HEALTH,
    Category.MENTAL: Sensitivity.MENTAL,
    Category.CORRECTION: Sensitivity.JUSTICE,
    Category.RELEASED: Sensitivity.JUSTICE,
    Category.REHABILITATION: Sensitivity.JUSTICE,
}
_SENSITIVITY = {category.value: _SENSITIVE.get(category, Sensitivity.OPEN) for category in Category}


def sensitivity_of(kind: str) -> Sensitivity:
    """How sensitive a category is; unknown words count as health, the careful side."""
    return _SENSITIVITY.get(str(kind), Sensitivity.HEALTH)


class EndReason(models.TextChoices):
    """Why a person no longer belongs to a household."""

    DEATH = "death", _("Died")
    MOVED = "moved", _("Moved away")
    MARRIED = "married", _("Married into another household")
    MISTAKE = "mistake", _("Entered by mistake")
    MERGED = "merged", _("Stood twice and was merged")
    ERASED = "erased", _("Deleted at their own request")

    @classmethod
    def to_choose(cls) -> list[tuple[str, str]]:
        """The reasons that a person can give; a merge and a deletion give their own."""
        return [(value, str(label)) for value, label in cls.choices if value not in (cls.MERGED, cls.ERASED)]


class Severity(models.TextChoices):
    """What a finding means for the row it is on."""

    ERROR = "error", _("Must be mended: the household stays out")
    WARNING = "warning", _("The value is left out; the household can enter")
    ASK = "ask", _("Somebody has to decide: the household waits")
    REPEAT = "repeat", _("The person is already there; this row is left out")


# A file of corrections has rows, not households, that wait or are left out.
_OF_ROWS = {
    Severity.ERROR: _("Must be mended: the row is not applied"),
    Severity.WARNING: _("The value is left out; the rest of the row is applied"),
}


class IntakeState(models.TextChoices):
    """Where a register file stands."""

    RECEIVED = "received", _("Waiting to be read")
    READING = "reading", _("Being read and checked")
    COMPARING = "comparing", _("Being compared: who stands twice?")
    CHECKED = "checked", _("Checked, waiting for a decision")
    COMMITTING = "committing", _("Being entered into the register")
    COMMITTED = "committed", _("In the register")
    UNDOING = "undoing", _("Being taken out of the register")
    FAILED = "failed", _("Could not be read")
    CANCELLED = "cancelled", _("Cancelled")


class IntakeKind(models.TextChoices):
    """What a file is for."""

    REGISTER = "register", _("New people and households")
    PATCH = "patch", _("Corrections for people already in the register")


S = IntakeState
TRANSITIONS: TransitionTable = {
    (S.RECEIVED, "start"): S.READING,
    (S.READING, "start"): S.READING,  # the worker was killed: the job begins again
    (S.READING, "compare"): S.COMPARING,
    (S.COMPARING, "finish"): S.CHECKED,
    (S.COMPARING, "cancel"): S.CANCELLED,
    (S.RECEIVED, "fail"): S.FAILED,
    (S.READING, "fail"): S.FAILED,
    (S.COMPARING, "fail"): S.FAILED,
    (S.RECEIVED, "cancel"): S.CANCELLED,
    (S.READING, "cancel"): S.CANCELLED,
    (S.CHECKED, "cancel"): S.CANCELLED,
    (S.FAILED, "again"): S.RECEIVED,
    (S.CANCELLED, "again"): S.RECEIVED,
    (S.CHECKED, "again"): S.RECEIVED,
    (S.CHECKED, "recount"): S.CHECKED,
    (S.CHECKED, "commit"): S.COMMITTING,
    (S.COMMITTING, "finish"): S.COMMITTED,
    (S.COMMITTING, "fail"): S.CHECKED,
    (S.COMMITTED, "undo"): S.UNDOING,
    (S.UNDOING, "finish"): S.CHECKED,
    (S.UNDOING, "fail"): S.COMMITTED,
}


def severity_label(severity: Severity, kind: str) -> str:
    """What a finding means in a file of this kind."""
    return str(_OF_ROWS.get(severity, severity.label) if kind == IntakeKind.PATCH else severity.label)


BUSY = frozenset((S.RECEIVED, S.READING, S.COMPARING, S.COMMITTING, S.UNDOING))
SETTLED = frozenset((S.CHECKED, S.COMMITTED))  # read and checked, nobody at work: what was found can be shown


class ReturnState(models.TextChoices):
    """Where a findings workbook stands that came back from the village."""

    RECEIVED = "received", _("Being compared with what was sent")
    READY = "ready", _("Compared, waiting for a decision")
    REFUSED = "refused", _("Could not be taken")
    APPLIED = "applied", _("Taken over")
    DISCARDED = "discarded", _("Not taken over")


RETURN_TRANSITIONS: TransitionTable = {
    (ReturnState.RECEIVED, "read"): ReturnState.READY,
    (ReturnState.RECEIVED, "refuse"): ReturnState.REFUSED,
    (ReturnState.RECEIVED, "discard"): ReturnState.DISCARDED,
    (ReturnState.READY, "again"): ReturnState.RECEIVED,  # cells were corrected meanwhile: compared anew
    (ReturnState.READY, "apply"): ReturnState.APPLIED,
    (ReturnState.READY, "discard"): ReturnState.DISCARDED,
}
RETURN_OPEN = (ReturnState.RECEIVED, ReturnState.READY)


class PairState(models.TextChoices):
    """What is known about two people that may be one."""

    SAME = "same", _("The same person")
    ASKED = "asked", _("Waiting for a person's word")
    DIFFERENT = "different", _("Two people")


class LearningStep(models.TextChoices):
    """How far the learning of weights is, and how it ended."""

    WAITING = "waiting", _("Waits for its turn")
    READING = "reading", _("Reading the people of the register")
    LEARNING = "learning", _("Learning from them")
    DONE = "done", _("New weights are in force")
    TOO_FEW = "too_few", _("The register shows too little to learn from; the weights stay as they are")
    FAILED = "failed", _("Something went wrong; the weights stay as they are")


class EventKind(models.TextChoices):
    """What happens to households and the people in them."""

    BIRTH = "birth", _("Birth")
    DEATH = "death", _("Death")
    MARRIAGE = "marriage", _("Marriage")
    MOVE = "move", _("Move")
    HEAD = "head", _("New head of household")
    SPLIT = "split", _("Household divided")
    MERGE = "merge", _("Households joined")
    PLACE = "place", _("Household moved house")
    LEAVE = "leave", _("Left the household")
    RETURN = "return", _("Came back")
    ADDED = "added", _("Entered late")
    CLOSED = "closed", _("Household closed")
    ONE = "one", _("Two people made one")

    @classmethod
    def of_joining(cls) -> list[tuple[str, str]]:
        """How a person who is not in the register yet comes into a household."""
        return [(one.value, str(one.label)) for one in (cls.BIRTH, cls.MARRIAGE, cls.MOVE, cls.ADDED)]

    @classmethod
    def of_leaving(cls, reason: str) -> EventKind:
        """The event behind a reason for leaving."""
        known = {
            EndReason.DEATH.value: cls.DEATH,
            EndReason.MARRIED.value: cls.MARRIAGE,
            EndReason.MOVED.value: cls.MOVE,
        }
        return known.get(reason, cls.LEAVE)


class RecheckCause(models.TextChoices):
    """Why a category has to be looked at again."""

    EXPIRY = "expiry", _("It runs out")
    INTERVAL = "interval", _("Not confirmed for long")


class RecheckAnswer(models.TextChoices):
    """What came of it."""

    HOLDS = "holds", _("It still holds")
    ENDED = "ended", _("It no longer holds")


class BulkKind(models.TextChoices):
    """What can be corrected for many at once."""

    VILLAGE = "village", _("Households to another village")
    CATEGORY = "category", _("End a category")
    GIVE = "give", _("Give a category")
    CLOSE = "close", _("Close households")


class FlagKind(models.TextChoices):
    """What was unusual about looking at sensitive facts."""

    VOLUME = "volume", _("Many looks on one day")
    HOURS = "hours", _("Outside office hours")
    OWN = "own", _("Own household or relatives")
    WATCHED = "watched", _("A person on the watch list")


class FlagState(models.TextChoices):
    """Where a question about a look stands."""

    OPEN = "open", _("Waits for an answer")
    JUSTIFIED = "justified", _("Was needed for the work")
    UNJUSTIFIED = "unjustified", _("Was not needed")


FLAG_TRANSITIONS: TransitionTable = {
    (FlagState.OPEN, "justify"): FlagState.JUSTIFIED,
    (FlagState.OPEN, "object"): FlagState.UNJUSTIFIED,
}


class RequestKind(models.TextChoices):
    """What a person can ask about their own data (PIPL Art.44 to 48)."""

    SEE = "see", _("See what is held, and who looked")
    COPY = "copy", _("A copy to take along")
    CORRECT = "correct", _("Correct something")
    DELETE = "delete", _("Delete")
    OBJECT = "object", _("Object to a use")


class RequestState(models.TextChoices):
    """Where a person's request stands."""

    RECEIVED = "received", _("Waits for a decision")
    GRANTED = "granted", _("Granted, being carried out")
    DONE = "done", _("Carried out")
    REFUSED = "refused", _("Refused with reasons")
    WITHDRAWN = "withdrawn", _("Withdrawn by the person")


REQUEST_TRANSITIONS: TransitionTable = {
    (RequestState.RECEIVED, "grant"): RequestState.GRANTED,
    (RequestState.RECEIVED, "refuse"): RequestState.REFUSED,
    (RequestState.RECEIVED, "withdraw"): RequestState.WITHDRAWN,
    (RequestState.GRANTED, "finish"): RequestState.DONE,
    (RequestState.GRANTED, "withdraw"): RequestState.WITHDRAWN,
}
REQUEST_OPEN = (RequestState.RECEIVED, RequestState.GRANTED)


class ExportState(models.TextChoices):
    """Where a list that is taken out of the register stands."""

    ASKED = "asked", _("Waits for a second person")
    REFUSED = "refused", _("Not allowed")
    WRITING = "writing", _("Being written")
    READY = "ready", _("Can be fetched")
    GONE = "gone", _("Deleted after its time")


EXPORT_TRANSITIONS: TransitionTable = {
    (ExportState.ASKED, "allow"): ExportState.WRITING,
    (ExportState.ASKED, "refuse"): ExportState.REFUSED,
    (ExportState.WRITING, "finish"): ExportState.READY,
    (ExportState.READY, "again"): ExportState.WRITING,
    (ExportState.READY, "forget"): ExportState.GONE,
}
