"""On which legal basis personal data are used, purpose by purpose (PIPL Art.13, 23, 25, 29)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Default, Group, RuleKey, assumed, likely, sure
from boai.rulebook.values import Choice, Part, Record, Text, YesNo

BASES = (
    ("consent", _("The person's consent")),
    ("request", _("What the person has asked for")),
    ("duty", _("A duty set by law")),
    ("emergency", _("An emergency that endangers life, health or property")),
)
_USE = Record((
    Part("basis", _("Legal basis"), Choice(BASES)),
    Part("unasked", _("Already before the person has been asked"), YesNo()),
))  # fmt: skip


def _law(value: Any) -> None:
    if value["basis"] in ("duty", "emergency") and not value["unasked"]:
        raise ValueError(gettext("What the law demands does not wait for an answer."))


def _use(name: str, title: Text, help_: Text, default: Default) -> RuleKey:
    return RuleKey(f"privacy.{name}", title, Group.PRIVACY, _USE, help_, default, _law)


def _on(basis: str, *, unasked: bool) -> dict[str, Any]:
    return {"basis": basis, "unasked": unasked}


PRIVACY = (
    _use("relief", _("Basis: finding out who needs help"), _("Register, visits, review, decision."),
         likely(_on("duty", unasked=True),
                "《个人信息保护法》第十三条第三项；《红十字会法》第十一条规定的救援、救灾和人道救助职责")),
    _use("contact", _("Basis: calling and writing"), _("Messages that are not about an application of one's own."),
         assumed(_on("request", unasked=True), "《个人信息保护法》第十三条；登记求助时留下电话，视为同意就此联系")),
    _use("sensitive", _("Basis: sensitive facts"),
         _("Until everybody has been asked, what civil affairs and the disabled persons' federation have handed over "
           "goes on being used."),
         assumed(_on("consent", unasked=True),
                 "《个人信息保护法》第二十八至三十条：应当取得单独同意；存量名册暂按职责继续使用，入户时补征")),
    _use("publish", _("Basis: the name in public notices"),
         _("The notice itself is a duty; the name in it needs a consent of its own."),
         sure(_on("consent", unasked=False), "《个人信息保护法》第二十五条：公开须取得单独同意")),
    _use("share", _("Basis: passing on to partners and donors"), _("The receiver is named to the person."),
         sure(_on("consent", unasked=False), "《个人信息保护法》第二十三条：向他人提供须告知接收方并取得单独同意")),
    _use("photo", _("Basis: photos and stories"), _("Pictures in which somebody can be recognised."),
         likely(_on("consent", unasked=False), "《民法典》第一千零一十九条：使用肖像须经本人同意")),
    _use("statistics", _("Basis: statistics"), _("Only counts; groups under five are not shown."),
         likely(_on("duty", unasked=True), "《统计法》；匿名化处理后的信息不属于个人信息（《个人信息保护法》第四条）")),
    _use("accounting", _("Basis: vouchers and audits"), _("What accounting law demands can't be objected to."),
         likely(_on("duty", unasked=True), "《会计法》《会计档案管理办法》；《个人信息保护法》第四十七条第二款")),
    _use("emergency", _("Basis: response to an emergency"), _("Ends with the response; the data are destroyed then."),
         sure(_on("emergency", unasked=True), "《个人信息保护法》第十三条第四项：应对突发公共卫生事件或紧急情况")),
)  # fmt: skip
