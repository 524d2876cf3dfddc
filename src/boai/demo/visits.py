"""Visits of the demo county: made, missed, in conflict, late, and those of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from boai.demo.stage import Stage, Steps
from boai.kernel.clock import local_date
from boai.registry.models import Household
from boai.visits import services
from boai.visits.enums import Entry, House, Missed, Need, Outcome, Purpose
from boai.visits.models import Visit
from boai.visits.services import Plan, Record

_EACH = 3


def visits_play(stage: Stage) -> Steps[None]:
    """Two rounds before today and one that waits."""
    yield stage.at(9, minutes=30)
    homes = list(Household.objects.filter(ended_on=None).order_by("region_code", "id").values_list("id", flat=True))
    day = local_date(stage.office(6))
    lately = _planned(stage, homes[:_EACH], day=day, purpose=Purpose.RETURN, ask="救助款收到了吗？")
    yield stage.at(6, minutes=60)
    _made(stage, lately[0], by="hecha", notes="老人精神好，新换了炉子，钱用在了买药和冬煤上。")
    yield stage.at(6, minutes=100)
    _missed(stage, lately[1])
    yield stage.at(6, minutes=150)
    _made(stage, lately[2], by="hecha", notes="家里四口人都在，屋顶有一处漏雨。", needs=(Need.REPAIR,))
    yield stage.at(6, minutes=160)
    _made(stage, lately[2], by="hecha2", notes="我到时户主不在，邻居说屋顶漏雨已报村里。", house=House.UNSEEN)
    yield stage.at(5)
    day = local_date(stage.office(2))
    _planned(stage, homes[_EACH : _EACH + 2], day=day, purpose=Purpose.REGULAR, ask="冬煤够不够？")
    yield stage.at(0, minutes=5)
    today = local_date(stage.now)
    ask = "门窗严不严，取暖安不安全？"
    _planned(stage, homes[_EACH + 2 : _EACH + 8], day=today, purpose=Purpose.FESTIVAL, ask=ask)


def _planned(stage: Stage, homes: Sequence[UUID], *, day: date, purpose: Purpose, ask: str) -> list[Visit]:
    plan = Plan(purpose, day, _id(stage, "hecha"), _id(stage, "hecha2"), ask=ask)
    return services.visits_plan(household_ids=homes, plan=plan, actor=stage["jingban"], at=stage.clock)


def _made(
    stage: Stage,
    visit: Visit,
    *,
    by: str,
    notes: str,
    needs: tuple[str, ...] = (Need.NOTHING,),
    house: str = House.SOUND,
) -> None:
    said = Record(
        client_id=uuid5(visit.id, by), based_on=1, made_at=stage.clock, outcome=Outcome.MET, second_there=True,
        notes=notes, house=house, needs=needs, entry=Entry.RIGHT,
    )  # fmt: skip
    services.report_receive(visit_id=visit.id, said=said, actor=stage[by], at=stage.clock)


def _missed(stage: Stage, visit: Visit) -> None:
    said = Record(
        client_id=uuid5(visit.id, "hecha"), based_on=1, made_at=stage.clock, outcome=Outcome.NOT_MET,
        missed=Missed.AWAY, second_there=True, notes="邻居说进城看病，后天回来。",
    )  # fmt: skip
    services.report_receive(visit_id=visit.id, said=said, actor=stage["hecha"], at=stage.clock)


def _id(stage: Stage, username: str) -> UUID:
    user_id = stage[username].user_id
    assert user_id is not None, "the cast has accounts"
    return user_id
