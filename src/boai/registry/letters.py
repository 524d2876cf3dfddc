"""What the register writes into the inbox of its officers. Never a name of somebody in the register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.messages.enums import Channel
from boai.messages.templates import Template, register

FLAGGED = "registry.look_flagged"
EXPORT = "registry.export_asked"
INBOX = frozenset({Channel.INBOX})


def announce() -> None:
    """Register the templates with messages."""
    register(
        Template(
            FLAGGED,
            _("Unusual look at sensitive facts"),
            _("Please ask: {what}"),
            _("{who} looked at sensitive facts on {day}: {what}. Ask why, and write down the answer."),
            INBOX,
            "/register/looks/{id}/",
        ),
        Template(
            EXPORT,
            _("A list waits for a second person"),
            _("List {code} waits for a second person"),
            _("{who} asks for a list of {people} people for: {purpose}. Please allow it or not."),
            INBOX,
            "/register/exports/",
        ),
    )
