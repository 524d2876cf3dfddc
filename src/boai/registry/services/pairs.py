"""Deciding about two people that may be one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.rekeying import require_settled
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import policies
from boai.registry.enums import IntakeState, PairState
from boai.registry.linkage.marks import in_order
from boai.registry.models import DistinctPair, DuplicatePair, Household, Intake, Resident
from boai.registry.queries.facts import seen_mark
from boai.registry.queries.pairs import Side, sides
from boai.registry.services import checks
from boai.registry.services.committing import layouts_of
from boai.registry.services.comparing import pairs_find
from boai.registry.services.counting import counted
from boai.registry.services.following import pairs_lock
from boai.registry.services.intakes import Division, intake_for_update, intake_move
from boai.registry.services.jobs import RECOUNT, compare_enqueue, job_enqueue
from boai.registry.services.merging import residents_merge
from boai.registry.services.row_words import word_keep

_SIDES = ("left", "right")


@transaction.atomic
def pair_differ(*, pair_id: int, actor: Actor, at: datetime) -> DuplicatePair:
    """These are two people. Remembered for ever, also for files that bring them again. Raises as `_for_update`."""
    require_settled()
    pair, left, right = _for_update(pair_id, actor)
    low, high = in_order(left.mark, right.mark)
    DistinctPair.objects.get_or_create(
        low=low, high=high,
        defaults={"region_code": pair.region_code, "decided_by_id": actor.user_id, "decided_at": at},
    )  # fmt: skip
    goes, stays = (right, left) if left.registered else (left, right)
    word_keep(pair=pair, goes=goes, stays=stays, verdict=PairState.DIFFERENT, actor=actor, at=at)
    return _decided(pair, PairState.DIFFERENT, actor, at)


@transaction.atomic
def pair_same(
    *, pair_id: int, keep: str, picks: Mapping[str, str] | None = None, seen: str = "", actor: Actor, at: datetime
) -> DuplicatePair:
    """These are one person; `keep` ("left" or "right") says which of the two stays.

    Of two rows of a file, the other one is left out. Where one stands in the register, the row of the file is left out.
    Two people of the register are merged; `picks` names facts (see residents_merge) and the side to take them from:
    {"phone": "right"}. `seen` is the `seen_mark` of the page where somebody chose. Raises as `_for_update`, StalePage
    when one of the two was changed since, and BadInput for an unknown side.
    """
    if keep not in _SIDES:
        raise BadInput(_("Say which of the two stays."))
    pair, left, right = _for_update(pair_id, actor)
    if seen and seen != seen_mark(left, right):
        raise StalePage(
            _("One of the two was changed meanwhile. Look at the facts once more, then decide; "
              "what you chose is still there.")
        )  # fmt: skip
    stays, goes = (left, right) if keep == "left" else (right, left)
    if goes.registered and not stays.registered:
        stays, goes = goes, stays  # the register is not thrown out for a row of a file
    if goes.registered:
        whose = {side: "kept" if side == keep else "gone" for side in _SIDES}
        taken = {name: whose.get(side, side) for name, side in (picks or {}).items()}
        residents_merge(kept_id=stays.id, gone_id=goes.id, picks=taken, actor=actor, at=at)
    word_keep(pair=pair, goes=goes, stays=stays, verdict=PairState.SAME, actor=actor, at=at)
    pair.goes_id = goes.id
    return _decided(pair, PairState.SAME, actor, at)


def _for_update(pair_id: int, actor: Actor) -> tuple[DuplicatePair, Side, Side]:
    """The open pair under lock with both people. Raises NotFound, NotAllowed, StalePage, UnableTo."""
    found_pair = DuplicatePair.objects.filter(id=pair_id).first()
    if found_pair is None:
        raise NotFound
    both = (found_pair.left_id, found_pair.right_id)
    pairs_lock(*both)
    pair = DuplicatePair.objects.select_for_update().filter(id=pair_id).first()
    if pair is None:
        raise NotFound
    require(policies.may_write, actor, pair)
    if (pair.left_id, pair.right_id) != both:
        raise StalePage(_("One of the two was changed meanwhile. Look at the facts once more, then decide; "
                          "what you chose is still there."))  # fmt: skip
    if pair.decided_at is not None or not _waits(pair):
        raise StalePage(_("Somebody has decided about these two already."))
    if pair.intake_id is not None:
        _require_checked(intake_for_update(intake_id=pair.intake_id))
    _people_lock(pair)
    found = sides(pair=pair)
    if found is None:
        raise UnableTo(_("One of the two is no longer there. Compare the people once more."))
    return pair, *found


def _people_lock(pair: DuplicatePair) -> None:
    """Households before their people, in the order of their keys, as everybody locks them."""
    people = Resident.objects.filter(id__in=[pair.left_id, pair.right_id]).order_by("id")
    list(Household.objects.select_for_update().filter(id__in=people.values("household_id")).order_by("id"))
    list(people.select_for_update())


def _waits(pair: DuplicatePair) -> bool:
    """What is certain in a file is left out by itself; in the register nobody is merged without a person's word."""
    return pair.state == PairState.ASKED or pair.torn or pair.intake_id is None


def _require_checked(intake: Intake) -> None:
    if intake.state not in (IntakeState.CHECKED, IntakeState.COMMITTED):
        raise UnableTo(_("The file is being worked on. Decide when it has been checked."))


def _decided(pair: DuplicatePair, state: PairState, actor: Actor, at: datetime) -> DuplicatePair:
    pair.state, pair.decided_by_id, pair.decided_at = state, actor.user_id, at
    pair.torn = False
    pair.save(update_fields=["state", "torn", "goes_id", "decided_by", "decided_at"])
    if pair.intake_id is not None:
        job_enqueue(name=RECOUNT, intake_id=pair.intake_id)
    record("registry.pair.decided", pair, actor=actor, at=at, verdict=str(state), left=str(pair.left_id),
           right=str(pair.right_id), weight=round(pair.weight * 100))  # fmt: skip
    return pair


@transaction.atomic
def register_compare(*, region_code: str, actor: Actor, at: datetime) -> None:
    """Ask for the comparison of a division's register with itself; the job does it. Raises NotAllowed."""
    place = Division(region_code)
    require(policies.may_write, actor, place)
    compare_enqueue(region_code=region_code)
    if actor.branch_id is not None:
        record("registry.register.compared", Branch.objects.get(id=actor.branch_id), actor=actor, at=at)


def register_compare_run(*, region_code: str, at: datetime) -> int:
    """Compare everybody in a division with everybody; what is found waits for a word. The number of pairs."""
    return pairs_find(region_code=region_code, intake=None, at=at)


@transaction.atomic
def intake_recount(*, intake_id: UUID) -> Intake:
    """What decisions change for a file: which households can enter, and the counts on its page."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state == IntakeState.CHECKED:
        checks.spots_prepare(layouts=layouts_of(intake=intake))
        checks.register_check(intake_id=intake_id, region_code=intake.region_code)
        intake_move(intake=intake, action="recount", counts=counted(intake=intake))
    return intake
