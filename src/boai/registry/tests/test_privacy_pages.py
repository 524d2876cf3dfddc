"""The pages about uses of data, answers, corrections, keeping and responses: who sees them, and that they work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from boai.files.tests.factories import photo
from boai.kernel.clock import now
from boai.kernel.errors import UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.models import (
    Consent,
    DataRequest,
    Emergency,
    EmergencyTag,
    RegisterExport,
    Resident,
    RetentionProposal,
)
from boai.registry.purposes import VERSIONS, Purpose
from boai.registry.tests.factories import signed_in
from boai.registry.tests.test_consents import head_of
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def _elsewhere(actor_for: Make) -> Actor:
    return actor_for(
        "officer", Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    )


def test_the_uses_with_basis_and_source(actor_for: Make) -> None:
    page = signed_in(actor_for("officer")).get(reverse("registry:purposes")).content.decode()
    for words in ("公示中出现姓名", "《个人信息保护法》第二十五条", "确定：已查阅正式文本", "30 年"):
        assert words in page


def test_an_answer_is_asked_for_written_down_and_taken_back(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    head = head_of(make_household(officer, at))
    client = signed_in(officer)
    listed, ask = (
        reverse("registry:household_consents", args=[head.household_id]),
        reverse("registry:consent", args=[head.id, "share"]),
    )
    assert "尚未征求" in client.get(listed).content.decode()
    assert "已向您说明的合作单位" in client.get(ask).content.decode()
    typed = {"answer": "given", "giver": "guardian", "name": "", "way": "paper", "said_on": "2026-11-24",
             "version": VERSIONS[Purpose.SHARE].isoformat(), "witness": ""}  # fmt: skip
    refused = client.post(ask, typed)
    assert refused.status_code == 422
    assert "请填写监护人" in refused.content.decode()
    done = client.post(ask, typed | {"name": "张大（父亲）", "photo": SimpleUploadedFile("签字.jpg", photo())})
    assert done.status_code == 302
    assert "可以使用" in client.get(listed).content.decode()
    take = reverse("registry:consent_withdraw", args=[head.id, "share"])
    assert client.post(take, typed | {"giver": "person", "way": "screen"}).status_code == 302
    history = client.get(reverse("registry:consent_history", args=[head.id])).content.decode()
    assert "已撤回同意" in history
    assert "张大（父亲）" in history
    set_scope(EVERYWHERE)
    assert Consent.objects.count() == 2


def test_strangers_get_nothing(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = make_household(officer, at)
    head = head_of(home)
    response = services.emergency_open(
        region_code="621121000000", name="暴雨", started_on=at.date(), actor=officer, at=at
    )
    stranger = signed_in(_elsewhere(actor_for))
    for address in (
        reverse("registry:household_consents", args=[home.id]), reverse("registry:consent_history", args=[head.id]),
        reverse("registry:consent", args=[head.id, "share"]), reverse("registry:household_tag", args=[home.id]),
        reverse("registry:emergency", args=[response.id]),
    ):  # fmt: skip
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(reverse("registry:emergency_end", args=[response.id])).status_code in (403, 404)
    assert signed_in(officer).get(reverse("registry:consent", args=[head.id, "accounting"])).status_code == 404
    cadre = signed_in(actor_for("cadre"))
    assert cadre.post(reverse("registry:consent", args=[head.id, "share"]), {"answer": "given"}).status_code == 403
    set_scope(EVERYWHERE)
    assert not Consent.objects.exists()
    assert Emergency.objects.get().ended_at is None


def test_a_correction_hangs_on_its_request(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    head = head_of(make_household(officer, at))
    made = services.request_receive(
        resident_id=head.id, kind="correct", words="电话换了", asked_by="本人到场", actor=officer, at=at
    )
    client = signed_in(officer)
    correct = reverse("registry:request_correct", args=[made.id])
    typed = {"name": "张小三", "sex": "", "born_on": "", "number": "", "phone": "13900139000", "account": "", "bank": "",
             "version": str(head.version)}  # fmt: skip
    assert client.post(correct, typed).status_code == 422, "nobody has granted it yet"
    set_scope(EVERYWHERE)
    assert Resident.objects.get(id=head.id).phone == "13800138000"
    services.request_decide(request_id=made.id, action="grant", answer="", actor=officer, at=at)
    with pytest.raises(UnableTo):
        services.request_finish(request_id=made.id, actor=officer, at=at)
    assert client.post(correct, typed).status_code == 302
    set_scope(EVERYWHERE)
    assert Resident.objects.get(id=head.id).phone == "13900139000"
    assert DataRequest.objects.get().changed == ["phone"]
    head.household.refresh_from_db()
    home = {"region_code": head.region_code, "address": "9组", "office_number": "", "income_fen": "",
            "version": str(head.household.version)}  # fmt: skip
    assert client.post(reverse("registry:request_correct_home", args=[made.id]), home).status_code == 302
    set_scope(EVERYWHERE)
    assert DataRequest.objects.get().changed == ["address", "income_fen", "phone"]
    services.request_finish(request_id=made.id, actor=officer, at=at)
    page = client.get(reverse("registry:request", args=[made.id])).content.decode()
    assert "电话" in page
    assert "住址" in page


def test_an_objection_names_its_use(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    head = head_of(make_household(officer, at))
    client = signed_in(officer)
    new = reverse("registry:request_new", args=[head.household_id])
    typed = {"resident_id": str(head.id), "kind": "object", "asked_by": "本人到场", "words": "", "purpose": ""}
    assert client.post(new, typed).status_code == 422
    assert client.post(new, typed | {"purpose": "accounting"}).status_code == 422
    assert client.post(new, typed | {"purpose": "contact"}).status_code == 302
    listed = client.get(reverse("registry:household_consents", args=[head.household_id])).content.decode()
    assert "已提出反对，决定前暂停" in listed


def test_keeping_and_a_proposal(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = make_household(officer, at - timedelta(days=8 * 366))
    services.retention_run(at=now())
    client = signed_in(officer)
    page = client.get(reverse("registry:keeping")).content.decode()
    assert "张小三" in page
    assert "180 天" in page
    assert "提请人工决定的家庭" in page
    set_scope(EVERYWHERE)
    address = reverse("registry:proposal", args=[RetentionProposal.objects.get().id])
    assert client.post(address, {"action": "keep", "reason": ""}).status_code == 422
    assert client.post(address, {"action": "confirm", "reason": ""}).status_code == 302
    set_scope(EVERYWHERE)
    assert head_of(home).name == "已删除"
    assert signed_in(actor_for("cadre")).get(reverse("registry:keeping")).status_code == 403


def test_a_response_from_opening_to_end(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = make_household(officer, at)
    client = signed_in(officer)
    tag = reverse("registry:household_tag", args=[home.id])
    assert client.get(tag)["Location"] == reverse("registry:emergencies")
    made = client.post(reverse("registry:emergencies"), {"name": "11·24暴雨", "started_on": "2026-11-24"})
    address = made["Location"]
    set_scope(EVERYWHERE)
    assert client.post(tag, {"thing": str(Emergency.objects.get().id)}).status_code == 302
    assert "家庭 1 户，人员 1 人" in client.get(address).content.decode()
    assert client.post(address + "end/").status_code == 302
    assert "已结束" in client.get(address).content.decode()
    set_scope(EVERYWHERE)
    assert EmergencyTag.objects.get().household_id == home.id


def test_a_list_says_who_gets_it(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    make_household(officer, at)
    client = signed_in(officer)
    address = reverse("registry:export_list")
    typed = {"region": "", "category": "", "purpose": "交爱心企业"}
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"outside": "outside"}).status_code == 422
    set_scope(EVERYWHERE)
    assert not RegisterExport.objects.exists()
    assert client.post(address, typed | {"outside": "inside"}).status_code == 302
