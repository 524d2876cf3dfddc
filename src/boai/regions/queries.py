"""Divisions as pages and services ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound
from boai.regions import codes
from boai.regions.enums import Kind, Level
from boai.regions.gazetteer import Place
from boai.regions.models import Division
from boai.regions.resolving import NamedPlace, Resolution, resolve_many
from boai.regions.searching import Hit, search
from boai.regions.successors import current_many

__all__ = [
    "Hit",
    "NamedPlace",
    "Place",
    "Resolution",
    "Step",
    "children",
    "current",
    "current_many",
    "division",
    "exists",
    "full_name",
    "full_names",
    "in_force",
    "names_of",
    "resolve_many",
    "search",
    "steps",
]


def division(code: str) -> Division:
    """One division. Raises NotFound."""
    found = Division.objects.filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no division with this code."))
    return found


def exists(code: str) -> bool:
    """Whether a division is in force by the latest list."""
    return Division.objects.filter(code=code, valid_to=None).exists()


def in_force(on: date) -> QuerySet[Division]:
    """Divisions that exist on a day."""
    return Division.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )


def current(code: str, on: date) -> str | None:
    """The code that stands for `code` on a day: itself, or the last of its successors in force; None when it was split
    or dissolved. Raises NotFound for a code that never existed."""
    found = current_many([code], on)
    if code not in found:
        raise NotFound(_("There is no division with this code."))
    return found[code]


def children(code: str, on: date | None = None) -> list[Division]:
    """The divisions one step below `code` (COUNTRY gives the provinces), in order of code; those that have ended are
    left out (as of `on`, or at all)."""
    living = in_force(on) if on else Division.objects.filter(valid_to=None)
    return list(living.filter(parent=code).order_by("code"))


def names_of(wanted: Iterable[str]) -> dict[str, str]:
    """Official names by code, for lists. One query."""
    return dict(Division.objects.filter(code__in=set(wanted)).values_list("code", "name"))


def full_names(wanted: Iterable[str], *, below: str = codes.COUNTRY) -> dict[str, str]:
    """Names with their path by code, for lists: '甘肃省定西市通渭县义岗川镇义岗村'. One query.

    `below` leaves out that division and everything above it: a county's own list need not repeat the county.
    """
    chosen = set(wanted)
    needed = {step for code in chosen for step in codes.path(code)}
    names = {
        code: (short if level == codes.VILLAGE else name)
        for code, name, short, level in Division.objects.filter(code__in=needed)
        .exclude(kind=Kind.GROUPING)
        .values_list("code", "name", "short_name", "level")
    }
    known = set(codes.path(below))
    return {
        code: "".join(names.get(step, "") for step in codes.path(code) if step not in known or step == code)
        for code in chosen
        if code in names
    }


def full_name(code: str, *, below: str = codes.COUNTRY) -> str:
    """`full_names` for one code. Raises NotFound."""
    found = full_names([code], below=below)
    if code not in found:
        raise NotFound(_("There is no division with this code."))
    return found[code]


@dataclass(frozen=True)
class Step:
    """One select of the cascade: what lies above it, its level's label, its options, which is chosen."""

    parent: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def steps(root: str, chosen: str, *, deepest: int = codes.VILLAGE) -> list[Step]:
    """The selects that lead from `root` down to `chosen` and one further, for the picker. One query."""
    inside = chosen if chosen and codes.contains(root, chosen) else root
    trail = [root, *(c for c in codes.path(inside) if c != root and codes.contains(root, c))]
    parents = [c for c in trail if codes.level(c) < deepest]
    below: dict[str, list[Division]] = {parent: [] for parent in parents}
    for child in Division.objects.filter(parent__in=parents, valid_to=None).order_by("code"):
        below[child.parent].append(child)
    found = []
    for parent in parents:
        options = below[parent]
        if not options:
            continue
        picked = next((d.code for d in options if d.code in trail), "")
        label = str(Level(max(d.level for d in options)).label)
        found.append(Step(parent, label, tuple((d.code, d.name) for d in options), picked))
    return found
