"""Papers: the minutes of a meeting and the notice for the village board, both with the log's checkpoint."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from boai.audit.queries import latest_checkpoint
from boai.governance import policies, queries
from boai.governance.enums import Choice, NoticeState, RecusalState
from boai.governance.models import Meeting, MeetingMember, Notice, Poll, Recusal, Review
from boai.governance.rules.majority import ReviewRules
from boai.kernel.clock import SHANGHAI
from boai.kernel.errors import UnableTo
from boai.kernel.policy import require
from boai.kernel.print import qr_svg, render_pdf
from boai.people.actor import Actor
from boai.people.queries import names

_ROOT_DIGITS = 20
_COLUMNS = ("code", "name", "place", "programme", "reason", "amount")


def proof_block(address: str = "") -> dict[str, Any]:
    """QR code and checkpoint of the log: size and the first digits of the root, enough to hold us to it later.

    Without an `address` the code leads to that very checkpoint.
    """
    head = latest_checkpoint()
    address = address or queries.checkpoint_address(head.size if head else None)
    if head is None:
        lines = [_("The public log has not signed a checkpoint yet.")]
    else:
        root = bytes(head.root).hex()[:_ROOT_DIGITS]
        lines = [_("Public log: %(size)s entries, root %(root)s") % {"size": head.size, "root": root}]
    lines.append(_("Scan or open the address to check this paper:"))
    return {"address": address, "qr": qr_svg(address), "lines": lines}


def meeting_minutes(*, meeting_id: UUID, actor: Actor) -> bytes:
    """The minutes as PDF, in Chinese: roll, officers, every item with all its ballots, checkpoint and QR code."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor)
    require(policies.may_see_meeting, actor, meeting)
    if meeting.closed_at is None:
        raise UnableTo(_("The minutes can be printed when the meeting is closed."))
    with translation.override("zh-hans"):
        return render_pdf("governance/minutes", _minutes(meeting), at=meeting.closed_at)


def _minutes(meeting: Meeting) -> dict[str, Any]:
    members = list(meeting.members.all())
    people = names(meeting.officer_ids)
    officers = [(_("Chair"), meeting.chair_id), (_("Recorder"), meeting.recorder_id), (_("Teller"), meeting.teller_id),
                (_("Scrutineer"), meeting.scrutineer_id)]  # fmt: skip
    rules = meeting.review_rules
    reviews = list(meeting.reviews.all())
    return {
        "title": _("Minutes of the review"),
        "under": f"{meeting.branch.name} · {meeting.title} · {meeting.code}",
        "facts": [
            _fact(_("Meeting place"), meeting.place),
            _fact(_("Opened and closed"), f"{_time(meeting.opened_at)} — {_time(meeting.closed_at)}"),
            *(_fact(label, people[user]) for label, user in officers if user is not None),
            *([_fact(_("Witnesses"), "、".join(meeting.witnesses))] if meeting.witnesses else []),
            _fact(_("Rules of the meeting"), rules_text(rules)),
            *([_fact(_("Note"), meeting.note)] if meeting.note else []),
        ],
        "words": {"roll": _("Roll"), "items": _("Items"), "signatures": _("Signatures")},
        "roll_head": [_("No."), _("Name"), _("Ballot"), _("Present"), _("Signature")],
        "roll": [[str(n), m.name, m.get_channel_display(), _presence(m), ""] for n, m in enumerate(members, 1)],
        "item_head": [
            _("Ballot"),
            _("Roll"),
            _("Recused"),
            _("Present"),
            *(str(c.label) for c in Choice),
            _("Invalid"),
        ],
        "items": [_item(review) for review in reviews],
        "signatures": [f"{label}：" for label, user in officers if user is not None]
        + [_("Witness: ")] * max(2, len(meeting.witnesses)),
        "proof": proof_block(),
    }


def rules_text(rules: ReviewRules) -> str:
    """The frozen rules in one sentence."""
    text = _("quorum %(part)s/%(whole)s of the roll; passed by %(threshold)s %(base)s; an item needs at least %(min)s")
    return text % {
        "part": rules.quorum[0], "whole": rules.quorum[1], "threshold": rules.threshold.label, "base": rules.base.label,
        "min": rules.min_reviewers,
    }  # fmt: skip


def _fact(label: str, value: object) -> dict[str, str]:
    return {"label": label, "value": str(value)}


def _time(at: Any) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "—"


def _presence(member: MeetingMember) -> str:
    if member.signed_in_at is None:
        return _("absent")
    left = _(", left %(at)s") % {"at": _time(member.signed_out_at)[11:]} if member.signed_out_at else ""
    return _time(member.signed_in_at)[11:] + left


def _item(review: Review) -> dict[str, Any]:
    recusals = list(Recusal.objects.filter(review=review).select_related("member").order_by("at", "id"))
    polls = list(Poll.objects.filter(review=review).order_by("round"))
    return {
        "number": str(review.number),
        "title": f"{review.subject_code} {review.subject_title}",
        "outcome": review.get_state_display(),
        "facts": [_fact(f["label"], f["value"]) for f in review.facts],
        "rows": [_ballot_row(poll) for poll in polls if poll.count is not None],
        "notes": [_recusal_line(r) for r in recusals] + [line for poll in polls for line in _poll_lines(poll)]
        + ([_("Reason: %(text)s") % {"text": review.reason}] if review.reason else []),
    }  # fmt: skip


def _ballot_row(poll: Poll) -> list[str]:
    count = poll.count
    assert count is not None, "only counted ballots are in the table"
    figures = [
        poll.roll_size,
        poll.recused,
        poll.present,
        count.yes,
        count.no,
        count.abstain,
        count.blank,
        count.invalid,
    ]
    return [str(poll.round), *map(str, figures)]


def _recusal_line(recusal: Recusal) -> str:
    text = _("Recusal: %(name)s, %(ground)s") % {"name": recusal.member.name, "ground": recusal.get_ground_display()}
    if recusal.state == RecusalState.REJECTED:
        text = _("Challenge rejected: %(name)s. %(ruling)s") % {"name": recusal.member.name, "ruling": recusal.ruling}
    elif recusal.late:
        text += _(" (found after the count)")
    return text


def _poll_lines(poll: Poll) -> list[str]:
    lines = [_("Ballot %(n)s: hash of the roll %(roll)s, of the ballots %(ballots)s") % {
        "n": poll.round, "roll": poll.roll_hash[:20], "ballots": poll.ballots_hash[:20] or "—"}]  # fmt: skip
    if poll.paper_voters:
        lines.append(_("Paper ballots: %(n)s, seal %(seal)s, counted %(times)s times") % {
            "n": poll.paper_voters, "seal": poll.seal_number or "—", "times": poll.count_number})  # fmt: skip
    if poll.void:
        lines.append(_("Ballot %(n)s is void: %(why)s") % {"n": poll.round, "why": poll.void_reason or "—"})
    return lines


def notice_print(*, notice_id: UUID, actor: Actor) -> bytes:
    """The paper for the village board as PDF: full names, checkpoint, QR code. Made from data, never from a scan."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor)
    require(policies.may_see_notice, actor, notice)
    if notice.state != NoticeState.PUBLISHED:
        raise UnableTo(_("Only a notice that is on display can be printed for the board."))
    with translation.override("zh-hans"):
        return render_pdf("governance/notice", _board(notice), at=notice.published_at)


def _board(notice: Notice) -> dict[str, Any]:
    document = notice.board
    assert document is not None, "a published notice was rendered"
    office = document["office"]
    dates = _("%(first)s to %(last)s, until 24:00 (%(period)s)") % {
        "first": notice.first_day, "last": notice.last_day, "period": document["period"]}  # fmt: skip
    if notice.provisional:
        dates += _("; provisional: the holiday calendar of that year is not announced yet")
    return {
        "title": document["title"],
        "under": _("No. %(code)s") % {"code": notice.code},
        "intro": document["intro"],
        "correction": document["correction"],
        "head": [_("Case code"), _("Name"), _("Village and group"), _("Programme"), _("Why help is needed"),
                 _("Amount")],
        "rows": [[row[column] for column in _COLUMNS] for row in document["rows"]],
        "reviews": [f"{r['code']}：{r['review']}" for r in document["rows"] if r["review"] != "—"],
        "facts": [
            _fact(_("Total"), document["total"]),
            _fact(_("On display"), dates),
            _fact(_("Object to"), " · ".join(filter(None, office.values()))),
        ],
        "objection": document["objection"],
        "branch": notice.branch.name,
        "date": _time(notice.published_at)[:10],
        "proof": proof_block(queries.notice_address(notice.code)),
    }  # fmt: skip
