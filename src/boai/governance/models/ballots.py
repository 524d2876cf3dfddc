"""Polls, the roll of who may vote and has voted, and — without any link to it — the ballots (governance §3.5).

The web process may drop a ballot into the box but never look into it: only the database function that closes a poll
moves the ballots, shuffled and renumbered, into the open. Neither table has a time, a sequence or a person.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.governance.enums import Channel
from boai.governance.models.meetings import MeetingMember, Review
from boai.governance.rules.majority import Attendance, Count, ReviewRules
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.models import User

COUNTS = ("yes", "no", "abstain", "blank", "invalid")


class Poll(models.Model):
    """One ballot on one item: the frozen rules and attendance, and after the count the totals."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.PROTECT, related_name="polls")
    region_code = RegionCodeField()
    round = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=4, default="R1")
    rules = models.JSONField()
    roll_size = models.PositiveIntegerField()
    recused = models.PositiveIntegerField()
    signed_in = models.PositiveIntegerField()
    present = models.PositiveIntegerField()
    online_voters = models.PositiveIntegerField()
    paper_voters = models.PositiveIntegerField()
    roll_hash = models.CharField(max_length=64)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    void = models.BooleanField(default=False)
    void_reason = models.CharField(max_length=500, blank=True)
    ballots_hash = models.CharField(max_length=64, blank=True)
    seal_number = models.CharField(max_length=40, blank=True)
    count_number = models.PositiveSmallIntegerField(default=1)
    recounted = models.BooleanField(default=False)
    counted_at = models.DateTimeField(null=True)
    yes = models.PositiveIntegerField(null=True)
    no = models.PositiveIntegerField(null=True)
    abstain = models.PositiveIntegerField(null=True)
    blank = models.PositiveIntegerField(null=True)
    invalid = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("ballot")
        constraints = [
            models.UniqueConstraint(fields=["review", "round"], name="governance_poll_round"),
            models.CheckConstraint(
                condition=Q(counted_at__isnull=True, yes__isnull=True, no__isnull=True, abstain__isnull=True,
                            blank__isnull=True, invalid__isnull=True)
                | Q(closed_at__isnull=False, counted_at__isnull=False, yes__isnull=False,
                    no__isnull=False, abstain__isnull=False, blank__isnull=False, invalid__isnull=False),
                name="governance_poll_counts_after_close",
            ),
            models.CheckConstraint(
                condition=Q(yes__isnull=True)
                | Q(present__gte=F("yes") + F("no") + F("abstain") + F("blank") + F("invalid")),
                name="governance_poll_counts_within_present",
            ),
            models.CheckConstraint(
                condition=Q(recused__lte=F("roll_size"), signed_in__lte=F("roll_size"), present__lte=F("signed_in"))
                & Q(present=F("online_voters") + F("paper_voters")),
                name="governance_poll_attendance",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.review_id} #{self.round}"

    @property
    def attendance(self) -> Attendance:
        """N, R, Q and P as they were when the ballot opened."""
        return Attendance(self.roll_size, self.recused, self.signed_in, self.present)

    @property
    def review_rules(self) -> ReviewRules:
        """The frozen rule values."""
        return ReviewRules.from_json(self.rules)

    @property
    def count(self) -> Count | None:
        """The totals; None until counted."""
        if self.yes is None or self.no is None or self.abstain is None or self.blank is None or self.invalid is None:
            return None
        return Count(self.yes, self.no, self.abstain, self.blank, self.invalid)


class RollEntry(models.Model):
    """A member who may vote in this poll, on which channel, and whether they have. Nothing about when or what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="roll")
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="+")
    region_code = RegionCodeField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    voted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("roll entry")
        constraints = [models.UniqueConstraint(fields=["poll", "member"], name="governance_roll_once")]

    def __str__(self) -> str:
        return str(self.member_id)


class BallotBox(models.Model):
    """The closed box: the application may insert and nothing else. `poll_id` is no foreign key, on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll_id = models.UUIDField(db_index=True)
    content = models.TextField()

    class Meta:
        verbose_name = _("ballot in the box")

    def __str__(self) -> str:
        return str(self.poll_id)


class Ballot(models.Model):
    """A ballot after the close: renumbered at random, in random order, all in one transaction. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll_id = models.UUIDField(db_index=True)
    content = models.TextField()

    class Meta:
        verbose_name = _("ballot paper")

    def __str__(self) -> str:
        return str(self.poll_id)


class TallySheet(models.Model):
    """One person's reading of the paper ballots of a poll. Two that agree make the count; none is ever changed.

    A recount by hand has the next `count_number`. A sheet that does not add up can only be a discrepancy report with
    its reason.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="sheets")
    region_code = RegionCodeField()
    count_number = models.PositiveSmallIntegerField()
    keyed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    keyed_at = models.DateTimeField()
    issued = models.PositiveIntegerField(_("ballots issued"))
    returned = models.PositiveIntegerField(_("ballots returned"))
    spoiled = models.PositiveIntegerField(_("spoiled and replaced"))
    not_returned = models.PositiveIntegerField(_("not returned"))
    yes = models.PositiveIntegerField(_("agree"))
    no = models.PositiveIntegerField(_("disagree"))
    abstain = models.PositiveIntegerField(_("abstain"))
    blank = models.PositiveIntegerField(_("blank"))
    invalid = models.PositiveIntegerField(_("invalid"))
    discrepancy = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("tally sheet")
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "count_number", "keyed_by"], name="governance_tally_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(discrepancy="")
                | Q(issued=F("returned") + F("spoiled") + F("not_returned"))
                & Q(returned=F("yes") + F("no") + F("abstain") + F("blank") + F("invalid")),
                name="governance_tally_adds_up",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.poll_id} {self.keyed_by_id}"

    @property
    def figures(self) -> tuple[int, ...]:
        """What must be equal on two sheets."""
        return (self.issued, self.returned, self.spoiled, self.not_returned, self.yes, self.no, self.abstain,
                self.blank, self.invalid)  # fmt: skip

    @property
    def count(self) -> Count:
        """The votes on the sheet."""
        return Count(self.yes, self.no, self.abstain, self.blank, self.invalid)
