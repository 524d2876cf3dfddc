"""A register file on its way: the intake, what was read from it, what was found wrong.

Staged rows carry the ids that the people will have in the register, and their numbers are sealed from the start: the
commit is a handful of INSERT … SELECT, and nothing in the staging area is easier to read than the register itself.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import BlindField, SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import IntakeKind, IntakeState, Severity
from boai.registry.models.people import ACCOUNT, FACT, KIND, NOTE, NUMBER, PHONE, kind_of_fact

VALUE = "registry.finding"
MARK = "registry.mark"


class Intake(models.Model):
    """One or several files of one branch, taken in together. The same files again are the same intake."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    kind = models.CharField(_("what for"), max_length=8, choices=IntakeKind.choices, default=IntakeKind.REGISTER)
    sha256 = models.CharField(max_length=64, db_collation="C")  # of the file; of several, of their sorted SHA-256
    file_name = models.CharField(_("file"), max_length=200)  # of several, the first and how many more
    file_size = models.BigIntegerField(_("size"))
    workbook = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=IntakeState.choices, default=IntakeState.RECEIVED)
    error = models.CharField(max_length=40, blank=True)  # of intake.rules.FILE_SENTENCES, or a reason
    error_file = models.CharField(max_length=200, blank=True)  # which of several files could not be read
    layout = models.JSONField(default=list)
    sheets_left = models.JSONField(default=list)  # names of hidden sheets and of those without a table: not read
    counts = models.JSONField(default=dict)
    rows_total = models.IntegerField(null=True)
    rows_read = models.IntegerField(default=0)
    rows_checked = models.IntegerField(default=0)
    files_read = models.SmallIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # of the job at hand: begun, and not come to an end
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    committed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    committed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("register file")
        constraints = [
            models.UniqueConstraint(fields=["region_code", "sha256"], name="registry_intake_once"),
            models.CheckConstraint(
                condition=~Q(state=IntakeState.COMMITTED) | Q(committed_at__isnull=False),
                name="registry_intake_committed_at",
            ),
        ]
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="registry_intake_list")]

    def __str__(self) -> str:
        return self.file_name


class IntakeFile(models.Model):
    """A file of an intake. `first_sheet` is the number of its first sheet among the sheets of all files.

    `held` until the intake has failed or was cancelled: a file is held by one intake of a branch at a time.
    """

    id = models.BigAutoField(primary_key=True)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="files")
    region_code = RegionCodeField()
    position = models.SmallIntegerField()
    stored = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size"))
    first_sheet = models.SmallIntegerField(null=True)
    held = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intake", "position"], name="registry_intake_position"),
            models.UniqueConstraint(
                fields=["region_code", "sha256"], condition=Q(held=True), name="registry_file_held_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReadingMark(models.Model):
    """How far the files have been read, written with each batch of staged rows (see `services.marks`).

    `state` is JSON: the place in the files, and what has come to be known since the mark before.
    """

    id = models.BigAutoField(primary_key=True)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    number = models.IntegerField()
    state = SealedTextField(purpose=MARK)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="registry_mark_once")]

    def __str__(self) -> str:
        return f"{self.intake_id} {self.number}"


class StagedPlace(models.Model):
    """A place as the file writes it, once per spelling, and the village it was resolved to."""

    id = models.BigAutoField(primary_key=True)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="places")
    region_code = RegionCodeField()
    number = models.IntegerField()
    county = models.CharField(max_length=200, blank=True)
    township = models.CharField(max_length=200, blank=True)
    village = models.CharField(max_length=200, blank=True)
    code_text = models.CharField(max_length=40, blank=True)
    code = RegionCodeField(blank=True)
    rule = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="registry_staged_place")]


class StagedHousehold(models.Model):
    """A household as the file has it; `enters` is decided by the checks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    code = models.CharField(max_length=12, db_collation="C")
    office_number = models.CharField(max_length=40, blank=True, db_collation="C")
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    enters = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["intake", "enters"], name="registry_staged_household")]


class StagedRow(models.Model):
    """A person as the file has them. The id is the one that the resident will have."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    household_id = models.UUIDField()
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    place = models.IntegerField()
    place_own = models.BooleanField(default=True)  # false: taken over from the household's first row
    name = models.CharField(max_length=50, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, db_collation="C")
    initials = models.CharField(max_length=50, blank=True, db_collation="C")
    relation = models.CharField(max_length=16, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    born_on = models.DateField(null=True)
    born_precision = models.CharField(max_length=5, blank=True)
    number_kind = models.CharField(max_length=12, blank=True)
    number = SealedTextField(purpose=NUMBER)
    number_blind = BlindField(of="number", purpose=NUMBER, null=True)
    number_tail = models.CharField(max_length=4, blank=True)
    phone = SealedTextField(purpose=PHONE)
    phone_blind = BlindField(of="phone", purpose=PHONE, null=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    account = SealedTextField(purpose=ACCOUNT)
    account_blind = BlindField(of="account", purpose=ACCOUNT, null=True)
    account_tail = models.CharField(max_length=4, blank=True)
    bank = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    income_fen = models.BigIntegerField(null=True)
    note = SealedTextField(purpose=NOTE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intake", "sheet", "row"], name="registry_staged_row")]
        indexes = [models.Index(fields=["household_id"], name="registry_staged_members")]


class StagedCategory(models.Model):
    """A category of a staged person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    resident_id = models.UUIDField()
    kind = models.CharField(max_length=20, blank=True)
    kind_blind = BlindField(of="fact", purpose=KIND, read=kind_of_fact, null=True)
    fact = SealedTextField(purpose=FACT)
    detail = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["intake"], name="registry_staged_category")]


class Finding(models.Model):
    """Something wrong in one cell: where, which rule, and the value as it stands there (sealed)."""

    id = models.BigAutoField(primary_key=True)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="findings")
    region_code = RegionCodeField()
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    column = models.SmallIntegerField(null=True)
    field = models.CharField(max_length=20)
    rule = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    value = SealedTextField(purpose=VALUE)
    params = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["intake", "rule", "sheet", "row", "id"], name="registry_finding_list"),
            models.Index(fields=["intake", "sheet", "row"], name="registry_finding_row"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.sheet}:{self.row}"
