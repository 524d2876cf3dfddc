"""Rule R1: approve or reject one subject (governance §3.1, §3.2). Integers only, cross-multiplied, never floats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from boai.governance.enums import Base, Threshold


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """The rule values of a meeting, frozen when it is convened.

    `quorum` is (numerator, denominator): with (2, 3) a meeting needs 3·Q ≥ 2·N. `min_members` is the smallest roll,
    `min_reviewers` the fewest who may decide an item. A paper count is repeated by hand when the result hangs on
    at most max(`recount_ballots`, `recount_percent` % of the valid ballots). `versions` are the ids of the rulebook
    rows that the values came from, `citation` the document behind them.
    """

    quorum: tuple[int, int] = (2, 3)
    base: Base = Base.PRESENT
    threshold: Threshold = Threshold.HALF
    min_members: int = 7
    min_reviewers: int = 5
    recount_ballots: int = 2
    recount_percent: int = 2
    versions: tuple[str, ...] = ()
    citation: str = ""

    def __post_init__(self) -> None:
        part, whole = self.quorum
        if not 0 < part <= whole or self.min_reviewers < 1 or self.min_members < self.min_reviewers:
            raise ValueError("review rules: the quorum is a share, and a panel has at least as many as must decide")

    def as_json(self) -> dict[str, Any]:
        """For a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReviewRules:
        """Back from the JSON column."""
        return cls(
            quorum=(int(data["quorum"][0]), int(data["quorum"][1])),
            base=Base(data["base"]),
            threshold=Threshold(data["threshold"]),
            min_members=int(data["min_members"]),
            min_reviewers=int(data["min_reviewers"]),
            recount_ballots=int(data["recount_ballots"]),
            recount_percent=int(data["recount_percent"]),
            versions=tuple(data["versions"]),
            citation=str(data["citation"]),
        )


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who could vote on an item: N on the roll, R of them recused, Q signed in, P signed in and not recused."""

    roll: int
    recused: int
    signed_in: int
    present: int

    def __post_init__(self) -> None:
        assert 0 <= self.recused <= self.roll, "recused members are on the roll"
        assert 0 <= self.present <= min(self.signed_in, self.entitled), "those present are signed in and entitled"
        assert self.signed_in <= self.roll, "only members sign in"

    @property
    def entitled(self) -> int:
        """E = N − R."""
        return self.roll - self.recused


@dataclass(frozen=True, slots=True)
class Count:
    """The ballots of an item. D (returned) = valid + blank + invalid; valid = Y + X + A."""

    yes: int
    no: int
    abstain: int
    blank: int = 0
    invalid: int = 0

    def __post_init__(self) -> None:
        assert min(self.yes, self.no, self.abstain, self.blank, self.invalid) >= 0, "ballots are counted from zero"

    @property
    def valid(self) -> int:
        """V: ballots with exactly one mark."""
        return self.yes + self.no + self.abstain

    @property
    def returned(self) -> int:
        """D: all ballots that came back."""
        return self.valid + self.blank + self.invalid

    def __add__(self, other: Count) -> Count:
        return Count(
            self.yes + other.yes,
            self.no + other.no,
            self.abstain + other.abstain,
            self.blank + other.blank,
            self.invalid + other.invalid,
        )


def meeting_quorum(rules: ReviewRules, *, signed_in: int, roll: int) -> bool:
    """Does the meeting have its quorum? Recused members count: they are present. An empty roll has none."""
    part, whole = rules.quorum
    return roll > 0 and whole * signed_in >= part * roll


def too_few_entitled(rules: ReviewRules, attendance: Attendance) -> bool:
    """So many had to recuse that this body can never decide the item: it goes to the next body."""
    return attendance.entitled < rules.min_reviewers


def item_quorum(rules: ReviewRules, attendance: Attendance) -> bool:
    """2·P > E and P ≥ min_reviewers. When it fails the item is adjourned, never rejected."""
    return 2 * attendance.present > attendance.entitled and attendance.present >= rules.min_reviewers


def majority_base(rules: ReviewRules, attendance: Attendance, count: Count) -> int:
    """The number of which a majority is needed."""
    if rules.base == Base.PRESENT:
        return attendance.present
    if rules.base == Base.CAST:
        return count.yes + count.no
    return attendance.entitled


def passes(rules: ReviewRules, attendance: Attendance, count: Count) -> bool:
    """Is the item passed? Exactly half is not (status quo); nobody has a casting vote."""
    base = majority_base(rules, attendance, count)
    if base == 0:
        return False
    if rules.threshold == Threshold.TWO_THIRDS:
        return 3 * count.yes >= 2 * base
    return 2 * count.yes > base


def survives(rules: ReviewRules, attendance: Attendance, count: Count, *, conflicted: int) -> bool:
    """Would the result stand whatever the `conflicted` secret ballots said? (governance §3.7, late conflicts)

    Their ballots cannot be found, so each is turned against the result: for a passed item up to `conflicted` yes
    votes become no votes; for one that failed, up to `conflicted` other ballots become yes votes.
    """
    result = passes(rules, attendance, count)
    if result:
        moved = min(conflicted, count.yes)
        flipped = Count(count.yes - moved, count.no + moved, count.abstain, count.blank, count.invalid)
        return passes(rules, attendance, flipped)
    no = min(conflicted, count.no)
    abstain = min(conflicted - no, count.abstain)
    blank = min(conflicted - no - abstain, count.blank)
    invalid = min(conflicted - no - abstain - blank, count.invalid)
    gained = no + abstain + blank + invalid
    flipped = Count(count.yes + gained, count.no - no, count.abstain - abstain, count.blank - blank,
                    count.invalid - invalid)  # fmt: skip
    return not passes(rules, attendance, flipped)


def recount_needed(rules: ReviewRules, attendance: Attendance, count: Count) -> bool:
    """Does the result hang on so few ballots that paper is counted again by hand? (governance §3.6)

    The margin is the number of ballots that would have to change for the result to change.
    """
    reach = max(rules.recount_ballots, count.valid * rules.recount_percent // 100)
    return reach > 0 and not survives(rules, attendance, count, conflicted=reach)
