"""Paper ballots: keyed twice by two people, arithmetic enforced, doubts decided by a supervisor (governance §3.6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import REVIEW_TRANSITIONS, ReviewState
from boai.governance.models import Poll, Review, TallySheet
from boai.governance.queries.meetings import poll_of
from boai.governance.rules import majority
from boai.governance.services.ballots import count_set, online_count
from boai.governance.services.reviews import reason_needed
from boai.kernel.errors import BadInput, StalePage
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


@transaction.atomic
def tally_key(
    *, review_id: UUID, actor: Actor, issued: int, returned: int, spoiled: int, not_returned: int, yes: int, no: int,
    abstain: int, blank: int, invalid: int, discrepancy: str = "", at: datetime,
) -> Review:  # fmt: skip
    """Key the paper tally, independently of whoever else keys it.

    Two equal sheets by different people make the count (`review.state` is counted); unequal ones need a third person.
    Figures that do not add up raise BadInput, unless `discrepancy` gives the reason: the review is then disputed. A
    narrow result is counted again by hand first (`poll.recounted`, a higher `poll.count_number`).
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_key_tally, actor, review)
    poll = poll_of(review, lock=True)
    review.state = transition(REVIEW_TRANSITIONS, review.state, "key")
    assert poll is not None, "ballots are counted after a ballot"
    sheet = TallySheet(
        poll=poll, region_code=review.region_code, count_number=poll.count_number, keyed_by_id=policies.person(actor),
        keyed_at=at, issued=issued, returned=returned, spoiled=spoiled, not_returned=not_returned, yes=yes, no=no,
        abstain=abstain, blank=blank, invalid=invalid, discrepancy=discrepancy.strip()[:500],
    )  # fmt: skip
    if poll.sheets.filter(count_number=poll.count_number, keyed_by_id=actor.user_id).exists():
        raise StalePage(_("You have already keyed this count; somebody else has to key it too."))
    faults = tally_faults(sheet, poll)
    if faults and not sheet.discrepancy:
        raise BadInput(" ".join(faults), {"returned": faults})
    sheet.save(force_insert=True)
    record("governance.tally.keyed", review, actor=actor, at=at, count=poll.count_number, figures=list(sheet.figures),
           discrepancy=sheet.discrepancy)  # fmt: skip
    _settle(review, poll, sheet, actor=actor, at=at)
    review.save(update_fields=["state"])
    return review


def tally_faults(sheet: TallySheet, poll: Poll) -> list[str]:
    """What does not add up, one sentence each (governance §3.6: issued, returned, votes, voters)."""
    faults = []
    if min(sheet.figures) < 0:
        faults.append(_("Numbers of ballots are not negative."))
    if sheet.issued != sheet.returned + sheet.spoiled + sheet.not_returned:
        faults.append(
            _("Issued %(issued)s ≠ returned %(returned)s + spoiled %(spoiled)s + not returned %(not_returned)s.")
            % {
                "issued": sheet.issued,
                "returned": sheet.returned,
                "spoiled": sheet.spoiled,
                "not_returned": sheet.not_returned,
            }
        )
    votes = sheet.yes + sheet.no + sheet.abstain + sheet.blank + sheet.invalid
    if sheet.returned != votes:
        faults.append(
            _("Returned %(returned)s ≠ agree, disagree, abstain, blank and invalid together %(votes)s.")
            % {"returned": sheet.returned, "votes": votes}
        )
    if sheet.returned + sheet.not_returned != poll.paper_voters:
        faults.append(_("Returned and not returned together are %(have)s, but %(want)s members vote on paper.")
                      % {"have": sheet.returned + sheet.not_returned, "want": poll.paper_voters})  # fmt: skip
    return faults


def _settle(review: Review, poll: Poll, sheet: TallySheet, *, actor: Actor, at: datetime) -> None:
    """Agree, dispute, or wait for another pair of eyes."""
    if sheet.discrepancy:
        review.state = transition(REVIEW_TRANSITIONS, review.state, "dispute")
        return
    others = poll.sheets.filter(count_number=poll.count_number).exclude(id=sheet.id)
    if any(other.figures == sheet.figures for other in others):
        _agree(review, poll, sheet, actor=actor, at=at)
    elif len(others) + 1 >= len(review.meeting.officer_ids - set(review.barred_ids)):
        review.state = transition(REVIEW_TRANSITIONS, review.state, "dispute")


def _agree(review: Review, poll: Poll, sheet: TallySheet, *, actor: Actor, at: datetime) -> None:
    total = online_count(poll) + sheet.count
    if not poll.recounted and majority.recount_needed(poll.review_rules, poll.attendance, total):
        poll.recounted, poll.count_number = True, poll.count_number + 1
        poll.save(update_fields=["recounted", "count_number"])
        record("governance.tally.recount_ordered", review, actor=actor, at=at, count=poll.count_number)
        return
    review.state = transition(REVIEW_TRANSITIONS, review.state, "agree")
    count_set(review, poll, total, actor=actor, at=at)


@transaction.atomic
def tally_dispute_settle(*, review_id: UUID, actor: Actor, recount: bool, reason: str, at: datetime) -> Review:
    """A supervisor decides about a count that does not add up: count again, or void the ballot.

    A voided ballot is declared by `review_declare`, like every other outcome.
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_settle_dispute, actor, review)
    poll = poll_of(review, lock=True)
    review.state = transition(REVIEW_TRANSITIONS, review.state, "recount" if recount else "settle_void")
    assert poll is not None, "a count that is disputed has a poll"
    if recount:
        poll.count_number += 1
    else:
        poll.void, poll.void_reason = True, reason_needed(reason)[:500]
    poll.save(update_fields=["count_number", "void", "void_reason"])
    review.save(update_fields=["state"])
    record("governance.tally.settled", review, actor=actor, at=at, recount=recount, reason=reason_needed(reason))
    assert review.state in (ReviewState.BALLOT_CLOSED, ReviewState.DISPUTED)
    return review
