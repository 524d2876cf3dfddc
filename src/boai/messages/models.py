"""The outbox: one row for each message to one person by one way, and a row for each attempt to send it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.messages import templates
from boai.messages.enums import Channel, Fault, Outcome, State


class Message(models.Model):
    """A message. Its words and address are sealed; its id is the Idempotency-Key under which it goes out, every time.

    An inbox message is there as soon as its row is. `key` is the caller's: the same key is the same message. `attempts`
    counts all attempts, `tries` those since it was last put in the queue.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=200, unique=True)
    region_code = RegionCodeField(_("division"))
    template = models.CharField(max_length=80)
    channel = models.CharField(_("sent by"), max_length=10, choices=Channel.choices)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+", null=True)
    address = SealedTextField(purpose="messages.address")
    address_shown = models.CharField(max_length=100, blank=True)
    subject = SealedTextField(purpose="messages.text")
    body = SealedTextField(purpose="messages.text")
    words = SealedTextField(purpose="messages.text")
    path = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("state of sending"), max_length=10, choices=State.choices)
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("message")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel=Channel.INBOX, user__isnull=False, state=State.SENT)
                | (~Q(channel=Channel.INBOX) & Q(user=None, read_at=None)),
                name="messages_inbox_has_a_user",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at=None)),
                name="messages_sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, claimed_at__isnull=False)
                | (~Q(state=State.SENDING) & Q(claimed_at=None)),
                name="messages_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(state=State.WAITING, next_try_at__isnull=False)
                | (~Q(state=State.WAITING) & Q(next_try_at=None)),
                name="messages_waiting_knows_when",
            ),
            models.CheckConstraint(condition=Q(tries__lte=models.F("attempts")), name="messages_tries_are_attempts"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(channel=Channel.INBOX), name="messages_inbox"),
            models.Index(
                fields=["user"], condition=Q(channel=Channel.INBOX, read_at=None), name="messages_inbox_unread"
            ),
            models.Index(fields=["region_code", "state"], condition=~Q(channel=Channel.INBOX), name="messages_outbox"),
            models.Index(
                fields=["state"], condition=Q(state__in=[State.WAITING, State.SENDING]), name="messages_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.id}"

    @property
    def name(self) -> str:
        """What the office calls this kind of message."""
        return templates.name_of(self.template)


class Attempt(models.Model):
    """One attempt to hand a message over. Written before it begins; without outcome, nobody knows how it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    region_code = RegionCodeField(_("division"))
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("attempt")
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="messages_attempt_once")]
