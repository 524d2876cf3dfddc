"""How long files and data are kept (PIPL Art.19: the shortest time that the purpose needs)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed, likely
from boai.rulebook.values import Whole

_DAYS, _YEARS = _("calendar days"), _("years")

KEEPING = (
    RuleKey(
        "files.retention_years", _("Keeping relief files"), Group.KEEPING, Whole(1, 100, _YEARS),
        _("After the case has been archived."),
        likely(10, "救助档案一般保存10年；《个人信息保护法》第十九条要求保存期限为实现目的所必要的最短时间"),
    ),
    RuleKey(
        "files.accounting_years", _("Keeping accounting papers"), Group.KEEPING, Whole(10, 100, _YEARS),
        _("Payment batches, bank statements, receipts: after the end of the accounting year."),
        likely(30, "《会计档案管理办法》：会计凭证、账簿保管30年"),
    ),
    RuleKey(
        "files.unused_days", _("Keeping uploads that were never used"), Group.KEEPING, Whole(1, 365, _DAYS),
        _("Registers that nobody committed and papers of applications that were never sent."),
        assumed(30),
    ),
    RuleKey(
        "keep.intakes", _("Keeping register files that were entered"), Group.KEEPING, Whole(1, 3650, _DAYS),
        _("The uploaded file, the rows read from it, findings and corrected cells: after the people were entered. "
          "Then the file can't be taken out of the register again."),
        assumed(180, "设定值：留出一个半年用于核对和撤销；《个人信息保护法》第十九条"),
    ),
    RuleKey(
        "keep.exports", _("Keeping lists taken out of the register"), Group.KEEPING, Whole(1, 90, _DAYS),
        _("After the list was written. Whoever needs it later takes a new one."),
        assumed(7, "设定值：《个人信息保护法》第十九条，名单过期即不准确"),
    ),
    RuleKey(
        "keep.looks", _("Keeping the record of looks"), Group.KEEPING, Whole(1, 30, _YEARS),
        _("Who looked at sensitive facts, and what was asked about it."),
        assumed(3, "设定值：参照《个人信息保护法》第五十六条处理情况记录至少保存三年"),
    ),
    RuleKey(
        "keep.requests", _("Keeping people's requests"), Group.KEEPING, Whole(1, 30, _YEARS),
        _("The words of a request and of its answer: after it was closed. That there was one stays."),
        assumed(3, "设定值：与三年诉讼时效一致（《民法典》第一百八十八条）"),
    ),
    RuleKey(
        "keep.households", _("Keeping households without help or category"), Group.KEEPING, Whole(1, 50, _YEARS),
        _("Households that are closed or neither hold a category nor received help for so long are put before a "
          "person, who decides whether they are deleted."),
        assumed(5, "设定值：五年内无救助、无类别的家庭已无登记必要（《个人信息保护法》第十九条、第四十七条）"),
    ),
    RuleKey(
        "keep.emergency", _("Keeping data of an emergency response"), Group.KEEPING, Whole(0, 365, _DAYS),
        _("After the response was ended: what was collected for it alone is destroyed, except what a case needs."),
        likely(30, "应对突发事件收集的个人信息，响应结束后应当及时删除（《突发事件应对法》）；天数为设定值"),
    ),
)  # fmt: skip
