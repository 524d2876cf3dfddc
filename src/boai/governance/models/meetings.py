"""Meetings, their roll, the items under review, and who steps aside."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.files.models import StoredFile
from boai.governance.enums import Channel, Ground, MeetingState, RecusalState, ReviewState
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.subjects import Subject
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.people.models import Branch, User

LIVE = [ReviewState.PRESENTED, ReviewState.BALLOT_OPEN, ReviewState.BALLOT_CLOSED, ReviewState.DISPUTED,
        ReviewState.COUNTED]  # fmt: skip


class Meeting(models.Model):
    """One sitting of a panel: roll, officers, sign-in, and the rule values frozen when it was convened."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    code = models.CharField(_("number"), max_length=12, unique=True, default=new_code)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=80)
    place = models.CharField(_("place"), max_length=80)
    starts_at = models.DateTimeField(_("starts"))
    state = models.CharField(max_length=12, choices=MeetingState.choices, default=MeetingState.CONVENED)
    rules = models.JSONField()
    chair = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("chair"))
    teller = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("teller"))
    scrutineer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("scrutineer"))
    recorder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorder"))
    witnesses = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    convened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    convened_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    roll_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=500, blank=True)
    minutes_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("meeting")
        indexes = [models.Index(fields=["region_code", "-id"], name="governance_meeting_place")]
        constraints = [
            # None of the four may hold a second office (governance §3.6); null compares with nobody.
            models.CheckConstraint(
                condition=~(
                    Q(chair=F("teller"))
                    | Q(chair=F("scrutineer"))
                    | Q(chair=F("recorder"))
                    | Q(teller=F("scrutineer"))
                    | Q(teller=F("recorder"))
                    | Q(scrutineer=F("recorder"))
                ),
                name="governance_meeting_officers_distinct",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["convened", "adjourned", "cancelled"])
                | Q(opened_at__isnull=False, chair__isnull=False, recorder__isnull=False) & ~Q(roll_hash=""),
                name="governance_meeting_opens_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(minutes_file__isnull=False, signed_at__isnull=False),
                name="governance_meeting_signed_has_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def review_rules(self) -> ReviewRules:
        """The frozen rule values."""
        return ReviewRules.from_json(self.rules)

    @property
    def officer_ids(self) -> set[UUID]:
        """Chair, teller, scrutineer and recorder, as far as they are appointed."""
        ids = (self.chair_id, self.teller_id, self.scrutineer_id, self.recorder_id)
        return {i for i in ids if i is not None}


class MeetingMember(models.Model):
    """A person on the roll. Without an account they vote on paper; present from sign-in to sign-out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="members")
    region_code = RegionCodeField()
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    signed_in_at = models.DateTimeField(null=True)
    signed_out_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("member")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="governance_member_once"),
            models.CheckConstraint(
                condition=Q(channel="paper") | Q(user__isnull=False), name="governance_member_online_has_account"
            ),
            models.CheckConstraint(
                condition=Q(signed_out_at__isnull=True)
                | Q(signed_in_at__isnull=False, signed_out_at__gte=F("signed_in_at")),
                name="governance_member_out_after_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_present(self) -> bool:
        """Signed in and not gone."""
        return self.signed_in_at is not None and self.signed_out_at is None


class Review(models.Model):
    """One subject on the agenda. `facts` is what the panel saw, `round` 2 after the one re-ballot.

    `barred_ids` are all user ids that must step aside by rule (relatives, verifiers), members of the panel or not: they
    may hold no office on this item and handle no objection to it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="reviews")
    region_code = RegionCodeField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_code = models.CharField(max_length=20)
    subject_title = models.CharField(max_length=120)
    facts = models.JSONField(default=list)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=ReviewState.choices, default=ReviewState.PRESENTED)
    round = models.PositiveSmallIntegerField(default=1)
    barred_ids = ArrayField(models.UUIDField(), default=list)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("review")
        ordering = ["meeting", "number"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="governance_review_subject")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="governance_review_number"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=Q(state__in=LIVE), name="governance_review_one_live"
            ),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="governance_review_one_reballot"),
            models.CheckConstraint(
                condition=~Q(state__in=["passed", "not_passed", "adjourned", "escalated", "void"])
                | Q(declared_at__isnull=False),
                name="governance_review_decided_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.subject_title

    @property
    def subject(self) -> Subject:
        """The subject as it was handed in."""
        return Subject(self.subject_kind, self.subject_id, self.region_code, self.subject_code, self.subject_title)


class Recusal(models.Model):
    """A member leaves an item: found by rule, declared, or challenged and ruled upon by the chair."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.PROTECT, related_name="recusals")
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="+")
    region_code = RegionCodeField()
    ground = models.CharField(max_length=12, choices=Ground.choices)
    state = models.CharField(max_length=12, choices=RecusalState.choices, default=RecusalState.STANDS)
    automatic = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    ruling = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("recusal")
        constraints = [
            models.UniqueConstraint(
                fields=["review", "member"], condition=~Q(state="rejected"), name="governance_recusal_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(ruled_by__isnull=False) & ~Q(ruling=""),
                name="governance_recusal_rejected_with_ruling",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.ground}"
