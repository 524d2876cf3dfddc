"""Taking a day along on a phone: the least that a visitor needs to find the door and to ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record_many
from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.rulebook.queries import rule
from boai.visits import policies
from boai.visits.models import Taking, Visit
from boai.visits.queries.routes import Route, Stop, route_of


@dataclass(frozen=True)
class Here:
    """The actor's own division, as something that lies in it."""

    region_code: str


@dataclass(frozen=True)
class Pack:
    """What goes onto the phone, and the rules that the phone keeps."""

    route: Route
    rules: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """No identity number, no category, no income, nothing that is sealed but a phone number that was asked for."""
        return {
            "day": self.route.day.isoformat(),
            "rules": self.rules,
            "visits": [_stop(stop) for stop in self.route.open_stops],
        }


def phone_rules(*, region_code: str, on: date) -> dict[str, Any]:
    """What the rulebook says about phones at a place."""
    found: dict[str, Any] = rule("visits.phone", region_code=region_code, on=on).value
    return found


@transaction.atomic
def route_take(*, day: date, actor: Actor, at: datetime) -> Pack:
    """The actor's planned visits of a day for the phone; who took what along is written down.

    Raises NotAllowed, UnableTo (nothing planned, too long ago or ahead).
    """
    here = Here(actor.region_code)
    require(policies.may_make, actor, here)
    today = local_date(at)
    rules = phone_rules(region_code=actor.region_code, on=today)
    keep = timedelta(days=rules["keep_days"])
    if not today - keep <= day <= today + keep:
        raise UnableTo(
            _("Only days within %(n)s days of today can be taken along.") % {"n": rules["keep_days"]}
        )  # fmt: skip
    assert actor.user_id is not None, "policies let only staff make visits"
    pack = Pack(route_of(user_id=actor.user_id, day=day, actor=actor, phones=True), rules)
    stops = pack.route.open_stops
    if not stops:
        raise UnableTo(_("You have no open visit on this day."))
    visits = list(Visit.objects.filter(id__in=[stop.id for stop in stops]))
    Taking.objects.bulk_create(
        [
            Taking(
                region_code=v.region_code,
                visit=v,
                user_id=actor.user_id,
                version=v.version,
                first_id=v.first_id,
                second_id=v.second_id,
                taken_at=at,
            )
            for v in visits
        ],
        ignore_conflicts=True,
    )
    with_phone = {stop.id for stop in stops if stop.phone}
    record_many(
        "visits.visit.taken",
        [(visit, {"version": visit.version, "phone": visit.id in with_phone}) for visit in visits],
        actor=actor, at=at,
    )  # fmt: skip
    return pack


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "id": str(stop.id),
        "version": stop.version,
        "name": stop.head,
        "place": stop.place,
        "address": stop.address,
        "purpose": stop.purpose,
        "ask": stop.ask,
        "first": stop.first,
        "second": stop.second,
        "phone": stop.phone,
    }
