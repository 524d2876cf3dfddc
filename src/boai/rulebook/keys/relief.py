"""Rules of humanitarian relief (人道救助): who may apply, papers, amounts, approval, times. Amounts in fen.

The national law fixes process and disclosure; amounts and times come from each county's own rules, so almost all of
these are assumptions until the branch writes its own.
"""

from __future__ import annotations

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Default, Group, RuleKey, assumed, likely, sure
from boai.rulebook.values import Choice, Kind, Many, Money, Part, Record, Rows, Text, Whole, YesNo

YUAN = 100

PROGRAMMES: tuple[tuple[str, Text], ...] = (
    ("illness", _("Relief for serious illness")),
    ("hardship", _("Relief for hardship")),
    ("study", _("Help with school costs")),
    ("temporary", _("Temporary relief")),
    ("disaster", _("Relief after disaster")),
)
CAUSES: tuple[tuple[str, Text], ...] = (
    ("illness", _("Serious illness")),
    ("accident", _("Accident")),
    ("disaster", _("Disaster or fire")),
    ("study", _("School costs")),
    ("hardship", _("Hardship in daily life")),
    ("bereavement", _("Death in the family")),
    ("other", _("Other")),
)
PAPERS: tuple[tuple[str, Text], ...] = (
    ("form", _("Signed application")),
    ("id_card", _("Identity card")),
    ("household_book", _("Household register")),
    ("diagnosis", _("Medical certificate")),
    ("bills", _("Bills")),
    ("insurance", _("Insurance settlement")),
    ("income", _("Proof of income")),
    ("school", _("Proof of enrolment")),
    ("accident", _("Proof of the accident")),
    ("disaster", _("Proof of the disaster")),
    ("disability", _("Disability certificate")),
    ("account", _("Bank card or passbook")),
    ("other", _("Other paper")),
)
CATEGORIES: tuple[tuple[str, Text], ...] = (
    ("low_income", _("Minimum living allowance")),
    ("low_income_edge", _("On the edge of the minimum living allowance")),
    ("extreme_poverty", _("Extreme poverty (supported)")),
    ("hardship_expense", _("Hardship through unavoidable expenses")),
    ("relapse_watch", _("Watched against falling back into poverty")),
    ("lifted", _("Lifted out of poverty")),
    ("hardship", _("Hardship household")),
    ("child_hardship", _("Child in hardship")),
    ("orphan", _("Orphan")),
    ("unsupported_child", _("Child whom in fact nobody supports")),
    ("left_child", _("Left-behind child")),
    ("living_alone", _("Elder living alone")),
    ("lost_only_child", _("Lost an only child")),
    ("single_parent", _("Single-parent family")),
    ("disaster_hit", _("Hit by a disaster")),
    ("disability", _("Disability")),
    ("illness", _("Serious or chronic illness")),
)
STATES: tuple[tuple[str, Text], ...] = (
    ("applied", _("Accepting an application")),
    ("returned", _("Waiting for missing papers")),
    ("verifying", _("Verifying")),
    ("reviewing", _("Reviewing")),
    ("noticing", _("Preparing the notice")),
    ("approving", _("Approving")),
    ("urgent", _("Approving an emergency")),
    ("paying", _("Paying")),
    ("completing", _("Papers after an emergency payment")),
    ("reclaiming", _("Reclaiming money")),
    ("closing", _("Archiving")),
)
LEVELS: tuple[tuple[str, Text], ...] = (
    ("lead", _("Deputy secretary")),
    ("executive", _("Branch secretary")),
    ("council", _("Branch secretary, after the council's resolution")),
)
FACTORS: tuple[tuple[str, Text], ...] = (
    ("income_gap", _("Income below the line")),
    ("care", _("Burden of care")),
    ("own_cost", _("Share of costs borne oneself")),
    ("disability", _("Disability")),
    ("dwelling", _("Dwelling")),
    ("severity", _("Severity of the event")),
    ("prior_help", _("Help received before (negative)")),
)

_BASIC = ["form", "id_card", "household_book"]
_PAPERS = {
    "illness": [*_BASIC, "diagnosis", "bills", "insurance", "account"],
    "hardship": [*_BASIC, "income", "account"],
    "study": [*_BASIC, "income", "school", "account"],
    "temporary": [*_BASIC, "account"],
    "disaster": [*_BASIC, "disaster", "account"],
}
_CAUSES = {"illness": ["illness", "accident"], "study": ["study"], "disaster": ["disaster"]}
_BANDS: dict[str, list[tuple[int, int | None, int, int]]] = {
    "illness": [(0, 5_000, 500, 1_000), (5_000, 20_000, 1_000, 3_000), (20_000, 50_000, 3_000, 5_000),
                (50_000, 100_000, 5_000, 10_000), (100_000, None, 10_000, 30_000)],
    "hardship": [(0, None, 500, 2_000)],
    "study": [(0, None, 1_000, 5_000)],
    "temporary": [(0, None, 300, 2_000)],
    "disaster": [(0, None, 1_000, 10_000)],
}  # fmt: skip

BANDS = Rows(
    Record(
        (
            Part("over_fen", _("Own costs over"), Money()),
            Part("up_to_fen", _("Own costs up to"), Money(optional=True)),
            Part("least_fen", _("Help at least"), Money()),
            Part("most_fen", _("Help at most"), Money()),
        ),
        _("Own costs %(over_fen)s to %(up_to_fen)s: help of %(least_fen)s to %(most_fen)s"),
    )
)  # fmt: skip
LADDER = Rows(
    Record(
        (
            Part("level", _("Who approves"), Choice(LEVELS)),
            Part("up_to_fen", _("Amounts up to"), Money(optional=True)),
        ),
        _("%(level)s: at most %(up_to_fen)s"),
    ),
    most=6,
    spare=2,
)  # fmt: skip
SCOPES = Choice((("ever", _("once ever")), ("year", _("once a year")), ("event", _("once per event"))))


def _check_bands(rows: list[dict[str, Any]]) -> None:
    """Bands follow each other without gap or overlap, the last one open above; help never falls below its least."""
    ordered = sorted(rows, key=lambda row: int(row["over_fen"]))
    if ordered[0]["over_fen"] != 0:
        raise ValueError(_("The first band must begin at 0."))
    for row, following in zip(ordered, [*ordered[1:], None], strict=True):
        if row["least_fen"] > row["most_fen"]:
            raise ValueError(_("In a band the least help is more than the most."))
        if following is None and row["up_to_fen"] is not None:
            raise ValueError(_("The last band must be open above: leave “own costs up to” empty."))
        if following is not None and row["up_to_fen"] != following["over_fen"]:
            raise ValueError(_("Every band must begin where the one before ends."))


def _check_ladder(rows: list[dict[str, Any]]) -> None:
    """Each level once, from the lowest to the highest; the last without limit."""
    ranks = [code for code, _label in LEVELS]
    ordered = sorted(rows, key=lambda row: (row["up_to_fen"] is None, row["up_to_fen"] or 0))
    if [row["up_to_fen"] for row in rows].count(None) != 1:
        raise ValueError(_("Exactly one level must approve without limit: the highest."))
    if len({row["up_to_fen"] for row in rows}) != len(rows) or [ranks.index(r["level"]) for r in ordered] != sorted(
        {ranks.index(r["level"]) for r in rows}
    ):
        raise ValueError(_("A higher level must approve larger amounts, and each level stands once."))


def _check_ages(value: dict[str, Any]) -> None:
    if None not in (value["least_age"], value["most_age"]) and value["least_age"] > value["most_age"]:
        raise ValueError(_("The least age is above the greatest."))


def _check_score(value: dict[str, Any]) -> None:
    if not any(weight > 0 for weight in value["weights"].values()):
        raise ValueError(_("At least one factor must count."))
    if not value["income_line_fen"] or not value["prior_help_full_fen"]:
        raise ValueError(_("The two amounts must be more than 0."))


def _in_fen(rows: list[tuple[int, int | None, int, int]]) -> list[dict[str, Any]]:
    names = ("over_fen", "up_to_fen", "least_fen", "most_fen")
    return [
        {name: None if value is None else value * YUAN for name, value in zip(names, row, strict=True)} for row in rows
    ]


def _per_programme() -> list[RuleKey]:
    """Papers, conditions and bands of each kind of programme."""
    who = Record((
        Part("least_age", _("Least age"), Whole(0, 120, _("full years"), optional=True)),
        Part("most_age", _("Greatest age"), Whole(0, 120, _("full years"), optional=True)),
        Part("categories", _("Household categories"), Many(CATEGORIES, none=_("any"))),
        Part("causes", _("Causes"), Many(CAUSES, none=_("any"))),
    ))  # fmt: skip
    keys = []
    for code, title in PROGRAMMES:
        keys += [
            RuleKey(
                f"relief.who.{code}", format_lazy(_("{programme}: who may apply"), programme=title), Group.RELIEF, who,
                _("Nothing chosen means that everybody may apply."),
                assumed({"least_age": None, "most_age": None, "categories": [], "causes": _CAUSES.get(code, [])}),
                _check_ages,
            ),
            RuleKey(
                f"relief.papers.{code}", format_lazy(_("{programme}: papers"), programme=title), Group.RELIEF,
                Many(PAPERS),
                _("What is missing is said once, all of it. Proof of guardianship or authority is added by itself."),
                assumed(_PAPERS[code]),
            ),
            RuleKey(
                f"relief.bands.{code}", format_lazy(_("{programme}: amounts"), programme=title), Group.RELIEF, BANDS,
                _("By the costs that the household bears itself, after insurance and other help."),
                assumed(_in_fen(_BANDS[code]), "各地最高限额差异很大（见到的有2000元、30000元），请按本地办法修改"),
                _check_bands,
            ),
        ]  # fmt: skip
    return keys


def _whole(name: str, title: Text, least: int, most: int, unit: Text, help: Text, default: Default) -> RuleKey:
    return RuleKey(name, title, Group.STEPS, Whole(least, most, unit), help, default)


_SCORE: Kind = Record((
    Part("weights", _("Weights"), Record(tuple(Part(c, label, Whole(-10, 10)) for c, label in FACTORS))),
    Part("income_line_fen", _("Minimum living allowance, per head and month"), Money()),
    Part("prior_help_full_fen", _("Help in twelve months that counts in full"), Money()),
))  # fmt: skip

RELIEF: tuple[RuleKey, ...] = (
    *_per_programme(),
    RuleKey(
        "relief.approval_ladder", _("Who approves which amount"), Group.RELIEF, LADDER,
        _("An amount goes to the first level that reaches it."),
        assumed(
            [{"level": "lead", "up_to_fen": 2_000 * YUAN}, {"level": "executive", "up_to_fen": 30_000 * YUAN},
             {"level": "council", "up_to_fen": None}],
            "台州市黄岩区：3万元以下由常务副会长审批，以上由常务理事会研究；2000元一级为设定值",
        ),
        _check_ladder,
    ),
    RuleKey(
        "relief.once_per_cause", _("One cause, one grant"), Group.RELIEF, YesNo(),
        _("Whether the same cause can be helped with only once."),
        sure(True, "常德市等多地红十字会救助办法：同一事由只救助一次"),
    ),
    RuleKey(
        "relief.once_scope", _("What counts as the same cause"), Group.RELIEF,
        Record(tuple(Part(code, label, SCOPES) for code, label in CAUSES)),
        _("An illness is one cause for good; school costs come anew each year; a fire is an event of its day."),
        assumed({"illness": "ever", "accident": "event", "disaster": "event", "study": "year", "hardship": "year",
                 "bereavement": "event", "other": "year"}),
    ),
    RuleKey(
        "relief.cooling_days", _("Time between two grants"), Group.RELIEF, Whole(0, 1100, _("calendar days")),
        _("Between two grants to one household, across programmes; 0 means none."),
        assumed(90),
    ),
    RuleKey(
        "relief.score", _("Need score"), Group.RELIEF, _SCORE,
        _("The score advises; people decide, and an override needs a reason."),
        assumed({
            "weights": {"income_gap": 3, "care": 2, "own_cost": 3, "disability": 2, "dwelling": 1, "severity": 3,
                        "prior_help": -2},
            "income_line_fen": 600 * YUAN,
            "prior_help_full_fen": 5_000 * YUAN,
        }),
        _check_score,
    ),
    RuleKey(
        "relief.emergency", _("Emergency track"), Group.STEPS,
        Record((
            Part("most_fen", _("Most that may be paid ahead"), Money()),
            Part("papers_days", _("Papers are completed within"), Whole(1, 90, _("working days"))),
        )),
        _("Pay first, complete the papers later."),
        assumed({"most_fen": 5_000 * YUAN, "papers_days": 10},
                "《社会救助暂行办法》第四十八条：情况紧急的可以先行救助、事后补办手续；限额和时限由各地规定"),
    ),
    RuleKey(
        "relief.step_days", _("How long each step may take"), Group.STEPS,
        Record(tuple(Part(code, label, Whole(1, 120, _("working days"))) for code, label in STATES)),
        _("After that a case counts as late. The notice and the return visit have their own times."),
        likely({"applied": 5, "returned": 20, "verifying": 10, "reviewing": 15, "noticing": 3, "approving": 5,
                "urgent": 1, "paying": 10, "completing": 10, "reclaiming": 30, "closing": 30},
               "武汉市红十字会：5个工作日内提出意见，10个工作日内告知；其余为设定值"),
    ),
    _whole(
        "relief.return_visit_days", _("Return visit"), 1, 365, _("calendar days"),
        _("By when somebody asks how the help has worked, after the money has arrived."),
        assumed(30),
    ),
)  # fmt: skip
