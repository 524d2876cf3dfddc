"""What governance writes into the inbox of its officers and panel members. Never what an objection or a ballot says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.messages.enums import Channel
from boai.messages.templates import Template, register

CONVENED, WAITING, FILED, ASSIGNED, APPEALED = (
    "governance.meeting_convened", "governance.notice_waiting", "governance.objection_filed",
    "governance.objection_assigned", "governance.objection_appealed",
)  # fmt: skip

INBOX = frozenset({Channel.INBOX})


def announce() -> None:
    """Register the templates with messages."""
    register(
        Template(
            CONVENED,
            _("Review meeting called"),
            _("Review meeting: {title}"),
            _("{title}: {when}, {place}. Please sign in on this page when you arrive."),
            INBOX,
            "/meetings/{id}/",
        ),
        Template(
            WAITING,
            _("Notice waiting for the second person"),
            _("Notice {code} waits for a second person"),
            _("Notice {code} has been rendered and scanned. Please read both versions and approve or return it."),
            INBOX,
            "/meetings/notices/{id}/",
        ),
        Template(
            FILED,
            _("Objection has come in"),
            _("Objection {receipt}"),
            _("Somebody objects to notice {code}. Confirm it by {day}; approval waits until it is decided."),
            INBOX,
            "/meetings/objections/{id}/",
        ),
        Template(
            ASSIGNED,
            _("Objection assigned to me"),
            _("Objection {receipt} is yours"),
            _("Look into objection {receipt} and decide it with reasons by {day}."),
            INBOX,
            "/meetings/objections/{id}/",
        ),
        Template(
            APPEALED,
            _("Appeal has come in"),
            _("Appeal {receipt}"),
            _("The answer to objection {receipt} is appealed. Decide it with reasons by {day}; it is final."),
            INBOX,
            "/meetings/objections/{id}/",
        ),
    )
