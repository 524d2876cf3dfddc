"""Programmes that are open, and what they promise."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from boai.people.actor import Actor
from boai.regions.codes import COUNTRY, path
from boai.relief.models import Programme


def programmes_open(*, region_code: str, on: date) -> QuerySet[Programme]:
    """Programmes of the branches above a place that take applications on a day. Works without any scope."""
    return (
        Programme.objects.filter(region_code__in=[COUNTRY, *path(region_code)], starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .select_related("branch")
        .order_by("name")
    )


def programmes_of(*, actor: Actor) -> QuerySet[Programme]:
    """Every programme of the actor's own branch, newest first."""
    if actor.branch_id is None:
        return Programme.objects.none()
    return Programme.objects.filter(branch_id=actor.branch_id).select_related("branch").order_by("-starts_on", "name")


def programmes_in_reach(*, actor: Actor) -> QuerySet[Programme]:
    """Programmes under which cases of the actor's division can run, ended ones included: for filters."""
    above = [COUNTRY, *path(actor.region_code)] if actor.region_code else []
    inside = (actor.scope.lo, actor.scope.hi)
    return Programme.objects.filter(Q(region_code__in=above) | Q(region_code__range=inside)).order_by("name")
