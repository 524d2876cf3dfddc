"""What relief takes from the register, shows and keeps, after a person has said no or is deleted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.ledger.queries import fold_check
from boai.registry import services
from boai.registry.models import DataRequest, Resident, SensitiveLook
from boai.registry.purposes import VERSIONS, Purpose
from boai.registry.services.consents import Said
from boai.relief.models import Application, Case
from boai.relief.queries.register import categories_of, household_facts
from boai.relief.services.sight import case_reveal
from boai.relief.tests.factories import County, make_household

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


def _no(tongwei: County, resident: Resident) -> None:
    said = Said(VERSIONS[Purpose.SENSITIVE], "person", "screen", local_date(tongwei.at))
    services.consent_withdraw(
        resident_id=resident.id, purpose=Purpose.SENSITIVE, said=said, actor=tongwei.officer,
        at=tongwei.at + timedelta(minutes=1),
    )  # fmt: skip


def test_facts_are_not_used_after_a_no_and_still_protect(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    head = Resident.objects.get(household=home)
    for kind in ("mental", "low_income"):
        services.category_add(resident_id=head.id, kind=kind, detail="", valid_from=DAY, source="民政", evidence="",
                              actor=tongwei.officer, at=tongwei.at)  # fmt: skip
    on = local_date(tongwei.at)
    assert categories_of(home.id, on=on) == {"mental", "low_income"}
    _no(tongwei, head)
    assert categories_of(home.id, on=on) == {"low_income"}
    facts, personal = household_facts(home.id, on=on)
    assert facts["shielded"] is True, "nobody is named because they asked for less to be known"
    assert [one["kind"] for one in personal["residents"][0]["categories"]] == ["low_income"]


def test_health_in_a_case_stays_sealed_after_a_no(tongwei: County) -> None:
    case = tongwei.submit(diagnosis="肺炎")

    def shown(field: str) -> str:
        return case_reveal(case_id=case.id, field=field, actor=tongwei.officer, at=tongwei.at)

    assert shown("diagnosis") == "肺炎"
    _no(tongwei, Resident.objects.get(id=str(case.resident_id)))
    looks = SensitiveLook.objects.count()
    with pytest.raises(UnableTo):
        shown("diagnosis")
    assert SensitiveLook.objects.count() == looks
    assert shown("id_number")


def test_a_closed_case_is_kept_listed_and_told(tongwei: County) -> None:
    case = tongwei.submit()
    Case.objects.filter(id=case.id).update(state="withdrawn")
    person = Resident.objects.get(id=str(case.resident_id))
    made = services.request_receive(
        resident_id=person.id,
        kind="delete",
        words="",
        asked_by="本人，出示身份证",
        actor=tongwei.officer,
        at=tongwei.at,
    )
    services.request_decide(request_id=made.id, action="grant", answer="", actor=tongwei.supervisor, at=tongwei.at)
    kept = DataRequest.objects.get().kept
    assert [(one["what"], one["count"], one["until"][:4]) for one in kept] == [("本人的救助档案", 1, "2036")]
    assert Resident.objects.get(id=person.id).name == "已删除"
    assert Application.objects.get(case=case).id_number, "the file of the case is whole"
    assert fold_check() == []
