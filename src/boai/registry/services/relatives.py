"""The staff say who their relatives are; looks at these people's households are asked about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.text.identity import PersonNumber
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.models import DeclaredRelative
from boai.registry.models.people import NUMBER
from boai.registry.services.intakes import Division
from boai.registry.services.staging import fingerprint

MOST = 50


@transaction.atomic
def relative_declare(
    *, name: str, number: PersonNumber | None, relation: str, actor: Actor, at: datetime
) -> DeclaredRelative:  # fmt: skip
    """Declare a relative of one's own. Raises NotAllowed, BadInput (no relation), UnableTo (declared before; too many).

    The log says that somebody declared a relative, not whom.
    """
    require(policies.may_declare, actor, Division(actor.region_code))
    assert actor.user_id is not None, "only people have relatives"
    if not relation.strip():
        raise BadInput(fields={"relation": [_("Say what this person is to you.")]})
    digits = number.number if number else ""
    mine = list(DeclaredRelative.objects.select_for_update().filter(user_id=actor.user_id, ended_at__isnull=True))
    if any((one.name, one.number) == (name, digits) for one in mine):
        raise UnableTo(_("You have declared this person already."))
    if len(mine) >= MOST:
        raise UnableTo(_("At most %(most)s at once.") % {"most": MOST})
    relative = DeclaredRelative.objects.create(
        region_code=actor.region_code, user_id=actor.user_id, name=name, number=digits,
        number_blind=fingerprint(digits, NUMBER), number_tail=digits[-4:], relation=relation.strip(), added_at=at,
    )  # fmt: skip
    record("registry.relative.declared", relative, actor=actor, at=at)
    return relative


@transaction.atomic
def relative_end(*, relative_id: UUID, actor: Actor, at: datetime) -> None:
    """Take back what one declared. Raises NotFound, NotAllowed; nothing happens the second time."""
    relative = DeclaredRelative.objects.select_for_update().filter(id=relative_id).first()
    if relative is None:
        raise NotFound
    require(policies.may_end_relative, actor, relative)
    if relative.ended_at is None:
        relative.ended_at = at
        relative.save(update_fields=["ended_at"])
        record("registry.relative.ended", relative, actor=actor, at=at)
