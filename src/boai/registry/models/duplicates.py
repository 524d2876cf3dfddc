"""People who may stand twice: the pairs that were found, what was decided about them, and what was merged."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import LearningStep, PairState
from boai.registry.models.intake import Intake
from boai.registry.models.people import Resident

MERGED = "registry.merged"


class LinkageModel(models.Model):
    """A version of the weights, learnt from a division's own people. The weights never change.

    In force is the version that was taken into force last (`held_at`); one without was learnt from a file that is not
    in the register, and judges that file alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    weights = models.JSONField()  # {comparison: {level: [m, u]}}
    people = models.IntegerField()
    learnt_at = models.DateTimeField()
    learnt_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")  # None: with a file
    intake = models.ForeignKey(Intake, models.SET_NULL, null=True, related_name="+")  # the file that it was learnt from
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("weights of the comparison")
        indexes = [models.Index(fields=["region_code", "-learnt_at"], name="registry_linkage_newest")]

    def __str__(self) -> str:
        return str(self.id)


class LearningRun(models.Model):
    """Somebody has asked to learn the weights of a division anew: how far the job is, and how it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    step = models.CharField(_("step"), max_length=8, choices=LearningStep.choices, default=LearningStep.WAITING)
    asked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("learning of weights")
        constraints = [
            models.UniqueConstraint(
                fields=["region_code"], condition=Q(ended_at__isnull=True), name="registry_learning_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region_code} {self.step}"


class DuplicatePair(models.Model):
    """Two people that may be one: rows of a file (by the ids they will have) or people of the register.

    `weight` in bits; `parts` says what each comparison contributed: [[comparison, level, bits], …].
    """

    id = models.BigAutoField(primary_key=True)
    region_code = RegionCodeField(_("division"))
    intake = models.ForeignKey(Intake, models.CASCADE, null=True, related_name="pairs")
    model = models.ForeignKey(LinkageModel, models.PROTECT, null=True, related_name="+")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    weight = models.FloatField()
    parts = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=9, choices=PairState.choices)
    torn = models.BooleanField(default=False)  # the two stand in different households: where do they belong?
    goes_id = models.UUIDField(null=True)  # of two rows of a file: the one that somebody decided to leave out
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("possible duplicate")
        constraints = [
            models.UniqueConstraint(fields=["left_id", "right_id"], name="registry_pair_once"),
            models.CheckConstraint(condition=~Q(left_id=F("right_id")), name="registry_pair_of_two"),
        ]
        indexes = [
            models.Index(fields=["state", "region_code", "-weight", "id"], name="registry_pair_list"),
            models.Index(fields=["intake", "state"], name="registry_pair_intake"),
            models.Index(fields=["right_id"], name="registry_pair_right"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} {self.right_id}"


class RowWord(models.Model):
    """What somebody said about a row of a file and another row, or somebody of the register, by where the rows stand:
    when the file is read once more, its rows have new ids. Of two that are one it is `sheet` and `row` that goes."""

    id = models.BigAutoField(primary_key=True)
    region_code = RegionCodeField(_("division"))
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    beside_sheet = models.SmallIntegerField(null=True)
    beside_row = models.IntegerField(null=True)
    beside_id = models.UUIDField(null=True)
    verdict = models.CharField(max_length=9, choices=PairState.choices)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name = _("word about a row of a file")
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "sheet", "row", "beside_sheet", "beside_row", "beside_id"],
                nulls_distinct=False,
                name="registry_rowword_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row}"


class DistinctPair(models.Model):
    """Somebody has decided that two people are not one. Kept for ever, by fingerprints of what identifies them.

    The fingerprints are keyed and of whole facts, so nothing can be read from them; a file that brings the same two
    people again, in rows with new ids, finds them here. `low` < `high`.
    """

    id = models.BigAutoField(primary_key=True)
    region_code = RegionCodeField(_("division"))
    low = models.BinaryField()
    high = models.BinaryField()
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name = _("people known to be two")
        constraints = [models.UniqueConstraint(fields=["low", "high"], name="registry_distinct_once")]


class Merge(models.Model):
    """Two residents became one: what both looked like before, and every reference that was moved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    kept = models.ForeignKey(Resident, models.PROTECT, related_name="+")
    gone = models.ForeignKey(Resident, models.PROTECT, related_name="+")
    before = SealedTextField(purpose=MERGED)  # JSON of both rows
    moved = models.JSONField(default=list)  # [[table, column, [keys]], …]
    merged_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge of two people")
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at__isnull=True), name="registry_merged_once"),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="registry_merge_of_two"),
        ]

    def __str__(self) -> str:
        return str(self.id)
