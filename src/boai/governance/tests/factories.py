"""A cast and its stories: panels, meetings at any stage, notices at any stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from boai.governance import services
from boai.governance.enums import Channel, DayMode, NoticeKind, PhotoKind, Shift
from boai.governance.models import Meeting, MeetingMember, Notice, Review
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.publication import Entry, NoticeRules
from boai.governance.rules.subjects import Fact, Member, MustRecuse, Subject
from boai.kernel.ids import new_code, new_id
from boai.people.actor import Actor
from boai.people.models import Branch

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
VILLAGE = "621121100201"
MakeActor = Callable[..., Actor]


def subject(region_code: str = VILLAGE, title: str = "张三 困难救助") -> Subject:
    """A case of an invented app."""
    return Subject("test.case", new_id(), region_code, new_code(), title)


@dataclass
class Panel:
    """A county panel with officers and members; `members[0]` presides."""

    branch: Branch
    officer: Actor
    chair: Actor
    teller: Actor
    scrutineer: Actor
    members: list[Actor]
    paper: int = 0
    rules: ReviewRules = field(default_factory=ReviewRules)

    def convene(self, at: datetime = AT) -> Meeting:
        """A convened meeting; the last `paper` members vote on paper."""
        online = self.members[: len(self.members) - self.paper]
        roll = [Member(a.name, a.user_id, Channel.ONLINE if a in online else Channel.PAPER) for a in self.members]
        assert self.chair.user_id
        assert self.officer.user_id
        return services.meeting_convene(
            actor=self.officer, branch_id=self.branch.id, region_code=self.branch.region_code, title="十一月评议会",
            place="县红十字会三楼", starts_at=at + timedelta(hours=1), members=roll, rules=self.rules,
            chair_id=self.chair.user_id, recorder_id=self.officer.user_id, teller_id=self.teller.user_id,
            scrutineer_id=self.scrutineer.user_id, witnesses=["见证甲", "见证乙"], at=at,
        )  # fmt: skip

    def sign_in(self, meeting: Meeting, actors: Sequence[Actor] | None = None, at: datetime = AT) -> None:
        """Members come in, each on their own phone."""
        for actor in self.members if actors is None else actors:
            services.member_sign_in(meeting_id=meeting.id, member_id=member_of(meeting, actor).id, actor=actor, at=at)

    def opened(self, absent: int = 0, at: datetime = AT) -> Meeting:
        """A meeting in session; the last `absent` members stayed away."""
        meeting = self.convene(at)
        self.sign_in(meeting, self.members[: len(self.members) - absent], at)
        return services.meeting_open(meeting_id=meeting.id, actor=self.chair, at=at)

    def review(self, meeting: Meeting, recusals: Sequence[MustRecuse] = (), verifiers: Sequence[UUID] = (),
               what: Subject | None = None, at: datetime = AT) -> Review:  # fmt: skip
        """An item on its agenda."""
        return services.review_open(
            actor=self.officer, meeting_id=meeting.id, subject=what or subject(), facts=[Fact("家庭人口", "4 人")],
            recusals=recusals, verifier_ids=verifiers, at=at,
        )  # fmt: skip

    def vote(self, review: Review, choices: str, at: datetime = AT) -> Review:
        """Open, cast (y/n/a/b per member in turn, "-" for who does not vote), close."""
        services.ballot_open(review_id=review.id, actor=self.chair, at=at)
        words = {"y": "yes", "n": "no", "a": "abstain", "b": "blank"}
        for actor, letter in zip(self.members, choices, strict=False):
            if letter in words:
                services.ballot_cast(review_id=review.id, actor=actor, choice=words[letter])
        return services.ballot_close(
            review_id=review.id, actor=self.chair, at=at, seal_number="封-01" if self.paper else ""
        )

    def decided(self, choices: str = "yyyyyyy", what: Subject | None = None, at: datetime = AT) -> Review:
        """A review declared after a ballot."""
        review = self.vote(self.review(self.opened(at=at), what=what, at=at), choices, at)
        return services.review_declare(review_id=review.id, actor=self.chair, at=at)


def panel(actor_for: MakeActor, branch: Branch, *, size: int = 7, paper: int = 0, **rules: Any) -> Panel:
    """`size` members, the first of them in the chair; recorder, teller and scrutineer are staff."""
    members = [actor_for("reviewer", name=f"委员{n:02d}") for n in range(1, size + 1)]
    return Panel(
        branch=branch, officer=actor_for("officer", name="干事王"), chair=members[0],
        teller=actor_for("accountant", name="计票赵"), scrutineer=actor_for("auditor", name="监票钱"), members=members,
        paper=paper, rules=ReviewRules(**({"recount_ballots": 0, "recount_percent": 0} | rules)),
    )  # fmt: skip


def uid(actor: Actor) -> UUID:
    """The user behind an actor of staff."""
    assert actor.user_id
    return actor.user_id


def member_of(meeting: Meeting, actor: Actor) -> MeetingMember:
    """The actor's line on the roll."""
    assert actor.user_id
    return MeetingMember.objects.get(meeting=meeting, user_id=actor.user_id)


# --- notices ---------------------------------------------------------------------------------------

NATURAL = NoticeRules(days=7, mode=DayMode.NATURAL, shift=Shift.HOLIDAY, board_photo=False)


def entry(name: Any = "张三", what: Subject | None = None, **changes: Any) -> Entry:
    """A line of a notice; fields that are None are left out."""
    fields: dict[str, Any] = {"name": name, "place": "李家店乡某村", "group": "三组", "programme": "困难救助",
                              "reason": "hardship", "amount_fen": 300000}  # fmt: skip
    options = {k: changes.pop(k) for k in ("shielded", "review_id", "excluded") if k in changes}
    fields |= changes
    return Entry(what or subject(), {k: v for k, v in fields.items() if v is not None}, **options)


@dataclass
class Desk:
    """Who makes notices: a drafter, an approver, a supervisor for objections, a deputy besides."""

    branch: Branch
    drafter: Actor
    approver: Actor
    supervisor: Actor
    deputy: Actor

    def draft(self, *entries: Entry, rules: NoticeRules = NATURAL, at: datetime = AT) -> Notice:
        """A draft; one entry when none is given."""
        return services.notice_draft(
            actor=self.drafter, branch_id=self.branch.id, region_code=self.branch.region_code,
            kind=NoticeKind.RELIEF_PROPOSED, entries=entries or [entry()], rules=rules, at=at,
        )  # fmt: skip

    def submitted(self, *entries: Entry, rules: NoticeRules = NATURAL, at: datetime = AT) -> Notice:
        """Waiting for the second person."""
        return services.notice_submit(notice_id=self.draft(*entries, rules=rules, at=at).id, actor=self.drafter, at=at)

    def approve(self, notice: Notice, at: datetime = AT) -> Notice:
        """The second person reads and approves."""
        return services.notice_approve(
            notice_id=notice.id, actor=self.approver, rendered_hash=notice.rendered_hash, at=at
        )  # fmt: skip

    def published(self, *entries: Entry, rules: NoticeRules = NATURAL, at: datetime = AT) -> Notice:
        """On display."""
        notice = self.approve(self.submitted(*entries, rules=rules, at=at), at)
        return services.notice_publish(notice_id=notice.id, actor=self.approver, at=at)

    def assigned(self, notice: Notice, at: datetime = AT, **what: Any) -> Any:
        """An objection in the hands of the supervisor."""
        objection, _no = services.objection_file(
            notice_id=notice.id, channel="web", text="这户在县城有两套房。", actor=Actor.public(), at=at, **what
        )
        services.objection_acknowledge(objection_id=objection.id, actor=self.supervisor, at=at)
        assert self.supervisor.user_id
        return services.objection_assign(
            objection_id=objection.id, handler_id=self.supervisor.user_id, actor=self.deputy, at=at
        )  # fmt: skip


def desk(actor_for: MakeActor, branch: Branch) -> Desk:
    """The notice desk of a branch."""
    return Desk(
        branch, actor_for("officer", branch), actor_for("secretary", branch), actor_for("supervisor", branch),
        actor_for("deputy", branch),
    )  # fmt: skip


def photo() -> BytesIO:
    """A small real photo."""
    from PIL import Image

    buffer = BytesIO()
    Image.new("RGB", (64, 48), (180, 160, 140)).save(buffer, "JPEG")
    buffer.seek(0)
    return buffer


def board_photo(notice: Notice, actor: Actor, at: datetime = AT) -> None:
    """The paper hangs."""
    from boai.kernel.clock import local_date

    services.board_photo_add(notice_id=notice.id, actor=actor, kind=PhotoKind.POSTED, place="村委会公示栏",
                             on=local_date(at), upload=photo(), at=at)  # fmt: skip
