"""Saved filters: each person's own, no business of the log."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from boai.kernel.errors import NotAllowed
from boai.people.actor import Actor
from boai.relief.models import SavedFilter


def filter_save(*, actor: Actor, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name again replaces it."""
    if actor.user_id is None:
        raise NotAllowed
    saved, _made = SavedFilter.objects.update_or_create(user_id=actor.user_id, name=name, defaults={"query": query})
    return saved


def filter_forget(*, actor: Actor, filter_id: UUID) -> None:
    """Forget one of one's own filters."""
    filters_of(actor=actor).filter(id=filter_id).delete()


def filters_of(*, actor: Actor) -> QuerySet[SavedFilter]:
    """One's own filters by name."""
    if actor.user_id is None:
        return SavedFilter.objects.none()
    return SavedFilter.objects.filter(user_id=actor.user_id).order_by("name")
