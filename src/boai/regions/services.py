"""Load the list of divisions, and keep it true as divisions are renamed, merged and founded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.text.folding import clean
from boai.regions import codes, dataset, loading
from boai.regions.models import Division, LoadedList
from boai.regions.policies import Maintainer, may_maintain

LOCAL = "local"


def divisions_are_loaded() -> bool:
    """Whether the shipped list is in the database."""
    return LoadedList.objects.filter(source=dataset.edition().source).exists()


def divisions_load(*, progress: loading.Progress | None = None) -> int:
    """Load all 665 thousand divisions; the number of rows new or changed (0 when they are already there).

    All or nothing. `progress(done, total)` is called as the work moves on.
    """
    return loading.load_all(source=dataset.edition().source, progress=progress or _silent)


def divisions_load_subset(*, counties: Iterable[str]) -> int:
    """Load only these counties (codes of 6 or 12 digits) with everything above and below them; the number added."""
    entries = dataset.entries(loading.county_codes(counties))
    return loading.load_some(entries, source=dataset.edition().source)


@transaction.atomic
def division_add(*, code: str, name: str, valid_from: date, actor: Maintainer, at: datetime) -> Division:
    """Add a division that the shipped list does not have yet. Raises BadInput, NotFound (parent), UnableTo."""
    name = clean(name)
    if not codes.is_code(code) or codes.level(code) == 0:
        raise BadInput(fields={"code": [_("A division code has 12 digits.")]})
    if not 2 <= len(name) <= 60:
        raise BadInput(fields={"name": [_("Write the official name, 2 to 60 characters.")]})
    require(may_maintain, actor, code)
    if Division.objects.filter(code=code).exists():
        raise UnableTo(_("This code is already taken."))
    parent = codes.parent(code)
    if parent != codes.COUNTRY and not Division.objects.filter(code=parent, valid_to=None).exists():
        raise NotFound(_("The division above it does not exist. Add that one first."))
    made = dataset.entry(code, codes.level(code), name, dataset.Speller.shipped())
    division = Division.objects.create(**made._asdict(), valid_from=valid_from, source=LOCAL)
    record("regions.division.added", division, actor=actor, at=at, name=name, valid_from=str(valid_from))
    return division


@transaction.atomic
def division_replace(*, code: str, successor: str | None, valid_to: date, actor: Maintainer, at: datetime) -> Division:
    """End a division on `valid_to` (the first day it no longer exists) in favour of `successor`.

    Without a successor it was split or dissolved: people there have to be placed by hand. Raises NotFound, UnableTo.
    """
    wanted = [code] if successor is None else [code, successor]
    rows = {d.code: d for d in Division.objects.select_for_update().filter(code__in=wanted).order_by("code")}
    division = rows.get(code)
    if division is None:
        raise NotFound(_("There is no division with this code."))
    require(may_maintain, actor, code)
    if division.valid_to is not None:
        raise UnableTo(_("This division has already ended."))
    if division.valid_from is not None and valid_to <= division.valid_from:
        raise BadInput(fields={"valid_to": [_("A division cannot end before it began.")]})
    if successor is not None:
        _check_successor(division, rows.get(successor), valid_to)
    if _has_living_children(code):
        raise UnableTo(_("Divisions below it still exist. End or replace those first."))
    division.valid_to, division.successor = valid_to, successor
    division.save(update_fields=["valid_to", "successor"])
    record(
        "regions.division.replaced", division, actor=actor, at=at,
        successor=successor or "", valid_to=str(valid_to),
    )  # fmt: skip
    return division


def _check_successor(division: Division, successor: Division | None, valid_to: date) -> None:
    if successor is None:
        raise NotFound(_("There is no division with the successor's code."))
    if successor.code == division.code:
        raise UnableTo(_("A division cannot follow itself."))
    if successor.level != division.level:
        raise UnableTo(_("The successor must be of the same level."))
    if successor.valid_to is not None:
        raise UnableTo(_("The successor has itself ended. Choose the division that exists today."))
    if successor.valid_from is not None and successor.valid_from > valid_to:
        raise UnableTo(_("The successor does not exist yet on that day."))


def _has_living_children(code: str) -> bool:
    lo, hi = codes.span(code)
    return Division.objects.filter(code__gt=lo, code__lte=hi, valid_to=None).exists()


def _silent(done: int, total: int) -> None:
    """For callers who need no progress."""
