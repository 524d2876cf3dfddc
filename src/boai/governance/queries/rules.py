"""The rule values of reviews and notices as the rulebook has them for a place and day, to be frozen with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from boai.governance.enums import Base, DayMode, Shift, Threshold
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.publication import NoticeRules
from boai.rulebook.queries import Rule, rules

_PANEL = ("panel.quorum", "panel.base", "panel.threshold", "panel.min_members", "panel.min_reviewers", "panel.recount")
_NOTICE = ("notice.days", "notice.mode", "notice.shift", "notice.withdraw_after_days", "notice.board_photo",
           "objection.acknowledge_days", "objection.decide_days")  # fmt: skip
_LONGEST_CITATION = 300


def review_rules(*, region_code: str, on: date) -> ReviewRules:
    """For `meeting_convene`. Raises NotFound when the rulebook lacks one. One query."""
    found = rules(_PANEL, region_code=region_code, on=on)
    quorum, recount = found["panel.quorum"].value, found["panel.recount"].value
    return ReviewRules(
        quorum=(int(quorum[0]), int(quorum[1])),
        base=Base(found["panel.base"].value),
        threshold=Threshold(found["panel.threshold"].value),
        min_members=int(found["panel.min_members"].value),
        min_reviewers=int(found["panel.min_reviewers"].value),
        recount_ballots=int(recount["ballots"]),
        recount_percent=int(recount["percent"]),
        versions=_versions(found.values()),
        citation=_citation(found.values()),
    )


def notice_rules(*, region_code: str, on: date) -> NoticeRules:
    """For `notice_draft`. Raises NotFound when the rulebook lacks one. One query."""
    found = rules(_NOTICE, region_code=region_code, on=on)
    return NoticeRules(
        days=int(found["notice.days"].value),
        mode=DayMode(found["notice.mode"].value),
        shift=Shift(found["notice.shift"].value),
        withdraw_after=int(found["notice.withdraw_after_days"].value),
        board_photo=bool(found["notice.board_photo"].value),
        acknowledge_days=int(found["objection.acknowledge_days"].value),
        decide_days=int(found["objection.decide_days"].value),
        versions=_versions(found.values()),
        citation=_citation(found.values()),
    )


def _versions(found: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(sorted(str(rule.version_id) for rule in found))


def _citation(found: Iterable[Rule]) -> str:
    sources = dict.fromkeys(rule.source for rule in found if rule.source)
    return "；".join(sources)[:_LONGEST_CITATION]
