"""What a branch helps with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.ledger.models import Account
from boai.people.models import Branch
from boai.relief.enums import ProgrammeKind


class Fund(models.Model):
    """Money that a branch holds for relief, with what the donors have bound it to. Its balance is the ledger's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    restriction = models.CharField(_("bound to"), max_length=200, blank=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("fund")
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="relief_fund_once")]

    def __str__(self) -> str:
        return self.name


class BankAccount(models.Model):
    """A bank account of a branch, from which batches are paid. The whole number stays with the bank."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    last4 = models.CharField(_("last four digits"), max_length=4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("bank account of the branch")
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="relief_bank_account_once")]

    def __str__(self) -> str:
        return f"{self.name} …{self.last4}"


class Programme(models.Model):
    """What a branch helps with, from which budget, from when to when. Its thresholds are in the rulebook.

    `public_name` stands on notices where the name itself would tell of an illness. `budget` is the ledger account from
    which the programme pays; the fund fills it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=ProgrammeKind.choices)
    name = models.CharField(_("name"), max_length=60)
    note = models.TextField(_("for whom"), max_length=600, blank=True)
    public_name = models.CharField(_("name on notices"), max_length=60, blank=True)
    fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="programmes")
    budget = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="relief_programme_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="relief_programme_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name
