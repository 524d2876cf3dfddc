"""What the rules say against or for an application, each in one sentence, before a person accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from boai.kernel.clock import age_on, start_of_day
from boai.kernel.crypto import blind, blinds, ring
from boai.kernel.money import format_fen
from boai.registry.models.people import NUMBER as PERSON_NUMBER
from boai.relief import rules as rulebook
from boai.relief.enums import GRANTED, LIVE, Cause, PaperKind
from boai.relief.models import Case, Paper
from boai.relief.queries.given import SOURCE, granted_to, help_lately, help_sentence, whose_case
from boai.relief.queries.register import categories_of
from boai.relief.rules import Rules


@dataclass(frozen=True)
class Check:
    """One rule held against the case. `blocking`: acceptance is impossible; otherwise a written reason is needed."""

    code: str
    ok: bool
    sentence: str
    blocking: bool = False


def once_key(case: Case, *, rules: Rules) -> bytes | None:
    """What makes two applications the same cause: the person, the cause and, by rule, the year or the day.

    The programme is no part of it: the check runs across programmes and, as a unique constraint, across branches. None
    where the rule is off or the person has no number.
    """
    if not case.person_blind or not rulebook.once_per_cause(rules):
        return None
    return once_blind(bytes(case.person_blind), case.cause, _when(case, rules))


def once_blind(person: bytes, cause: str, when: str, *, master: bytes | None = None) -> bytes:
    """The key of a person, a cause and a time; `master` is an older key while keys are being changed."""
    return blind(f"{person.hex()}|{cause}|{when}", "once-per-cause", master=master)


def _when(case: Case, rules: Rules) -> str:
    scope = rules("relief.once_scope").get(case.cause, "event")
    on = case.cause_on or rules.on
    return {"ever": "", "year": str(on.year)}.get(scope, str(on))


def person_blinds(case: Case) -> list[bytes]:
    """The fingerprints by which other cases of the same person are found: one, and more while keys are changed."""
    if not case.person_blind:
        return []
    if len(ring()) == 1:
        return [bytes(case.person_blind)]
    return blinds(case.application.id_number, PERSON_NUMBER)


def case_checks(case: Case, *, rules: Rules, on: date) -> list[Check]:
    """Every check of acceptance, in the order in which an officer reads them."""
    return [
        _papers(case),
        _register(case),
        *_who(case, rules=rules, on=on),
        _once(case, rules=rules),
        _cooling(case, rules=rules, on=on),
        _band(case, rules=rules),
    ]


def _papers(case: Case) -> Check:
    missing = [
        p.get_kind_display() for p in Paper.objects.filter(case=case, required=True, received_at=None).order_by("id")
    ]
    text = _("Missing: {papers}.").format(papers="、".join(missing)) if missing else _("All papers are there.")
    return Check("papers", not missing, text, blocking=True)


def _register(case: Case) -> Check:
    linked = case.household_id is not None
    text = (
        _("Linked to a household of the register.") if linked else _("Not linked to a household of the register yet.")
    )
    return Check("register", linked, text, blocking=True)


def _who(case: Case, *, rules: Rules, on: date) -> list[Check]:
    who = rulebook.who_may_apply(rules, kind=case.programme.kind)
    checks = []
    if who.causes:
        names = "、".join(str(Cause(c).label) for c in who.causes if c in Cause.values)
        checks.append(
            Check("cause", case.cause in who.causes, _("The programme is for: {causes}.").format(causes=names))
        )
    if who.least_age is not None or who.most_age is not None:
        checks.append(_age(case, who, on=on))
    if who.categories:
        held = categories_of(case.household_id, on=on)
        ok = bool(held & set(who.categories))
        text = (
            _("The household is of a category that the programme is for.")
            if ok
            else _("The register holds no category for which the programme is meant.")
        )
        checks.append(Check("category", ok, text))
    return checks


def _age(case: Case, who: rulebook.Who, *, on: date) -> Check:
    born = case.application.born_on
    span = _("{least} to {most} years").format(least=who.least_age or 0, most=who.most_age or "…")
    if born is None:
        return Check("age", False, _("Age unknown; the programme is for {span}.").format(span=span))
    age = age_on(born, on)
    ok = (who.least_age or 0) <= age <= (who.most_age if who.most_age is not None else age)
    return Check("age", ok, _("{age} years old; the programme is for {span}.").format(age=age, span=span))


def _once(case: Case, *, rules: Rules) -> Check:
    if not rulebook.once_per_cause(rules):
        return Check("once", True, _("Here the same cause may be helped with more than once."))
    key = once_key(case, rules=rules)
    if key is None:
        return Check(
            "once", False, _("Without an ID number nobody can check whether this cause was helped with already.")
        )
    other = Case.objects.filter(once_key__in=[key, *_older(case, rules)], state__in=LIVE).exclude(id=case.id).first()
    if other is not None:
        text = _("The same cause is already in case {code}.").format(code=other.code)
        return Check("once", False, text, blocking=True)
    return Check("once", True, _("No other case for the same cause."))


def _older(case: Case, rules: Rules) -> list[bytes]:
    """The keys that the same cause has under older master keys."""
    return [
        once_blind(person, case.cause, _when(case, rules), master=master)
        for master, person in list(zip(ring(), person_blinds(case), strict=False))[1:]
    ]


def _cooling(case: Case, *, rules: Rules, on: date) -> Check:
    days = rulebook.cooling_days(rules)
    if not days:
        return Check("cooling", True, _("No waiting time between grants."))
    asked = whose_case(household_id=case.household_id, resident_id=case.resident_id, person_blinds=person_blinds(case))
    since = start_of_day(on - timedelta(days=days))
    last = (
        Case.objects.filter(granted_to(asked), state__in=GRANTED, decided_at__gte=since)
        .exclude(id=case.id)
        .select_related("programme")
        .order_by("-decided_at")
        .first()
    )
    if last is None:
        lately = help_lately(asked=asked, rules=rules, on=on)
        others = [one for one in lately if one.source != SOURCE]
        if others:
            text = _("Less than {days} days since {help}.").format(days=days, help=help_sentence(others[0]))
            return Check("cooling", False, text)
        return Check("cooling", True, _("No grant to this household in the last {days} days.").format(days=days))
    text = _("Less than {days} days since {amount} from {programme} (case {code}).").format(
        days=days, amount=format_fen(last.approved_fen or 0), programme=last.programme.name, code=last.code
    )
    return Check("cooling", False, text)


def _band(case: Case, *, rules: Rules) -> Check:
    band = rulebook.band_for(rules, kind=case.programme.kind, cost_own_fen=case.application.cost_own_fen)
    if band is None:
        return Check("band", False, _("The costs that the household bears are below the lowest band of the programme."))
    text = _("For these costs the programme gives {least} to {most}.").format(
        least=format_fen(band.least_fen), most=format_fen(band.most_fen)
    )
    return Check("band", True, text)


def papers_of(case: Case) -> list[Paper]:
    """The case's papers, required ones first, in the order in which they were asked for."""
    return list(Paper.objects.filter(case=case).order_by("-required", "id"))


PAPER_NAMES = dict(PaperKind.choices)
