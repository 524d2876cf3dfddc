"""Parameters of the branch's other work, as docs and laws give them. They are kept, dated and changed like every rule,
so that a branch can write its own in time; the rooms that will ask for them come later."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Default, Group, RuleKey, assumed, likely, sure
from boai.rulebook.values import Kind, Money, Part, Record, Rows, Text, Whole

YUAN = 100
_CHARITY = "《慈善法》"
_ANGEL = "中国红十字基金会“红十字天使计划”大病儿童救助（彩票公益金）资助办法："
_LOANS = "各地红十字生计金办法："


def _rule(name: str, title: Text, kind: Kind, help: Text, default: Default) -> RuleKey:
    return RuleKey(name, title, Group.OTHER, kind, help, default)


def _whole(name: str, title: Text, most: int, unit: Text, help: Text, default: Default) -> RuleKey:
    return _rule(name, title, Whole(1, most, unit), help, default)


def _parts(*parts: tuple[str, Text, int, Text]) -> Record:
    return Record(tuple(Part(name, label, Whole(0, most, unit)) for name, label, most, unit in parts))


def _grants() -> list[dict[str, Any]]:
    bands = [(5_000, 10_000, 5_000), (10_000, 15_000, 10_000), (15_000, 20_000, 15_000), (20_000, 30_000, 20_000),
             (30_000, None, 30_000)]  # fmt: skip
    return [
        {"over_fen": over * YUAN, "up_to_fen": None if up_to is None else up_to * YUAN, "grant_fen": grant * YUAN}
        for over, up_to, grant in bands
    ]


_LOAN_KEYS = (
    _whole("notice.livelihood_days", _("Livelihood fund: days of a public notice"), 60, _("calendar days"),
           _("Counted from the day after publication."),
           assumed(7, "各地生计金办法公示期3至7天，取7个自然日")),
    _rule("loan.most", _("Livelihood fund: largest loan to a household"), Money(),
          _("A cooperative that leads poor households may be given a limit of its own by the fund."),
          assumed(20_000 * YUAN, _LOANS + "通渭2023年2万元，施秉2024年农户1万至5万元")),
    _whole("loan.months", _("Livelihood fund: term of a loan"), 60, _("months"), _("Repaid at the end, in one sum."),
           assumed(12, _LOANS + "定西1年，泸水2年")),
    _rule("loan.fee_permille", _("Livelihood fund: usage fee"), Whole(0, 100, "‰"),
          _("Once, on the amount lent; 0 means that the loan is free of interest and fees."),
          assumed(0, _LOANS + "不收利息，回款时可自愿捐赠")),
    _rule("loan.extension", _("Livelihood fund: extension"),
          _parts(("times", _("How often"), 9, _("times")), ("months", _("For how long"), 60, _("months"))),
          _("Only for illness or disaster that is proven, and by a vote."),
          assumed({"times": 1, "months": 6})),
    _rule("loan.par_days", _("Livelihood fund: from how many days on a loan is at risk"),
          _parts(("early", _("Early sign"), 365, _("days late")), ("usual", _("Usual measure"), 365, _("days late")),
                 ("grave", _("Grave"), 365, _("days late"))),
          _("More than so many days late: the whole balance counts, not the late part."),
          likely({"early": 1, "usual": 30, "grave": 90}, "小额信贷通行指标（CGAP/SEEP）：PAR1、PAR30、PAR90")),
)  # fmt: skip

_ANGEL_KEYS = (
    _rule("angel.leukaemia", _("Children with leukaemia (national fund)"),
          Record((
              Part("most_age", _("Greatest age"), Whole(0, 120, _("full years"))),
              Part("before_fen", _("Without or before a transplant"), Money()),
              Part("after_fen", _("After a transplant"), Money()),
              Part("later_fen", _("When a transplant follows later"), Money()),
          )),
          _("The age is that of the day on which the case is first entered."),
          sure({"most_age": 18, "before_fen": 30_000 * YUAN, "after_fen": 50_000 * YUAN, "later_fen": 20_000 * YUAN},
               _ANGEL + "小天使基金")),
    _rule("angel.heart", _("Children with congenital heart disease (national fund)"),
          Rows(Record(
              (
                  Part("over_fen", _("Own costs over"), Money()),
                  Part("up_to_fen", _("Own costs up to"), Money(optional=True)),
                  Part("grant_fen", _("Grant"), Money()),
              ),
              _("Own costs %(over_fen)s to %(up_to_fen)s: grant of %(grant_fen)s"),
          )),
          _("By what the family itself bears; applied for before surgery."),
          sure(_grants(), _ANGEL + "天使阳光基金")),
    _rule("angel.heart_limits", _("Children with congenital heart disease: limits"),
          Record((
              Part("most_age", _("Greatest age"), Whole(0, 120, _("full years"))),
              Part("lifetime_fen", _("At most in a lifetime"), Money()),
          )),
          _("The age is that of the day on which the case is first entered."),
          sure({"most_age": 14, "lifetime_fen": 30_000 * YUAN}, _ANGEL + "天使阳光基金")),
)  # fmt: skip

_DISCLOSURE_KEYS = (
    _rule("campaign.disclosure", _("Fundraising: telling the public"),
          _parts(("during_months", _("While it runs, at least every"), 12, _("months")),
                 ("after_months", _("In full after its end, within"), 12, _("months")),
                 ("disaster_days", _("In the rescue phase of a disaster, at least every"), 60, _("calendar days"))),
          _("For campaigns and projects that last longer than half a year, and for appeals after a disaster."),
          sure({"during_months": 3, "after_months": 3, "disaster_days": 5}, _CHARITY + "第七十二条、第七十九条")),
    _rule("annual.report", _("Annual report: published by"),
          Record((Part("month", _("Month"), Whole(1, 12)), Part("day", _("Day"), Whole(1, 31)))),
          _("Annual work report and financial report of the year before."),
          sure({"month": 5, "day": 31}, "《慈善组织信息公开办法》（2026年1月1日施行）")),
    _rule("plan.filing", _("Fundraising plan: filing"),
          _parts(("before_days", _("Before it begins, at least"), 60, _("calendar days")),
                 ("emergency_days", _("In an emergency, after it began, within"), 60, _("calendar days"))),
          _("With the civil affairs department."),
          sure({"before_days": 10, "emergency_days": 10}, _CHARITY + "第七十三条；《慈善组织公开募捐方案备案指引》")),
    _rule("village.disclosure", _("Village affairs: published at least every"),
          _parts(("general_months", _("General matters"), 12, _("months")),
                 ("money_months", _("Income and spending"), 12, _("months"))),
          _("Relief money and goods that were donated are among them; what matters much, at once."),
          sure({"general_months": 3, "money_months": 1}, "《村民委员会组织法》关于村务公开的规定（2018年文本）")),
)  # fmt: skip

_PEOPLE_KEYS = (
    _whole("volunteer.registered_hours", _("Volunteers: hours before registration"), 2_000, _("hours a year"),
           _("Whoever has served so long within a year may become a registered volunteer."),
           sure(20, "红十字志愿服务管理办法：一年内累计服务20小时以上")),
    _rule("volunteer.stars", _("Volunteers: hours for each star"),
          _parts(*((f"star_{n}", label, 20_000, _("hours")) for n, label in enumerate(
              (_("One star"), _("Two stars"), _("Three stars"), _("Four stars"), _("Five stars")), 1))),
          _("Hours served in all."),
          sure({"star_1": 100, "star_2": 300, "star_3": 600, "star_4": 1_000, "star_5": 1_500},
               "社区志愿者星级认定办法：100、300、600、1000、1500小时")),
    _whole("blood.interval_months", _("Blood donation: time between two"), 24, _("months"), _("Whole blood."),
           sure(6, "《献血法》第九条：两次采集间隔期不少于六个月")),
    _rule("blood.award", _("Blood donation: award for so many"),
          _parts(("bronze", _("Bronze"), 999, _("donations")), ("silver", _("Silver"), 999, _("donations")),
                 ("gold", _("Gold"), 999, _("donations"))),
          _("200 ml count as one; the count begins anew after gold."),
          sure({"bronze": 20, "silver": 30, "gold": 40}, "《全国无偿献血表彰奖励办法》：铜奖20次、银奖30次、金奖40次")),
    _whole("certificate.months", _("First aid certificate: valid for"), 120, _("months"),
           _("Then a refresher is due."), likely(36, "救护员证有效期一般为三年（未见官方原文）")),
    _whole("aed.check_days", _("AED: checked at least every"), 365, _("calendar days"),
           _("Some cities demand a look every day."), assumed(30, "各地不一，广州要求每日查看；未定的地方取30天")),
    _whole("stock.count_months", _("Stock: counted at least every"), 12, _("months"),
           _("All of it; single items more often."), assumed(3)),
    _whole("privacy.assessment_years", _("Assessments of the impact on privacy: kept for"), 100, _("years"),
           _("Not less than three."), sure(3, "《个人信息保护法》第五十六条：至少保存三年")),
)  # fmt: skip

OTHER = (*_LOAN_KEYS, *_ANGEL_KEYS, *_DISCLOSURE_KEYS, *_PEOPLE_KEYS)
