"""The order in which somebody goes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from boai.audit.services import record
from boai.kernel.errors import NotFound
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.people.models import User
from boai.visits import policies
from boai.visits.models import RouteOrder
from boai.visits.queries.routes import route_of
from boai.visits.queries.visits import visit_get
from boai.visits.routes import moved


@transaction.atomic
def stop_move(*, visit_id: UUID, day: date, up: bool, actor: Actor, at: datetime) -> None:
    """Put a stop of one's own day a place earlier or later. Raises NotFound, NotAllowed."""
    visit = visit_get(visit_id=visit_id, actor=actor)
    require(policies.may_make, actor, visit)
    assert actor.user_id is not None, "policies let only staff make visits"
    User.objects.select_for_update(of=("self",)).get(id=actor.user_id)  # one order at a time
    order = [stop.id for stop in route_of(user_id=actor.user_id, day=day, actor=actor).stops]
    if visit.id not in order:
        raise NotFound
    wanted = moved(order, visit.id, up=up)
    if wanted == order:
        return
    row, _new = RouteOrder.objects.update_or_create(
        user_id=actor.user_id, day=day, region_code=actor.region_code, defaults={"visits": wanted}
    )
    record("visits.route.ordered", row, actor=actor, at=at, day=day.isoformat())
