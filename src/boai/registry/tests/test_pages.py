"""The pages: who may see them, what they say, how many questions they ask."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.people.models import Branch, User
from boai.registry import services
from boai.registry.enums import IntakeState
from boai.registry.models import Household, Intake, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import checked, signed_in, villages
from boai.registry.tests.register_files import household, number_for, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 11, 24)


def make_household(actor: Actor, at: datetime, *, name: str = "张小三", sequence: int = 1, place: int = 0) -> Household:
    number = read_person_number(number_for(date(1956, 3, 4), male=True, sequence=sequence), on=DAY)
    facts = HouseholdFacts(region_code=villages(8)[place % 8][2], address="3组12号", income_fen=800_000)
    head = PersonFacts(name=name, relation="head", number=number, phone="13800138000", account="622848001234567")
    return services.household_create(facts=facts, head=head, actor=actor, at=at)


class TestList:
    def test_one_row_and_thirty_cost_the_same(
        self, actor_for: Make, at: datetime, django_assert_num_queries: Callable[..., object]
    ) -> None:
        officer = actor_for("officer")
        client = signed_in(officer)
        make_household(officer, at)
        searched = reverse("registry:household_list") + "?q=张小"
        client.get(searched)
        with _counted() as one:
            client.get(searched)
        for i in range(2, 31):
            make_household(officer, at, name=f"张小{'一二三四五六七八九十'[i % 10]}", sequence=i, place=i)
        with _counted() as thirty:
            answer = client.get(searched)
        assert len(answer.context["page"].rows) == 30
        assert len(one) == len(thirty)

    @pytest.mark.parametrize(
        "text",
        [
            "张小",
            "zxs",
            "zhangxiaosan",
            "13800138000",
            number_for(date(1956, 3, 4), male=True),
            "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
            "张 小 三",
        ],
    )
    def test_search_finds_by_what_the_text_looks_like(self, text: str, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        make_household(officer, at, name="王大", sequence=2)
        Resident.objects.filter(name="王大").update(phone_blind=None)
        page = signed_in(officer).get(reverse("registry:household_list"), {"q": text}).context["page"]
        assert [row.id for row in page.rows] == [made.id]

    def test_four_digits_end_a_telephone_number_or_begin_an_office_number(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        by_phone, by_number = make_household(officer, at), make_household(officer, at, name="王大", sequence=2)
        tail = Resident.objects.exclude(phone_tail="").get(household=by_phone).phone_tail
        Resident.objects.filter(household=by_number).update(phone_tail="")
        Household.objects.filter(id=by_number.id).update(office_number=f"{tail}07")
        client = signed_in(officer)
        found = {row.id for row in client.get("/register/", {"q": tail}).context["page"].rows}
        assert found == {by_phone.id, by_number.id}
        assert client.get("/register/", {"q": tail[:3]}).context["page"].rows[0].id == by_number.id

    def test_search_by_code_and_by_nothing_known(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        client = signed_in(officer)
        assert [r.id for r in client.get("/register/", {"q": made.code.lower()}).context["page"].rows] == [made.id]
        assert client.get("/register/", {"q": "没有这个人"}).context["page"].rows == []
        assert client.get("/register/", {"q": "x" * 200, "key": "after:nonsense"}).status_code == 200

    def test_pages_follow_each_other_and_back(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        for i in range(35):
            make_household(officer, at, sequence=i, place=i)
        client = signed_in(officer)
        first = client.get("/register/?q=张小").context
        second = client.get("/register/" + first["next_url"]).context
        assert (len(first["page"].rows), len(second["page"].rows)) == (30, 5)
        assert (first["previous_url"], second["next_url"]) == ("", "")
        back = client.get("/register/" + second["previous_url"]).context
        assert [r.id for r in back["page"].rows] == [r.id for r in first["page"].rows]

    def test_the_stranger_sees_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = signed_in(actor_for("officer", other))
        assert stranger.get("/register/?q=张小三").context["page"].rows == []
        for name in ("household", "household_edit", "head", "household_close", "resident_new"):
            assert stranger.get(reverse(f"registry:{name}", args=[made.id])).status_code == 404
        assert stranger.post(reverse("registry:sensitive", args=[made.id]), {"reason": "好奇"}).status_code == 404
        set_scope(EVERYWHERE)
        assert not AuditEntry.objects.filter(type="registry.sensitive.read").exists()

    def test_posts_without_the_duty_are_turned_away(self, actor_for: Make, at: datetime) -> None:
        made = make_household(actor_for("officer"), at)
        cashier, cadre = signed_in(actor_for("cashier")), signed_in(actor_for("cadre"))
        assert cashier.get("/register/").status_code == 403
        assert cadre.get(reverse("registry:household", args=[made.id])).status_code == 200
        assert cadre.get(reverse("registry:household_edit", args=[made.id])).status_code == 403
        assert cadre.get(reverse("registry:intake_list")).status_code == 403
        assert Client().get("/register/").status_code == 302


class TestHousehold:
    def test_the_page_shows_tails_only(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        text = signed_in(officer).get(reverse("registry:household", args=[made.id])).content.decode()
        number = number_for(date(1956, 3, 4), male=True)
        assert f"****{number[-4:]}" in text
        assert number not in text
        assert "13800138000" not in text
        assert "622848001234567" not in text

    def test_sensitive_facts_open_by_a_recorded_click(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        head = made.residents.get()
        services.category_add(
            resident_id=head.id, kind="mental", detail="二级", valid_from=DAY, source="县残联", actor=officer, at=at
        )
        services.category_add(
            resident_id=head.id, kind="low_income", valid_from=DAY, source="县民政局", actor=officer, at=at
        )
        client = signed_in(officer)
        closed = client.get(reverse("registry:household", args=[made.id])).content.decode()
        assert "县残联" not in closed
        assert "县民政局" in closed
        refused = client.post(reverse("registry:sensitive", args=[made.id]), {"reason": " "})
        assert refused.status_code == 422
        assert not AuditEntry.objects.filter(type="registry.sensitive.read").exists()
        opened = client.post(reverse("registry:sensitive", args=[made.id]), {"reason": "核实大病救助申请"})
        assert "县残联" in opened.content.decode()
        assert "13800138000" in opened.content.decode()
        assert opened["Cache-Control"] == "no-store"
        assert AuditEntry.objects.filter(type="registry.sensitive.read", actor_id=officer.user_id).count() == 1
        cadre = signed_in(actor_for("cadre"))
        assert cadre.post(reverse("registry:sensitive", args=[made.id]), {"reason": "看看"}).status_code == 403
        assert AuditEntry.objects.filter(type="registry.sensitive.read").count() == 1

    def test_a_household_is_entered_and_changed_by_hand(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        client = signed_in(officer)
        _, _, village = villages(2)[1]
        data = {
            "region_code": village,
            "address": "5组",
            "name": "李 四",
            "number": number_for(date(1960, 5, 6), male=False),
            "phone": "0932-5551234",
            "income_fen": "1.2万",
        }
        answer = client.post(reverse("registry:household_new"), data)
        made = Household.objects.get()
        assert answer.headers["Location"] == reverse("registry:household", args=[made.id])
        head = made.residents.get()
        assert (head.name, head.sex, head.born_on, head.phone, made.income_fen) == (
            "李四",
            "f",
            date(1960, 5, 6),
            "09325551234",
            1_200_000,
        )
        edit = reverse("registry:resident_edit", args=[head.id])
        page = client.get(edit).content.decode()
        assert data["number"] not in page
        saved = client.post(edit, {"name": "李四", "version": head.version, "phone": "13900139000"})
        assert saved.status_code == 302
        head.refresh_from_db()
        assert (head.phone, head.number, head.born_on, head.version) == (
            "13900139000",
            data["number"],
            date(1960, 5, 6),
            2,
        )
        stale = client.post(edit, {"name": "李五", "version": 1})
        assert stale.status_code == 422
        head.refresh_from_db()
        assert head.name == "李四"

    def test_bad_input_stays_on_the_form(self, actor_for: Make) -> None:
        client = signed_in(actor_for("officer"))
        _, _, village = villages(2)[1]
        for wrong, field in (
            ({"number": "621121195603041231"}, "number"),
            ({"name": "长" * 5000}, "name"),
            ({"name": "张\u202e三"}, "name"),
            ({"name": "张\x00三"}, "name"),
            ({"address": "3组\u202e"}, "address"),
            ({"born_on": "2030-01-01"}, "born_on"),
            ({"phone": "1380013800"}, "phone"),
            ({"income_fen": "-5"}, "income_fen"),
            ({"region_code": "110105001001"}, "region_code"),
            ({"region_code": "621121000000"}, "region_code"),
        ):
            answer = client.post(reverse("registry:household_new"), {"region_code": village, "name": "张三", **wrong})
            assert answer.status_code == 422, wrong
            assert field in answer.context["form"].errors, wrong
        assert not Household.objects.exists()

    def test_members_come_leave_and_become_the_head(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        client = signed_in(officer)
        added = client.post(
            reverse("registry:resident_new", args=[made.id]),
            {"name": "王五", "relation": "spouse", "sex": "f", "born_on": "1958-01-02"},
        )
        assert added.status_code == 302
        spouse = made.residents.get(name="王五")
        former = made.residents.get(name="张小三")
        changed = client.post(
            reverse("registry:head", args=[made.id]),
            {"version": made.version, "new_head_id": spouse.id, "former_becomes": "spouse"},
        )
        assert changed.status_code == 302
        left = client.post(
            reverse("registry:resident_leave", args=[former.id]),
            {"version": former.version + 1, "reason": "death", "on": "2026-11-01"},
        )
        assert left.status_code == 302
        page = client.get(reverse("registry:household", args=[made.id])).context["view"]
        assert (page.head.name, [m.name for m in page.former]) == ("王五", ["张小三"])
        spouse.refresh_from_db()
        refused = client.post(
            reverse("registry:resident_leave", args=[spouse.id]),
            {"version": spouse.version, "reason": "moved", "on": "2026-11-02"},
        )
        assert refused.status_code == 422
        made.refresh_from_db()
        closed = client.post(
            reverse("registry:household_close", args=[made.id]),
            {"version": made.version, "reason": "moved", "on": "2026-11-03"},
        )
        assert closed.status_code == 302
        made.refresh_from_db()
        assert made.ended_on == date(2026, 11, 3)
        assert client.get(reverse("registry:resident_new", args=[made.id])).status_code == 200
        assert (
            client.post(
                reverse("registry:resident_new", args=[made.id]), {"name": "赵六", "relation": "son"}
            ).status_code
            == 422
        )


class TestIntakePages:
    def upload(self, client: Client, content: bytes, name: str = "名册.xlsx") -> object:
        return client.post(reverse("registry:intake_list"), {"file": SimpleUploadedFile(name, content)})

    def test_from_upload_to_the_findings(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        client = signed_in(officer)
        lines = [
            line
            for i in range(30)
            for line in household(random.Random(i), i, villages(4)[i % 4][:2], key=f"62112100{i:05d}")
        ]
        for line in lines[::2]:
            line.cells["phone"] = "1390000000"
        lines[1].cells["sex"] = "甲"
        content = xlsx(table(lines)).getvalue()
        answer = self.upload(client, content)
        intake = Intake.objects.get()
        assert answer.url == reverse("registry:intake", args=[intake.id])  # type: ignore[attr-defined]  # a redirect has one
        waiting = client.get(answer.url)  # type: ignore[attr-defined]  # as above
        assert waiting.context["busy"]
        assert client.get(reverse("registry:intake_progress", args=[intake.id])).status_code == 200
        assert self.upload(client, content).url == answer.url  # type: ignore[attr-defined]  # the same bytes again
        assert Intake.objects.count() == 1
        services.intake_check(intake_id=intake.id, actor=Actor.system(), at=at)
        assert client.get(reverse("registry:intake_progress", args=[intake.id]))["HX-Refresh"] == "true"
        page = client.get(answer.url).content.decode()  # type: ignore[attr-defined]  # as above
        assert "电话位数不对" in page
        first = client.get(reverse("registry:findings", args=[intake.id]))
        assert len(first.context["page"].rows) == 46
        assert first.context["page"].rows[0].row == 2
        assert first.context["page"].rows[0].value == "1390000000"
        for rule, rows in (("phone.length", 45), ("sex.unknown", 1), ("nonsense", 46)):
            narrowed = client.get(reverse("registry:findings", args=[intake.id]), {"rule": rule})
            assert len(narrowed.context["page"].rows) == rows
        assert client.get(reverse("registry:findings", args=[intake.id]), {"rule": "phone.length"}).context["rule"]
        assert client.get(reverse("registry:intake_workbook", args=[intake.id])).status_code == 404
        assert services.intake_workbook_make(intake_id=intake.id, actor=Actor.system(), at=at)
        assert client.get(reverse("registry:intake_workbook", args=[intake.id])).status_code == 200
        sent = client.post(reverse("registry:intake_file", args=[intake.id, 0]), {"reason": "核对原件"})
        assert b"".join(sent.streaming_content) == content  # type: ignore[attr-defined]  # a stream
        assert "30" in client.get(reverse("registry:intake_commit", args=[intake.id])).content.decode()
        assert not Household.objects.exists()
        client.post(reverse("registry:intake_commit", args=[intake.id]))
        services.intake_commit_run(intake_id=intake.id, actor=Actor.system(), at=at)
        assert Household.objects.count() == 30
        entered = client.get(answer.url).content.decode()  # type: ignore[attr-defined]  # as above
        assert reverse("registry:intake_workbook", args=[intake.id]) in entered, "who stayed out still needs mending"
        twice = client.post(reverse("registry:intake_commit", args=[intake.id]))
        assert twice.status_code == 409
        client.post(reverse("registry:intake_undo", args=[intake.id]))
        services.intake_undo_run(intake_id=intake.id, actor=Actor.system(), at=at)
        assert not Household.objects.exists()
        client.post(reverse("registry:intake_cancel", args=[intake.id]))
        intake.refresh_from_db()
        assert intake.state == IntakeState.CANCELLED
        assert not intake.findings.exists()

    def test_wrong_files_get_a_sentence(self, actor_for: Make) -> None:
        client = signed_in(actor_for("officer"))
        for content in (b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n", b"", b"PK\x03\x04 broken", b"<html><table>"):
            answer = self.upload(client, content)
            assert answer.status_code == 422  # type: ignore[attr-defined]  # a response has one
        assert not Intake.objects.exists()

    def test_too_large_a_file_is_refused_and_the_form_is_kept(self, actor_for: Make, settings: object) -> None:
        settings.BOAI_MAX_UPLOAD = 50_000  # type: ignore[attr-defined]  # pytest-django's settings
        client = signed_in(actor_for("officer"))
        answer = self.upload(client, b"a,b\n" * 50_000, "x.csv")
        assert answer.status_code == 422  # type: ignore[attr-defined]  # a response has one
        assert not Intake.objects.exists()

    def test_every_look_into_a_file_is_recorded_with_its_reason(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = household(random.Random(1), 1, villages(1)[0][:2], key="6211210001")
        lines[0].cells["sex"] = "甲"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        assert services.intake_workbook_make(intake_id=intake.id, actor=Actor.system(), at=at)
        client, original = signed_in(officer), reverse("registry:intake_file", args=[intake.id, 0])

        def recorded() -> list[tuple[str, str]]:
            entries = AuditEntry.objects.filter(type__in=[f"registry.intake.{one}_read" for one in
                                                          ("findings", "workbook", "original")])  # fmt: skip
            return [(one.type.split(".")[-1], str(json.loads(bytes(one.payload or b"{}"))["facts"]["reason"]))
                    for one in entries.order_by("id")]  # fmt: skip

        for _time in range(2):
            assert client.get(reverse("registry:findings", args=[intake.id])).status_code == 200
        assert recorded() == [("findings_read", "findings")]
        assert client.get(original).status_code == 200
        assert client.post(original, {"reason": " "}).status_code == 422
        assert len(recorded()) == 1, "nothing was opened"
        client.post(original, {"reason": "村里来电核对"})
        client.get(reverse("registry:intake_workbook", args=[intake.id]))
        assert recorded()[1:] == [("original_read", "村里来电核对"), ("workbook_read", "findings")]
        for denied in (actor_for("cashier"), actor_for("cadre")):
            assert signed_in(denied).post(original, {"reason": "看看"}).status_code == 403
        assert len(recorded()) == 3

    def test_the_stranger_and_the_csrf_guard(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table([])), actor=officer, at=at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = signed_in(actor_for("officer", other))
        for name in ("intake", "findings", "intake_workbook", "intake_commit", "intake_progress"):
            assert stranger.get(reverse(f"registry:{name}", args=[intake.id])).status_code == 404
        assert stranger.get(reverse("registry:intake_file", args=[intake.id, 0])).status_code == 404
        for name in ("intake_commit", "intake_undo", "intake_cancel", "intake_again"):
            assert stranger.post(reverse(f"registry:{name}", args=[intake.id])).status_code == 404
        set_scope(EVERYWHERE)
        intake.refresh_from_db()
        assert intake.state == IntakeState.FAILED
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(
            User.objects.get(id=str(officer.user_id)), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        assert self.upload(strict, b"a,b").status_code == 403  # type: ignore[attr-defined]  # a response has one
        assert signed_in(officer).get(reverse("registry:intake", args=[uuid4()])).status_code == 404


def _counted() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def test_time_is_aware(at: datetime) -> None:
    assert at.tzinfo == UTC
