"""What relief has to say when a person asks about their own data."""

from __future__ import annotations

import json

import pytest

from boai.kernel.errors import UnableTo
from boai.registry import services
from boai.registry.models import DataRequest, Resident, SensitiveLook
from boai.relief.services.sight import case_reveal
from boai.relief.tests.factories import NUMBER, County

pytestmark = pytest.mark.django_db


def _request(tongwei: County, kind: str, resident: Resident) -> DataRequest:
    return services.request_receive(
        resident_id=resident.id, kind=kind, words="", asked_by="本人，出示身份证", actor=tongwei.officer, at=tongwei.at
    )


def test_what_relief_has_to_keep_is_not_deleted(tongwei: County) -> None:
    case = tongwei.submit()
    resident = Resident.objects.get(id=str(case.resident_id))
    made = _request(tongwei, "delete", resident)
    with pytest.raises(UnableTo):
        services.request_decide(request_id=made.id, action="grant", answer="", actor=tongwei.supervisor, at=tongwei.at)
    assert Resident.objects.get(id=resident.id).number == NUMBER
    assert DataRequest.objects.get().state == "received"


def test_the_copy_tells_of_cases_and_of_who_opened_them(tongwei: County) -> None:
    case = tongwei.submit()
    case_reveal(case_id=case.id, field="id_number", actor=tongwei.officer, at=tongwei.at)
    assert SensitiveLook.objects.get().place == case.code
    made = _request(tongwei, "copy", Resident.objects.get(id=str(case.resident_id)))
    services.request_decide(request_id=made.id, action="grant", answer="", actor=tongwei.officer, at=tongwei.at)
    copy = json.loads(services.copy_make(request_id=made.id, form="json", actor=tongwei.officer, at=tongwei.at))
    assert [one["case"] for one in copy["relief"]] == [case.code]
    assert any(case.code in look["in"] for look in copy["who_looked"])
