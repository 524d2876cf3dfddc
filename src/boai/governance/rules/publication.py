"""What a notice may show, and to whom (governance §5). Deny by default: a field that is not on the list is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from boai.governance.enums import DayMode, NoticeKind, Shift
from boai.governance.rules.subjects import Subject


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """The rule values of a notice, frozen when it is drafted.

    `days` counted in `mode`; `shift` when the last day is a day off; taken down `withdraw_after` calendar days after
    the period has ended; `board_photo`: approval upstairs waits for the photo of the posted notice;
    `acknowledge_days` and `decide_days` are working days for objections. `versions` and `citation` as in ReviewRules.
    """

    days: int
    mode: DayMode
    shift: Shift = Shift.HOLIDAY
    withdraw_after: int = 30
    board_photo: bool = True
    acknowledge_days: int = 2
    decide_days: int = 10
    versions: tuple[str, ...] = ()
    citation: str = ""

    def __post_init__(self) -> None:
        if min(self.days, self.withdraw_after, self.acknowledge_days, self.decide_days) < 1:
            raise ValueError("notice rules: every period is at least one day")

    def as_json(self) -> dict[str, Any]:
        """For a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NoticeRules:
        """Back from the JSON column."""
        return cls(
            days=int(data["days"]),
            mode=DayMode(data["mode"]),
            shift=Shift(data["shift"]),
            withdraw_after=int(data["withdraw_after"]),
            board_photo=bool(data["board_photo"]),
            acknowledge_days=int(data["acknowledge_days"]),
            decide_days=int(data["decide_days"]),
            versions=tuple(data["versions"]),
            citation=str(data["citation"]),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject on a notice, with the fields of the notice type's list and nothing else.

    `shielded`: a minor or somebody of a category that is never published (illness, mental disorder, justice, violence,
    HIV): the board names the guardian at most, the open internet shows the case code alone. `excluded` are user ids
    that may not handle an objection to this entry (who verified, who is related); drafter, approver, publisher and the
    voters of `review_id` are excluded by themselves. `review_id` prints the totals of that review.
    """

    subject: Subject
    fields: Mapping[str, Any]
    shielded: bool = False
    review_id: UUID | None = None
    excluded: frozenset[UUID] = field(default_factory=frozenset)


class Shows(StrEnum):
    """How a field appears before one audience."""

    NEVER = "never"
    MASKED = "masked"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A line of the list: the field, what it holds, how board and internet show it.

    `holds` is "name", "text", "place", "group", "reason", "fen" or "months".
    """

    name: str
    holds: str
    board: Shows
    internet: Shows
    required: bool = False


_RELIEF = (
    FieldRule("name", "name", Shows.FULL, Shows.MASKED),
    FieldRule("guardian", "name", Shows.MASKED, Shows.NEVER),
    FieldRule("group", "group", Shows.FULL, Shows.NEVER),
    FieldRule("place", "place", Shows.FULL, Shows.FULL, required=True),
    FieldRule("programme", "text", Shows.FULL, Shows.FULL, required=True),
    FieldRule("reason", "reason", Shows.FULL, Shows.FULL),
    FieldRule("amount_fen", "fen", Shows.FULL, Shows.FULL, required=True),
)

ALLOWED_FIELDS: dict[NoticeKind, tuple[FieldRule, ...]] = {NoticeKind.RELIEF_PROPOSED: _RELIEF}
