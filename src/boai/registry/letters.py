"""What the register writes into the inbox of its officers. Never a name of somebody in the register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.messages.enums import Channel
from boai.messages.templates import Template, register

FLAGGED = "registry.look_flagged"
EXPORT = "registry.export_asked"
GIVEN_UP = "registry.intake_given_up"
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
        Template(
            GIVEN_UP,
            _("A register file could not be processed"),
            _("A register file could not be processed"),
            _(
                "The step was tried {count} times and ended with a fault of the programme each time. Nothing is lost. "
                "The page of the file offers to try again; the reason stands in the worker's log."
            ),
            INBOX,
            "/register/intakes/{id}/",
        ),
    )
