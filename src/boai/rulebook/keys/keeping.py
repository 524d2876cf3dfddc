"""How long files are kept (PIPL Art.19: the shortest time that the purpose needs)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed, likely
from boai.rulebook.values import Whole

KEEPING = (
    RuleKey(
        "files.retention_years", _("Keeping relief files"), Group.KEEPING, Whole(1, 100, _("years")),
        _("After the case has been archived."),
        likely(10, "救助档案一般保存10年；《个人信息保护法》第十九条要求保存期限为实现目的所必要的最短时间"),
    ),
    RuleKey(
        "files.accounting_years", _("Keeping accounting papers"), Group.KEEPING, Whole(10, 100, _("years")),
        _("Payment batches, bank statements, receipts: after the end of the accounting year."),
        likely(30, "《会计档案管理办法》：会计凭证、账簿保管30年"),
    ),
    RuleKey(
        "files.unused_days", _("Keeping uploads that were never used"), Group.KEEPING,
        Whole(1, 365, _("calendar days")),
        _("Registers that nobody committed and papers of applications that were never sent."),
        assumed(30),
    ),
)  # fmt: skip
