"""Ways to a person, the states of a message, and the table that moves them."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from boai.kernel.transition import TransitionTable


class Channel(TextChoices):
    """How a message reaches a person."""

    INBOX = "inbox", _("In the inbox")
    EMAIL = "email", _("By e-mail")
    GATEWAY = "gateway", _("By text message")


class State(TextChoices):
    """Where a message is."""

    WAITING = "waiting", _("To be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Message sent")
    HELD = "held", _("Not sent: no gateway")
    FAILED = "failed", _("Sending failed")


class Action(TextChoices):
    """What can happen to a message."""

    CLAIM = "claim", _("take for sending")
    DELIVER = "deliver", _("hand over")
    RETRY = "retry", _("try later")
    HOLD = "hold", _("hold back")
    GIVE_UP = "give_up", _("give up")
    RESEND = "resend", _("send again")


TRANSITIONS: TransitionTable = {
    (State.WAITING, Action.CLAIM): State.SENDING,
    (State.WAITING, Action.HOLD): State.HELD,
    (State.WAITING, Action.GIVE_UP): State.FAILED,
    (State.SENDING, Action.CLAIM): State.SENDING,  # whoever had taken it died on the way
    (State.SENDING, Action.HOLD): State.HELD,
    (State.SENDING, Action.DELIVER): State.SENT,
    (State.SENDING, Action.RETRY): State.WAITING,
    (State.SENDING, Action.GIVE_UP): State.FAILED,
    (State.HELD, Action.RESEND): State.WAITING,
    (State.FAILED, Action.RESEND): State.WAITING,
}


class Fault(TextChoices):
    """Why an attempt, or a message, came to nothing."""

    NONE = "", ""
    ADDRESS = "address", _("There is no mobile number or e-mail address that can be used.")
    UNREACHABLE = "unreachable", _("The other side could not be reached.")
    TIMEOUT = "timeout", _("The other side did not answer in time.")
    BUSY = "busy", _("The other side could not take it now.")
    REDIRECT = "redirect", _("The gateway points to another address; that was not followed.")
    REFUSED = "refused", _("The other side refused this message.")
    BROKEN_OFF = "broken_off", _("Sending broke off too often.")


class Outcome(TextChoices):
    """How an attempt ended. No outcome: it broke off, or it is still under way."""

    UNKNOWN = "", _("Outcome not known")
    ACCEPTED = "accepted", _("Accepted by the other side")
    AGAIN = "again", _("Not delivered this time")
    REFUSED = "refused", _("Refused by the other side")
