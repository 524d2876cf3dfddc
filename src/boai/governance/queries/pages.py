"""What the officer pages show, gathered in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from boai.governance.enums import RecusalState
from boai.governance.models import (
    BoardPhoto,
    Meeting,
    MeetingMember,
    Notice,
    NoticeEntry,
    NoticeExtension,
    Objection,
    Poll,
    Recusal,
    Review,
    RollEntry,
    TallySheet,
)
from boai.governance.queries.meetings import _NOBODY, poll_of, review_result, turnout
from boai.governance.queries.notices import involved_ids
from boai.people.actor import Actor
from boai.people.models import Post
from boai.people.queries import holders, names, posts_on
from boai.people.roles import ROLES, Duty


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a meeting's agenda, and what the reader has to do with it."""

    review: Review
    recused: int
    my_ballot: str  # "", "open" (may vote now), "voted", "paper"


def items_of(meeting: Meeting, actor: Actor) -> list[Item]:
    """The agenda. Two queries."""
    stands = Q(recusals__state=RecusalState.STANDS, recusals__late=False)
    reviews = list(meeting.reviews.annotate(recused=Count("recusals", filter=stands)).order_by("number"))
    roll = RollEntry.objects.filter(poll__review__meeting=meeting, member__user_id=actor.user_id or _NOBODY)
    mine = {(e.poll.review_id, e.poll.round): e for e in roll.select_related("poll")}
    return [Item(r, r.recused, _my_ballot(r, mine.get((r.id, r.round)))) for r in reviews]


def _my_ballot(review: Review, entry: RollEntry | None) -> str:
    if entry is None or review.state != "ballot_open":
        return ""
    if entry.channel == "paper":
        return "paper"
    return "voted" if entry.voted else "open"


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Everything about one item."""

    members: list[MeetingMember]
    recusals: list[Recusal]
    poll: Poll | None
    earlier: list[Poll]
    turnout: tuple[int, int] | None
    my_ballot: str
    my_sheet: TallySheet | None
    keyed_by: list[str]
    sheets: list[TallySheet] = field(default_factory=list)


def item_page(review: Review, actor: Actor) -> ItemPage:
    """One item. Sheets that others keyed stay hidden from everybody until the count is settled."""
    poll = poll_of(review)
    members = list(review.meeting.members.all())
    recusals = list(Recusal.objects.filter(review=review).select_related("member").order_by("at", "id"))
    earlier = list(Poll.objects.filter(review=review, round__lt=review.round))
    if poll is None:
        return ItemPage(members, recusals, None, earlier, None, "", None, [])
    mine = poll.roll.filter(member__user_id=actor.user_id or _NOBODY).first()
    sheets = list(poll.sheets.select_related("keyed_by").order_by("id"))
    present = [s for s in sheets if s.count_number == poll.count_number]
    settled = review.state not in ("ballot_open", "ballot_closed")
    return ItemPage(
        members=members,
        recusals=recusals,
        poll=poll,
        earlier=earlier,
        turnout=turnout(poll) if review.state == "ballot_open" else None,
        my_ballot=_my_ballot(review, mine),
        my_sheet=next((s for s in present if s.keyed_by_id == actor.user_id), None),
        keyed_by=[s.keyed_by.name for s in present],
        sheets=sheets if settled else [],
    )


def result_line(review: Review) -> dict[str, int] | None:
    """The totals for a page, through the one door."""
    result = review_result(review_id=review.id)
    if result is None:
        return None
    count, there = result.count, result.attendance
    return {"yes": count.yes, "no": count.no, "abstain": count.abstain, "blank": count.blank, "invalid": count.invalid,
            "present": there.present, "entitled": there.entitled, "roll": there.roll, "recused": there.recused,
            "base": result.base}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Everything about one notice."""

    entries: list[NoticeEntry]
    photos: list[BoardPhoto]
    extensions: list[NoticeExtension]
    objections: list[Objection]
    successor: Notice | None
    people: dict[UUID, str]


def notice_page(notice: Notice) -> NoticePage:
    """One notice."""
    users = {notice.drafted_by_id, notice.approved_by_id, notice.published_by_id}
    objections = notice.objections.select_related("entry", "handler").defer("text", "appeal_text").order_by("-id")
    return NoticePage(
        entries=list(notice.entries.all()),
        photos=list(notice.photos.select_related("file")),
        extensions=list(notice.extensions.order_by("at")),
        objections=list(objections),
        successor=Notice.objects.filter(previous=notice).first(),
        people=names({u for u in users if u is not None}),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to choose in a form."""

    id: str
    name: str
    label: str


def people_of(posts: Sequence[Post]) -> list[Person]:
    """Each person once, with role and branch, in the order of their names."""
    found: dict[str, Person] = {}
    for post in posts:
        label = f"{post.user.name} · {post.get_role_display()} · {post.branch.name}"
        found.setdefault(str(post.user_id), Person(str(post.user_id), post.user.name, label))
    return sorted(found.values(), key=lambda person: person.label)


def panel_and_staff(*, actor: Actor, on: date) -> tuple[list[Person], list[Person]]:
    """Who can sit on a panel, and who can hold an office at its meeting, within the actor's reach. One query."""
    posts = list(
        posts_on(on)
        .filter(branch__region_code__range=(actor.scope.lo, actor.scope.hi), user__is_active=True)
        .select_related("user", "branch")
        .order_by("branch__region_code", "role")
    )
    voting = [p for p in posts if Duty.REVIEW_VOTE in ROLES[p.role].duties]
    return people_of(voting), people_of(posts)


def handlers(objection: Objection, *, on: date) -> list[Person]:
    """Who may look into an objection: handles objections for the division and had no hand in the matter."""
    may = list(holders(Duty.OBJECTION_HANDLE, region_code=objection.region_code, on=on))
    involved = involved_ids(objection.notice, objection.entry)
    return people_of([post for post in may if post.user_id not in involved])
