"""Public notices. What is private and what may be published live in two tables (governance §5)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.files.models import StoredFile
from boai.governance.enums import EntryState, NoticeKind, NoticeState, PhotoKind
from boai.governance.models.meetings import Review
from boai.governance.rules.publication import NoticeRules
from boai.governance.rules.subjects import Subject
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.people.models import Branch, User


class Notice(models.Model):
    """A notice with its drafts, its approvals, and the fuller text for the village board. Officers only.

    `board` and `public` are the rendered documents that the second person read; `rendered_hash` binds both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    code = models.CharField(_("number"), max_length=12, unique=True, default=new_code)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    title = models.CharField(_("title"), max_length=80)
    state = models.CharField(max_length=12, choices=NoticeState.choices, default=NoticeState.DRAFT)
    rules = models.JSONField()
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="successor")
    correction = models.CharField(_("what is corrected"), max_length=300, blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    board = models.JSONField(null=True)
    public = models.JSONField(null=True)
    rendered_hash = models.CharField(max_length=64, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    returned_note = models.CharField(max_length=300, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    ends_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    withdraw_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        indexes = [
            models.Index(fields=["region_code", "-id"], name="governance_notice_place"),
            models.Index(fields=["withdraw_on"], condition=Q(state="published"), name="governance_notice_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("drafted_by")), name="governance_notice_approver_is_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("submitted_by")), name="governance_notice_approver_is_not_submitter"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "discarded"])
                | Q(approved_by__isnull=False, approved_hash=F("rendered_hash")) & ~Q(approved_hash=""),
                name="governance_notice_approved_as_rendered",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "approved", "discarded"], published_at__isnull=True)
                | Q(published_at__isnull=False, first_day__isnull=False,
                    last_day__gte=F("first_day"), ends_at__gt=F("published_at"), withdraw_on__gte=F("last_day")),
                name="governance_notice_published_has_period",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def notice_rules(self) -> NoticeRules:
        """The frozen rule values."""
        return NoticeRules.from_json(self.rules)


class NoticeEntry(models.Model):
    """One subject on a notice: the allowed fields in full (private), and what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="entries")
    region_code = RegionCodeField()
    number = models.PositiveSmallIntegerField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_code = models.CharField(max_length=20)
    subject_title = models.CharField(max_length=120)
    fields = models.JSONField()
    shielded = models.BooleanField(default=False)
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="+")
    excluded = ArrayField(models.UUIDField(), default=list)
    state = models.CharField(max_length=12, choices=EntryState.choices, default=EntryState.LISTED)
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("entry")
        ordering = ["notice", "number"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="governance_entry_subject")]
        constraints = [
            models.UniqueConstraint(fields=["notice", "subject_kind", "subject_id"], name="governance_entry_once"),
            models.UniqueConstraint(fields=["notice", "number"], name="governance_entry_number"),
            models.CheckConstraint(
                condition=Q(state="listed") | Q(settled_at__isnull=False), name="governance_entry_settled_is_dated"
            ),
        ]

    def __str__(self) -> str:
        return self.subject_code

    @property
    def subject(self) -> Subject:
        """The subject as it was handed in."""
        return Subject(self.subject_kind, self.subject_id, self.region_code, self.subject_code, self.subject_title)


class PublicNotice(models.Model):
    """What anybody may read. Rows appear at publication; at the end the document goes, number and dates stay.

    `document` holds the masked text of the open internet, nothing else; `entry_id` is the log entry of the publication.
    """

    notice = models.OneToOneField(Notice, models.PROTECT, primary_key=True, related_name="shown")
    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    region_code = RegionCodeField()
    branch_name = models.CharField(max_length=80)
    title = models.CharField(max_length=80)
    document = models.JSONField(null=True)
    published_at = models.DateTimeField()
    first_day = models.DateField()
    last_day = models.DateField()
    ends_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    extended = models.BooleanField(default=False)
    ended = models.CharField(max_length=12, choices=NoticeState.choices, blank=True)
    ended_at = models.DateTimeField(null=True)
    replaced_by = models.CharField(max_length=12, blank=True)
    entry_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("published notice")
        indexes = [models.Index(fields=["region_code", "-published_at", "-notice"], name="governance_public_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended="", ended_at__isnull=True, document__isnull=False)
                | Q(ended__in=["withdrawn", "retracted", "superseded"], ended_at__isnull=False, document__isnull=True),
                name="governance_public_nothing_left_after_end",
            )
        ]

    def __str__(self) -> str:
        return self.code


class NoticeExtension(models.Model):
    """A notice runs longer because site or board was down. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="extensions")
    region_code = RegionCodeField()
    days = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    old_last_day = models.DateField()
    new_last_day = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("extension")
        constraints = [
            models.CheckConstraint(
                condition=Q(new_last_day__gt=F("old_last_day")), name="governance_extension_is_longer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} +{self.days}"


class BoardPhoto(models.Model):
    """Evidence that the paper hung on the board, or was taken down."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="photos")
    region_code = RegionCodeField()
    kind = models.CharField(max_length=8, choices=PhotoKind.choices)
    place = models.CharField(_("place"), max_length=80)
    on = models.DateField(_("date"))
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("photo of the board")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.kind}"
