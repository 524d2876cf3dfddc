"""People ask about their own data: the clock, the copy, the deletion that leaves the log valid."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from boai.audit.leaves import commitment
from boai.audit.models import AuditEntry
from boai.audit.queries import reference
from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.enums import EndReason, RequestState
from boai.registry.models import CategoryEntry, DataRequest, Household, Resident, SensitiveLook
from boai.registry.tests.factories import signed_in
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 11, 24)


def _head(household: Household) -> Resident:
    return Resident.objects.get(household=household, relation="head")


def _request(household: Household, actor: Actor, at: datetime, kind: str = "copy") -> DataRequest:
    return services.request_receive(
        resident_id=_head(household).id, kind=kind, words="想看看", asked_by="本人，出示身份证", actor=actor, at=at
    )


def test_the_clock_runs_from_the_day_it_was_received(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    made = _request(make_household(officer, at), officer, at)
    assert made.due_on == DAY + timedelta(days=15)
    client = signed_in(officer)
    assert "张小三" in client.get(reverse("registry:request_list")).content.decode()
    assert "想看看" in client.get(reverse("registry:request", args=[made.id])).content.decode()


def test_who_may_receive_and_decide(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    household = make_household(officer, at)
    with pytest.raises(NotAllowed):
        _request(household, actor_for("cadre"), at)
    other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    with pytest.raises(NotFound):
        _request(household, actor_for("officer", other), at)
    with pytest.raises(BadInput):
        services.request_receive(
            resident_id=_head(household).id, kind="see", words="", asked_by="", actor=officer, at=at
        )
    assert not DataRequest.objects.exists()
    made = _request(household, officer, at)
    with pytest.raises(NotAllowed):
        services.request_decide(request_id=made.id, action="grant", answer="", actor=actor_for("cadre"), at=at)
    with pytest.raises(BadInput):
        services.request_decide(request_id=made.id, action="refuse", answer="", actor=officer, at=at)
    assert DataRequest.objects.get().state == RequestState.RECEIVED


def test_the_copy_holds_everything_and_is_itself_a_look(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    household = make_household(officer, at)
    services.category_add(resident_id=_head(household).id, kind="disability", detail="二级", valid_from=DAY,
                          source="残联", evidence="", actor=officer, at=at)  # fmt: skip
    made = _request(household, officer, at)
    with pytest.raises(UnableTo):
        services.copy_make(request_id=made.id, form="json", actor=officer, at=at)
    services.request_decide(request_id=made.id, action="grant", answer="", actor=officer, at=at)
    with pytest.raises(NotAllowed):
        services.copy_make(request_id=made.id, form="json", actor=actor_for("supervisor"), at=at)
    assert not SensitiveLook.objects.exists()
    client = signed_in(officer)
    answer = client.post(reverse("registry:request_copy_json", args=[made.id]))
    copy = json.loads(answer.content)
    assert copy["format"] == "boai-person-v1"
    assert (copy["person"]["name"], copy["person"]["telephone"]) == ("张小三", "13800138000")
    assert len(copy["person"]["identity_number"]) == 18
    assert copy["categories"][0]["category"] == "disability"
    assert [look["who"] for look in copy["who_looked"]] == [officer.name]
    assert copy["relief"] == []
    assert client.post(reverse("registry:request_copy_pdf", args=[made.id])).content.startswith(b"%PDF")
    client.post(reverse("registry:request_finish", args=[made.id]))
    set_scope(EVERYWHERE)
    assert SensitiveLook.objects.count() == 2
    assert DataRequest.objects.get().state == RequestState.DONE


def test_a_deletion_takes_two_and_leaves_the_log_valid(actor_for: Make, at: datetime) -> None:
    officer, supervisor = actor_for("officer"), actor_for("supervisor")
    household = make_household(officer, at)
    head = _head(household)
    services.category_add(resident_id=head.id, kind="disability", detail="二级", valid_from=DAY, source="残联",
                          evidence="", actor=officer, at=at)  # fmt: skip
    before = list(AuditEntry.objects.filter(obj=reference(head)).values_list("id", "commit"))
    made = _request(household, officer, at, kind="delete")
    with pytest.raises(NotAllowed):
        services.request_decide(request_id=made.id, action="grant", answer="", actor=officer, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        DataRequest.objects.filter(id=made.id).update(state="granted", decided_by=made.received_by, decided_at=at)
    assert _head(household).name == "张小三"
    services.request_decide(request_id=made.id, action="grant", answer="已删除", actor=supervisor, at=at)
    gone = Resident.objects.get(id=head.id)
    assert (gone.name, gone.number, gone.number_blind, gone.phone, gone.account) == ("已删除", "", None, "", "")
    assert (gone.end_reason, gone.number_tail, gone.initials, gone.born_on) == (EndReason.ERASED, "", "", None)
    assert not CategoryEntry.objects.filter(resident_id=head.id).exists()
    assert Household.objects.get(id=household.id).ended_on == DAY
    assert DataRequest.objects.get().state == RequestState.DONE
    for key, commit in before:  # what the log committed to is unchanged, and can no longer be opened
        entry = AuditEntry.objects.get(id=key)
        assert (entry.payload, entry.salt, bytes(entry.commit)) == (None, None, bytes(commit))
    for entry in AuditEntry.objects.filter(payload__isnull=False):
        assert commitment(bytes(entry.salt or b""), bytes(entry.payload or b"")) == bytes(entry.commit)
