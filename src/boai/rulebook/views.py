"""The rulebook for those who keep it: what holds here, its history, a new value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.regions import codes
from boai.regions.enums import Level
from boai.regions.queries import full_names
from boai.rulebook import policies, queries, services
from boai.rulebook.enums import Confidence
from boai.rulebook.forms import RuleForm
from boai.rulebook.keys import KEYS, Group
from boai.rulebook.models import RuleVersion
from boai.rulebook.queries import Rule

TONES = {Confidence.SURE: "ok", Confidence.LIKELY: "info", Confidence.ASSUMED: "wait"}


@dataclass(frozen=True)
class Row:
    """A rule in the list."""

    rule: Rule
    where: str
    tone: str
    sure: str


@dataclass(frozen=True)
class Chapter:
    """A group of the list."""

    title: str
    rows: list[Row]


@signed_in
def rule_list(request: StaffRequest) -> HttpResponseBase:
    """Every rule as it holds in my division today."""
    require(policies.may_read, request.actor, request.actor.region_code)
    here, today = request.actor.region_code, local_date(now())
    found = queries.rules_in_force(region_code=here, on=today)
    places = _places(rule.region_code for rule in found.values())
    chapters = [
        Chapter(
            str(group.label),
            [_row(found[key.name], places) for key in KEYS.values() if key.group == group and key.name in found],
        )
        for group in Group
    ]
    context = {
        "chapters": [chapter for chapter in chapters if chapter.rows],
        "columns": [_("Rule"), _("Value"), _("How sure"), _("Set for")],
        "may_set": bool(policies.may_set(request.actor, here)),
        "confidences": _confidences(),
    }
    return render(request, "rulebook/rule_list.html", context)


@signed_in
def rule_detail(request: StaffRequest, key: str) -> HttpResponseBase:
    """One rule: what it means, what holds here, its history, and the form for a new value."""
    actor, at = request.actor, now()
    require(policies.may_read, actor, actor.region_code)
    known = queries.known_key(key)
    current = queries.rules_in_force(region_code=actor.region_code, on=local_date(at), keys=[key]).get(key)
    form = RuleForm(
        request.POST or None, key=known, current=current.value if current else None, region_code=actor.region_code,
        initial={"valid_from": local_date(at)},
    )  # fmt: skip
    if request.method == "POST":
        require(policies.may_set, actor, actor.region_code)
        if form.is_valid():
            try:
                services.rule_set(key=key, actor=actor, at=at, **form.cleaned())
            except BadInput as error:
                for field, sentences in error.fields.items():
                    form.add_error(field if field in form.fields else None, sentences)
            else:
                messages.success(
                    request, _("The rule is set. Decisions already made keep the value they were made by.")
                )
                return redirect("rulebook:rule", key)
    context = _detail(request, key, current) | {
        "form": form,
        "may_set": bool(policies.may_set(actor, actor.region_code)),
    }
    return render(request, "rulebook/rule.html", context, status=422 if form.errors else 200)


def _detail(request: StaffRequest, key: str, current: Rule | None) -> dict[str, Any]:
    actor, today = request.actor, local_date(now())
    versions = list(queries.history(key, lo=actor.scope.lo, hi=actor.scope.hi, region_code=actor.region_code))
    places = _places([v.region_code for v in versions])
    return {
        "key": KEYS[key],
        "row": _row(current, places) if current else None,
        "history": [_past(version, places, today) for version in versions],
        "columns": [_("Valid"), _("Value"), _("Source"), _("Set for")],
        "confidences": _confidences(),
    }


def _row(rule: Rule, places: dict[str, str]) -> Row:
    return Row(rule, places[rule.region_code], TONES[Confidence(rule.confidence)], _sure(rule.confidence))


def _past(version: RuleVersion, places: dict[str, str], today: Any) -> dict[str, Any]:
    """One line of the history."""
    future = version.valid_from > today
    ended = version.withdrawn_at is not None or (version.valid_to is not None and version.valid_to <= today)
    return {
        "version": version,
        "lines": KEYS[version.key].kind.show(version.value),
        "where": places[version.region_code],
        "by": version.set_by.name if version.set_by else _("came with Boai"),
        "sure": _sure(version.confidence),
        "tone": TONES[Confidence(version.confidence)],
        "state": _("replaced the same day") if version.withdrawn_at else _("ended") if ended else
                 _("not yet in force") if future else _("in force"),
        "state_tone": "" if ended else "info" if future else "ok",
    }  # fmt: skip


def _places(region_codes: Any) -> dict[str, str]:
    """Name and level of each division. One query."""
    wanted = set(region_codes)
    names = full_names(wanted - {codes.COUNTRY})
    found = {code: f"{names.get(code, code)} ({Level(codes.level(code)).label})" for code in wanted - {codes.COUNTRY}}
    return found | {codes.COUNTRY: _("Whole country")}


def _sure(confidence: str) -> str:
    """One word for a badge."""
    return {Confidence.SURE: _("certain"), Confidence.LIKELY: _("likely"), Confidence.ASSUMED: _("assumed")}[
        Confidence(confidence)
    ]


def _confidences() -> list[dict[str, str]]:
    """What the badges mean."""
    return [{"word": _sure(c.value), "tone": TONES[c], "text": str(c.label)} for c in Confidence]
