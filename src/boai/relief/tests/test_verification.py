"""核查."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from boai.audit.models import AuditEntry
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.registry.models import CategoryEntry, Resident
from boai.relief.enums import State
from boai.relief.models import Case, Photo, Snapshot, Visit
from boai.relief.services import sight, verification
from boai.relief.services.verification import snapshot_digest
from boai.relief.tests.factories import YUAN, County, make_household, rules_of, sheet

pytestmark = pytest.mark.django_db


def photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "gray").save(buffer, "JPEG")
    return SimpleUploadedFile("房屋.jpg", buffer.getvalue(), content_type="image/jpeg")


def verify(tongwei: County, case: Case, **changes: object) -> Case:
    values: dict[str, Any] = {"actor": tongwei.verifier, "at": tongwei.at}
    extra = {k: changes.pop(k) for k in ("actor", "photos", "version") if k in changes}
    filled = {"second_id": tongwei.verifier2.user_id, "override_reason": "核定"} | changes
    return verification.case_verify(case_id=case.id, sheet=sheet(**filled), **(values | extra))


def test_a_visit_is_recorded(tongwei: County) -> None:
    case = tongwei.accepted()
    case = verify(tongwei, case, photos=[photo()])
    assert case.state == State.REVIEWING
    visit = Visit.objects.get(case=case)
    assert (visit.first_id, visit.second_id) == (tongwei.verifier.user_id, tongwei.verifier2.user_id)
    assert Photo.objects.get(visit=visit).file.media_type == "image/jpeg"
    assert len(visit.score_lines) == 7
    assert visit.score_rule == case.rules["relief.score"]


def test_the_household_is_frozen(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    head = Resident.objects.get(household=home)
    CategoryEntry.objects.create(
        resident=head, region_code=head.region_code, kind="low_income", valid_from=local_date(tongwei.at), source="民政",
        created_at=tongwei.at,
    )  # fmt: skip
    case = verify(tongwei, tongwei.accepted(household=home))
    frozen = Snapshot.objects.get(case=case)
    Resident.objects.filter(id=head.id).update(name="改名")
    frozen.refresh_from_db()
    import json

    personal = json.loads(frozen.sealed)
    assert personal["residents"][0]["name"] == "魏建国"
    assert frozen.facts["categories"] == ["low_income"]
    assert bytes(frozen.digest) == snapshot_digest(frozen.facts, personal)
    assert "魏建国" not in str(frozen.facts), "the open part names nobody"


def test_another_amount_than_advised_needs_a_reason(tongwei: County) -> None:
    case = tongwei.accepted()
    advice = verification.advise(sheet(), kind="hardship", rules=rules_of(case, tongwei.at))
    assert advice.band is not None
    assert advice.amount_fen is not None
    assert advice.band.least_fen <= advice.amount_fen <= advice.band.most_fen
    with pytest.raises(BadInput) as caught:
        verify(tongwei, case, proposed_fen=advice.amount_fen + 100, override_reason="")
    assert "override_reason" in caught.value.fields
    case.refresh_from_db()
    assert (case.state, Visit.objects.filter(case=case).count()) == (State.VERIFYING, 0)
    case = verify(tongwei, case, proposed_fen=advice.amount_fen, override_reason="")
    assert (case.advised_fen, case.proposed_fen) == (advice.amount_fen, advice.amount_fen)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"second_id": None}, "second_name"),
        ({"dependants": 5}, "dependants"),
        ({"cost_own_fen": 30_000 * YUAN}, "cost_own_fen"),
        ({"proposed_fen": None}, "proposed_fen"),
        ({"proposed_fen": 2_001 * YUAN}, "proposed_fen"),
        ({"findings": " "}, "findings"),
    ],
)
def test_what_a_sheet_never_says(tongwei: County, changes: dict[str, Any], field: str) -> None:
    case = tongwei.accepted()
    with pytest.raises(BadInput) as caught:
        verify(tongwei, case, **changes)
    assert field in caught.value.fields
    assert Visit.objects.count() == Snapshot.objects.count() == 0


def test_the_future_is_not_visited(tongwei: County) -> None:
    case = tongwei.accepted()
    with pytest.raises(BadInput):
        verify(tongwei, case, visited_on=local_date(tongwei.at) + timedelta(days=1))


def test_who_took_it_in_does_not_verify_it(tongwei: County) -> None:
    case = tongwei.accepted()
    both = tongwei.make("verifier")
    Case.objects.filter(id=case.id).update(created_by=both.user_id)
    with pytest.raises(NotAllowed):
        verify(tongwei, case, actor=both)
    with pytest.raises(BadInput):
        verify(tongwei, case, second_id=both.user_id)
    case.refresh_from_db()
    assert (case.state, case.verified_by_id) == (State.VERIFYING, None)


def test_without_a_household_nothing_is_decided(tongwei: County) -> None:
    case = tongwei.accepted()
    Case.objects.filter(id=case.id).update(household=None, resident=None)
    with pytest.raises(UnableTo):
        verify(tongwei, case)


def test_not_fit_goes_to_who_may_refuse(tongwei: County) -> None:
    case = tongwei.verified(fit=False)
    assert (case.state, case.panel_passed, case.proposed_fen) == (State.APPROVING, None, None)


def test_a_look_at_what_is_sealed_is_recorded(tongwei: County) -> None:
    case = tongwei.submit()
    before = AuditEntry.objects.filter(type="relief.case.looked_at").count()
    assert sight.case_reveal(case_id=case.id, field="phone", actor=tongwei.officer, at=tongwei.at) == "13800138001"
    assert AuditEntry.objects.filter(type="relief.case.looked_at").count() == before + 1
    for who, field in (("cadre", "phone"), ("accountant", "diagnosis"), ("reviewer", "phone")):
        with pytest.raises(NotAllowed):
            sight.case_reveal(case_id=case.id, field=field, actor=getattr(tongwei, who), at=tongwei.at)
    assert AuditEntry.objects.filter(type="relief.case.looked_at").count() == before + 1
    assert sight.case_reveal(case_id=case.id, field="account", actor=tongwei.accountant, at=tongwei.at)
