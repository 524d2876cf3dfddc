"""What a stranger tries: strange addresses, borrowed page numbers, floods. A plain sentence, and nothing half-done."""

from __future__ import annotations

import string
from typing import Any

import pytest
from django.test import Client

from boai.governance.models import Notice, Objection
from boai.journeys.tests.county import FullCounty
from boai.kernel.ids import CODE_ALPHABET
from boai.portal import limits
from boai.portal.limits import Limit
from boai.portal.models import Draft
from boai.portal.tests.test_apply import PERSON, answers_to, begin, everything, photo, write
from boai.relief.models import Case, Programme

FACTS = "这家去年刚买了小汽车，村里都知道。"
DIGITS = "9" * 4400
LONG = "王" * 5000


@pytest.fixture
def code(tongwei: FullCounty) -> str:
    """The number of a notice that is open to objection."""
    tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    return str(Notice.objects.get().code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        f"/checkpoints/?before={DIGITS}",
        "/checkpoints/?before=%C2%B2",
        "/checkpoints/?before=%EF%BC%99",
        f"/given/?year={DIGITS}",
        "/given/?year=%00",
        "/notices/?village=%00",
        "/?at=%00",
    ],
)
def test_a_strange_number_in_an_address_is_ignored(public: Client, address: str) -> None:
    assert public.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page_id", [LONG, "x" * 5000, "\x00", "\u202e", ""])
def test_the_number_of_a_page_may_be_anything(public: Client, code: str, page_id: str) -> None:
    answer = public.post(f"/notices/{code}/object", {"text": FACTS, "page": page_id})
    assert (answer.status_code, answer["Location"]) == (302, "/objection/case/")
    everything()
    assert Objection.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("choice", [LONG, "\x00", "\u202e", "<script>"])
def test_a_choice_that_was_not_offered_is_not_repeated(public: Client, code: str, choice: str) -> None:
    answer = public.post(f"/notices/{code}/object", {"text": FACTS, "subject": choice})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请从列表里选一项。" in text
    assert choice not in text
    everything()
    assert not Objection.objects.exists()


@pytest.mark.django_db
def test_hidden_signs_and_too_much_text_are_named_on_the_verify_page(public: Client) -> None:
    assert "里面有看不见的特殊字符" in public.post("/verify/", {"text": "A\x00B"}).content.decode()
    assert "太长了，请写短一些。" in public.post("/verify/", {"text": "A" * 5000}).content.decode()


@pytest.mark.django_db
def test_pages_sent_without_a_draft_are_counted_as_beginnings(
    public: Client, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.PER_NETWORK, "apply-start", Limit(2, limits.HOUR))
    codes = []
    for _try in range(3):
        public.cookies.clear()
        codes.append(public.post("/apply/person/", PERSON).status_code)
    assert codes == [302, 302, 429]
    everything()
    assert Draft.objects.count() == 2


@pytest.mark.django_db
def test_photos_are_counted_one_by_one(public: Client, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.PER_NETWORK, "apply-photo", Limit(3, limits.HOUR))
    begin(public)
    assert public.post("/apply/photos/", {"photos": [photo("1.jpg"), photo("2.jpg")]}).status_code == 302
    assert public.post("/apply/photos/", {"photos": [photo("3.jpg"), photo("4.jpg")]}).status_code == 429
    page = public.get("/apply/photos/").content.decode()
    assert "2.jpg" in page
    assert "3.jpg" not in page


@pytest.mark.django_db
def test_one_telephone_is_not_written_to_without_end(
    public: Client, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.PER_CODE, "apply-send", (Limit(1, limits.DAY),))

    def send(phone: str, network: str) -> int:
        public.cookies.clear()
        begin(public)
        write(public, answers_to(programme) | {"person": {**PERSON, "phone": phone}})
        return int(public.post("/apply/check/", REMOTE_ADDR=network).status_code)

    assert send("13800138000", "198.51.100.1") == 302
    assert send("138 0013 8000", "198.51.100.2") == 429, "another network, the same telephone"
    assert send("13800138001", "198.51.100.2") == 302
    everything()
    assert Case.objects.count() == 2


@pytest.mark.django_db
def test_an_invented_forwarding_header_opens_no_new_account_of_tries(
    public: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.PER_NETWORK, "verify", Limit(3, limits.HOUR))

    def tries(**headers: str) -> list[int]:
        return [public.get("/verify/2222222222", headers={k: v.format(i) for k, v in headers.items()}).status_code
                for i in range(5)]  # fmt: skip

    assert tries(x_forwarded_for="203.0.113.{}") == [404, 404, 404, 429, 429]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert tries(x_forwarded_for="203.0.113.{}, 198.51.100.7") == [404, 404, 404, 429, 429]


@pytest.mark.django_db
def test_a_sign_that_no_code_has_is_named(public: Client) -> None:
    """Who reads B for 8 on a creased paper is told, whichever of the signs it is."""
    strange = [sign for sign in string.digits + string.ascii_uppercase if sign not in CODE_ALPHABET]
    for sign in strange:
        page = public.post("/follow/", {"code": "2345678" + sign, "tail": "0001"}).content.decode()
        said = page[page.index("编号里没有") : page.index("请再看一遍")]
        assert all(other in said for other in strange)
