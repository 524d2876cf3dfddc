"""What bulk corrections can start from, and which have been made."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.regions.models import Division
from boai.regions.queries import full_names
from boai.registry.models import BulkChange, Household


def villages_held(*, actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of the villages that have households in the actor's division; closed ones first, with successor."""
    reach = (actor.scope.lo, actor.scope.hi)
    codes = list(
        Household.objects.filter(region_code__range=reach).order_by().values_list("region_code", flat=True).distinct()
    )
    closed = dict(Division.objects.filter(code__in=codes, valid_to__isnull=False).values_list("code", "successor"))
    places = full_names({*codes, *(one for one in closed.values() if one)}, below=actor.region_code or "000000000000")
    listed = []
    for code in sorted(codes, key=lambda one: (one not in closed, one)):
        name = places.get(code, code)
        if successor := closed.get(code):
            name = _("%(name)s (closed, now %(successor)s)") % {"name": name, "successor": places.get(successor, "")}
        elif code in closed:
            name = _("%(name)s (closed)") % {"name": name}
        listed.append((code, name))
    return listed


def bulk_changes(*, actor: Actor) -> QuerySet[BulkChange]:
    """The bulk corrections of the actor's division, newest first."""
    reach = (actor.scope.lo, actor.scope.hi)
    return (
        BulkChange.objects.filter(region_code__range=reach).select_related("made_by", "undone_by").order_by("-made_at")
    )


def bulk_get(*, change_id: UUID, actor: Actor) -> BulkChange:
    """One. Raises NotFound, also outside the actor's division."""
    found = bulk_changes(actor=actor).filter(id=change_id).first()
    if found is None:
        raise NotFound
    return found
