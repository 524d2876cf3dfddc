"""An application from the first page to the code: kept, corrected, sent once, and never half."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from boai.audit.models import AuditEntry
from boai.files.models import StoredFile
from boai.journeys.tests.county import FullCounty
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.messages.models import Message
from boai.people.models import Branch, User
from boai.portal import texts
from boai.portal.models import Draft
from boai.portal.services.applications import drafts_sweep
from boai.portal.services.drafts import KEPT
from boai.relief.models import Application, Case, Paper, Programme

VILLAGE = "621121102207"
NUMBER = "11010519491231002X"
PERSON = {"beneficiary_name": "王 小 明", "id_number": "１１０１０５１９４９１２３１００２ｘ", "phone": "138 0013 8000"}
CONSENT = {"keep": "on", "sensitive": "on", "publish": "on"}
Answers = dict[str, dict[str, Any]]


@pytest.fixture
def answers(programme: Programme) -> Answers:
    return answers_to(programme)


def answers_to(programme: Programme) -> Answers:
    """What a resident answers on each page."""
    return {
        "who": {"kind": "self"},
        "person": PERSON,
        "where": {"village": VILLAGE, "address": "三社12号"},
        "need": {
            "programme": str(programme.id), "cause": "hardship", "story": "儿子受伤,家里没有收入。", "cost_total": "1.2万",
            "cost_insurance": "4000元", "requested": "",
        },
        "photos": {},
        "consent": CONSENT,
    }  # fmt: skip


def begin(public: Client) -> None:
    assert public.post("/apply/").status_code == 302


def write(public: Client, answers: Answers) -> None:
    """Fill in the pages given; each leads on."""
    for name, data in answers.items():
        answer = public.post(f"/apply/{name}/", data)
        assert answer.status_code == 302, (name, answer.content.decode())


def everything() -> None:
    """After a request the connection sees nothing any more; the test wants to look."""
    set_scope(EVERYWHERE)


def photo(name: str = "票据.jpg") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    return SimpleUploadedFile(name, picture.getvalue(), "image/jpeg")


@pytest.mark.django_db
def test_an_application_becomes_one_case(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    check = public.get("/apply/check/").content.decode()
    for shown in ("王小明", "110105 19491231 002X", "13800138000", "¥12,000.00", "三社12号"):
        assert shown in check
    assert public.post("/apply/check/").url == "/apply/done/"  # type: ignore[attr-defined]  # a redirect
    done = public.get("/apply/done/").content.decode()
    everything()
    case = Case.objects.get()
    assert f"{case.code[:4]} {case.code[4:]}" in done
    assert "8000" in done
    said = case.application
    assert (case.beneficiary_name, case.region_code, case.state) == ("王小明", VILLAGE, "applied")
    assert (said.phone, said.id_number, said.channel) == ("13800138000", NUMBER, "portal")
    assert (said.cost_total_fen, said.cost_insurance_fen, case.requested_fen) == (1_200_000, 400_000, 0)
    assert said.consent_keep_at
    assert said.consent_sensitive_at
    assert said.consent_publish_at
    assert said.consent_compare_at is None
    sent = Message.objects.get()
    assert sent.address == "13800138000"
    assert case.code in sent.body
    consents = AuditEntry.objects.get(type="portal.application.consented").contents()["facts"]
    assert consents == {"keep": True, "sensitive": True, "publish": True, "compare": False, "texts": texts.VERSION}


@pytest.mark.django_db
def test_a_double_click_sends_once(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    first, second = public.post("/apply/check/"), public.post("/apply/check/")
    assert first["Location"] == second["Location"] == "/apply/done/"
    everything()
    assert Message.objects.count() == 1
    assert Case.objects.count() == 1


def test_two_phones_pressing_at_the_same_moment_send_once(
    own_database: str, actor_for: Callable[..., Any], at: datetime, race: Callable[..., list[Any]]
) -> None:
    programme = FullCounty(Branch.objects.get(), actor_for, at).programme()
    public = Client()
    begin(public)
    write(
        public,
        {
            "who": {"kind": "self"},
            "person": PERSON,
            "where": {"village": VILLAGE},
            "need": {"programme": str(programme.id), "cause": "other", "story": "家里很困难"},
            "consent": CONSENT,
        },
    )
    cookies = public.cookies

    def press() -> int:
        other = Client()
        other.cookies = cookies
        return other.post("/apply/check/").status_code

    assert race([press] * 4) == [302] * 4
    everything()
    assert Case.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["who", "person", "where", "need", "consent"])
def test_nothing_is_sent_while_something_is_wrong(public: Client, answers: Answers, missing: str) -> None:
    begin(public)
    write(public, {name: data for name, data in answers.items() if name != missing})
    answer = public.post("/apply/check/")
    assert answer.status_code == 200
    assert "没填好" in answer.content.decode()
    everything()
    assert not Case.objects.exists()
    assert Draft.objects.get().sent_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"id_number": ""}, "id_number"),
        ({"phone": "1380013800"}, "phone"),
        ({"beneficiary_name": "王*明"}, "beneficiary_name"),
        ({"beneficiary_name": "王" * 5000}, "beneficiary_name"),
        ({"beneficiary_name": "王\u202e明"}, "beneficiary_name"),
        ({"beneficiary_name": "王\x00明"}, "beneficiary_name"),
        ({"beneficiary_name": ""}, "beneficiary_name"),
    ],
)
def test_an_error_stands_at_its_field_and_the_text_is_kept(
    public: Client, answers: Answers, change: dict[str, str], field: str
) -> None:
    begin(public)
    write(public, {"who": answers["who"]})
    answer = public.post("/apply/person/", PERSON | change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert re.search(rf'name="{field}"[^>]*aria-describedby="[^"]*id_{field}_error', page)
    again = public.get("/apply/person/").content.decode()
    kept = {**PERSON, **change}
    assert f'value="{kept["phone"]}"' in again
    everything()
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_lost_cookie_loses_nothing(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, {"who": answers["who"]})
    page = public.get("/apply/person/").content.decode()
    found = re.search(r'name="draft" value="([^"]+)"', page)
    assert found
    public.cookies.clear()
    assert public.post("/apply/person/", {**PERSON, "draft": found[1]}).status_code == 302
    assert "王 小 明" in public.get("/apply/person/").content.decode()


@pytest.mark.django_db
def test_a_page_sent_after_its_day_is_kept_and_the_rest_asked_again(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, {"who": answers["who"]})
    everything()
    assert drafts_sweep(at=now() + KEPT) == 1
    answer = public.post("/apply/person/", PERSON, follow=True)
    assert "这一页的内容已保存" in answer.content.decode()
    assert "王 小 明" in public.get("/apply/person/").content.decode()
    assert "没填好" in public.get("/apply/check/").content.decode()


@pytest.mark.django_db
def test_no_address_holds_anything_personal(public: Client, answers: Answers) -> None:
    begin(public)
    for name, data in answers.items():
        location = public.post(f"/apply/{name}/", data)["Location"]
        assert re.fullmatch(r"/apply/[a-z]+/", location)
    everything()
    stored = Draft.objects.get()
    cookie = public.cookies["boai_apply"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/apply/"
    assert cookie.value.encode() not in bytes(stored.token_hash)


@pytest.mark.django_db
def test_a_child_has_a_guardian_and_only_the_guardian_is_paid(public: Client, answers: Answers) -> None:
    child = {
        "applicant_name": "王大山", "applicant_relation": "父亲", "phone": "13800138000", "beneficiary_name": "王小娃",
        "no_id_reason": "还没有上户口", "born_on": "2020年3月4日",
    }  # fmt: skip
    begin(public)
    write(public, answers | {"who": {"kind": "guardian"}, "person": child, "consent": CONSENT | {"authorised": "on"}})
    public.post("/apply/check/")
    everything()
    said = Application.objects.get()
    assert said.minor
    assert (said.guardian_name, said.payee_kind, said.payee_name) == ("王大山", "guardian", "王大山")
    assert said.no_id_reason == "还没有上户口"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "born"), [("self", "2020年3月4日"), ("proxy", "2020年3月4日"), ("guardian", "1956年3月4日")]
)
def test_age_and_who_applies_have_to_fit(public: Client, kind: str, born: str) -> None:
    begin(public)
    write(public, {"who": {"kind": kind}})
    data = {"applicant_name": "王大山", "applicant_relation": "亲戚", "phone": "13800138000", "beneficiary_name": "王小娃",
            "no_id_reason": "丢了", "born_on": born}  # fmt: skip
    answer = public.post("/apply/person/", data)
    assert answer.status_code == 422
    assert "born_on_error" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["keep", "sensitive", "authorised"])
def test_without_the_needed_consents_nothing_is_taken(public: Client, answers: Answers, missing: str) -> None:
    proxy = PERSON | {"applicant_name": "王大山", "applicant_relation": "儿子"}
    consent = {k: v for k, v in (CONSENT | {"authorised": "on"}).items() if k != missing}
    begin(public)
    write(public, answers | {"who": {"kind": "proxy"}, "person": proxy, "consent": CONSENT | {"authorised": "on"}})
    assert public.post("/apply/consent/", consent).status_code == 422
    public.post("/apply/check/")
    everything()
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_the_free_consents_are_free(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers | {"consent": {"keep": "on", "sensitive": "on"}})
    public.post("/apply/check/")
    everything()
    said = Application.objects.get()
    assert said.consent_publish_at is None
    assert said.consent_compare_at is None


@pytest.mark.django_db
def test_without_scripts_the_village_comes_after_the_township(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, {k: answers[k] for k in ("who", "person")})
    answer = public.post("/apply/where/", {"village": "621121102000", "address": "三社"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "请接着选村" in page
    assert f'value="{VILLAGE}"' in page
    assert "三社" in page
    assert public.post("/apply/where/", {"village": ["621121102000", VILLAGE]}).status_code == 302


@pytest.mark.django_db
def test_a_village_may_be_written_by_its_name(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers | {"where": {"village": "", "village-text": "鸡川镇牛坡村"}})
    assert public.post("/apply/check/").status_code == 302
    everything()
    assert Case.objects.get().region_code == VILLAGE


@pytest.mark.django_db
def test_a_village_of_another_county_is_refused(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, {k: answers[k] for k in ("who", "person")})
    assert public.post("/apply/where/", {"village": "430121100001"}).status_code == 422


@pytest.mark.django_db
def test_photos_come_along_and_leave_no_copy_behind(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    public.post("/apply/photos/", {"kind": "income", "photos": [photo(), photo("第二张.jpg")]})
    page = public.get("/apply/photos/").content.decode()
    assert "票据" in page
    everything()
    assert StoredFile.objects.filter(purpose="portal-draft", erased_at=None).count() == 2
    assert public.post("/apply/check/").status_code == 302
    everything()
    case = Case.objects.get()
    assert Paper.objects.filter(case=case, file_id__isnull=False).count() == 2
    assert StoredFile.objects.filter(purpose="portal-draft", erased_at=None).count() == 0
    assert StoredFile.objects.filter(purpose="relief-paper", erased_at=None).count() == 2


@pytest.mark.django_db
def test_what_is_no_photo_is_refused_and_the_others_are_kept(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    fake = SimpleUploadedFile("照片.jpg", b"MZ\x90\x00 this is a program", "image/jpeg")
    page = public.post("/apply/photos/", {"kind": "other", "photos": [fake, photo()]}, follow=True).content.decode()
    assert "照片.jpg" in page
    everything()
    assert StoredFile.objects.filter(purpose="portal-draft").count() == 1


@pytest.mark.django_db
def test_a_photo_taken_out_is_erased(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, {"who": answers["who"]})
    public.post("/apply/photos/", {"kind": "other", "photos": [photo()]})
    everything()
    stored = StoredFile.objects.get()
    public.post("/apply/photos/", {"drop": str(stored.id)})
    everything()
    assert StoredFile.objects.get().erased_at is not None
    assert "票据" not in public.get("/apply/photos/").content.decode()


@pytest.mark.django_db
def test_photos_that_were_chosen_before_pressing_next_are_kept(public: Client, programme: Programme) -> None:
    """Nobody reads that there is a second button; a chosen photo that is silently dropped is found out weeks later."""
    begin(public)
    go = {"kind": "other", "go": "on"}
    assert public.post("/apply/photos/", go | {"photos": [photo()]})["Location"] == "/apply/consent/"
    assert "票据" in public.get("/apply/photos/").content.decode()
    fake = SimpleUploadedFile("假的.jpg", b"no photo", "image/jpeg")
    answer = public.post("/apply/photos/", go | {"then": "check", "photos": [fake]})
    assert answer["Location"] == "/apply/photos/?then=check", "what was refused is said where it can be put right"
    assert "假的.jpg：" in public.get("/apply/photos/?then=check").content.decode()
    assert public.post("/apply/photos/", go | {"then": "check"})["Location"] == "/apply/check/"


@pytest.mark.django_db
def test_an_unsent_application_is_swept_away_with_its_photos(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    public.post("/apply/photos/", {"kind": "other", "photos": [photo()]})
    everything()
    assert drafts_sweep(at=now() + KEPT + timedelta(minutes=1)) == 1
    assert not Draft.objects.exists()
    assert StoredFile.objects.get().erased_at is not None


@pytest.mark.django_db
def test_forgetting_deletes_at_once(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    assert public.post("/apply/forget/").status_code == 302
    everything()
    assert not Draft.objects.exists()
    assert public.get("/apply/check/").status_code == 302


@pytest.mark.django_db
def test_somebody_elses_draft_cannot_be_opened(public: Client, answers: Answers) -> None:
    begin(public)
    write(public, answers)
    stranger = Client()
    assert stranger.get("/apply/check/")["Location"] == "/apply/"
    stranger.post("/apply/check/", {"draft": "guess"})
    everything()
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_staff_who_are_signed_in_apply_as_anybody_would(
    public: Client, answers: Answers, actor_for: Callable[..., Any]
) -> None:
    cashier = User.objects.get(id=actor_for("cashier").user_id)
    public.force_login(cashier, backend="allauth.account.auth_backends.AuthenticationBackend")
    begin(public)
    write(public, answers)
    assert public.post("/apply/check/")["Location"] == "/apply/done/"
    everything()
    case = Case.objects.get()
    assert case.created_by_id is None
    assert case.application.channel == "portal"


@pytest.mark.django_db
def test_begins_are_counted_per_network(public: Client, programme: Programme) -> None:
    answers = [public.post("/apply/").status_code for _ in range(61)]
    assert answers[:60] == [302] * 60
    assert answers[60] == 429
