"""What people say about the uses of their data: who may say it, what holds, and that a no works at once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from python_calamine import CalamineWorkbook

from boai.audit.models import AuditEntry
from boai.files.services import file_open
from boai.files.tests.factories import photo
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.models import Consent, DataRequest, Household, RegisterExport, Resident
from boai.registry.purposes import VERSIONS, Answer, Giver, Purpose, Way
from boai.registry.queries.consents import allowed_among, allows
from boai.registry.services import exports as export_services
from boai.registry.services.consents import Said
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import COUNTY
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 11, 24)
SAID = Said(VERSIONS[Purpose.SHARE], Giver.PERSON, Way.SCREEN, DAY)


def head_of(household: Household) -> Resident:
    return Resident.objects.get(household=household, relation="head")


def agree(resident: Resident, actor: Actor, at: datetime, purpose: str = Purpose.SHARE, **more: Any) -> Consent:
    return services.consent_record(
        resident_id=resident.id, purpose=purpose, answer=Answer.GIVEN, said=SAID, actor=actor, at=at, **more
    )


def withdraw(resident: Resident, actor: Actor, at: datetime, purpose: str = Purpose.SHARE) -> Consent:
    return services.consent_withdraw(resident_id=resident.id, purpose=purpose, said=SAID, actor=actor, at=at)


def may(resident: Resident, purpose: str = Purpose.SHARE) -> bool:
    return allows(resident_id=resident.id, purpose=purpose, on=DAY)


class TestWhatHolds:
    def test_each_use_is_asked_for_itself_and_the_newest_answer_holds(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        assert not may(head)
        agree(head, officer, at)
        assert may(head)
        assert not may(head, Purpose.PUBLISH)
        assert not may(head, Purpose.PHOTO)
        withdraw(head, officer, at)
        assert not may(head)
        agree(head, officer, at)
        assert may(head)
        rows = Consent.objects.order_by("id").values_list("answer", "ended_at")
        assert [(answer, ended is None) for answer, ended in rows] == [
            ("given", False), ("withdrawn", False), ("given", True)]  # fmt: skip
        assert AuditEntry.objects.filter(type__startswith="registry.consent").count() == 3

    def test_what_the_law_demands_is_not_asked(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        assert may(head, Purpose.ACCOUNTING)
        assert may(head, Purpose.RELIEF)
        assert may(head, Purpose.EMERGENCY)
        for purpose in (Purpose.ACCOUNTING, Purpose.RELIEF):
            with pytest.raises((BadInput, UnableTo)):
                withdraw(head, officer, at, purpose)
        assert not Consent.objects.exists()

    def test_a_yes_in_another_paper_holds_until_a_later_no(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))

        def published(said_at: datetime) -> bool:
            return allows(resident_id=head.id, purpose=Purpose.PUBLISH, on=DAY, elsewhere=said_at)

        assert published(at)
        withdraw(head, officer, at + timedelta(hours=1), Purpose.PUBLISH)
        assert not published(at)
        assert published(at + timedelta(hours=2))

    def test_nobody_who_is_not_there(self) -> None:
        assert not allows(resident_id=UUID(int=1), purpose=Purpose.RELIEF, on=DAY)

    def test_a_merge_takes_the_answers_along_and_gives_them_back(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        kept = head_of(make_household(officer, at))
        gone = head_of(make_household(officer, at, name="张小叁", sequence=3, place=1))
        agree(kept, officer, at)
        agree(gone, officer, at)
        withdraw(gone, officer, at)
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        assert not may(kept)
        assert allowed_among(resident_ids=[kept.id], purpose=Purpose.SHARE, region_code=COUNTY, on=DAY) == set()
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert may(kept)
        assert not may(Resident.objects.get(id=gone.id))

    def test_a_move_takes_the_answers_along(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home = make_household(officer, at)
        agree(head_of(home), officer, at)
        other = make_household(officer, at, sequence=5, place=3).region_code
        facts = HouseholdFacts(region_code=other)
        services.household_change(household_id=home.id, version=home.version, facts=facts, actor=officer, at=at)
        assert Consent.objects.get().region_code == other


class TestWhoMaySayIt:
    def test_denials_leave_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        with pytest.raises(NotAllowed):
            agree(head, actor_for("cadre"), at)
        with pytest.raises(NotAllowed):
            agree(head, actor_for("officer", other), at)
        with pytest.raises(NotFound):
            services.consent_withdraw(resident_id=UUID(int=1), purpose=Purpose.SHARE, said=SAID, actor=officer, at=at)
        assert not Consent.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"giver": "neighbour", "name": "王某"}, "giver"),
            ({"way": "rumour"}, "way"),
            ({"giver": Giver.GUARDIAN}, "name"),
            ({"giver": Giver.PROXY, "name": "张大（儿子）"}, "photo"),
            ({"way": Way.PAPER}, "photo"),
            ({"way": Way.PHONE}, "witness"),
            ({"said_on": date(2026, 12, 1)}, "said_on"),
        ],
    )
    def test_garbage(self, actor_for: Make, at: datetime, change: dict[str, Any], field: str) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        with pytest.raises(BadInput) as refused:
            services.consent_record(
                resident_id=head.id, purpose=Purpose.SHARE, answer="given", said=replace(SAID, **change),
                actor=officer, at=at,
            )  # fmt: skip
        assert list(refused.value.fields) == [field]
        assert not Consent.objects.exists()

    def test_an_old_text_is_not_agreed_to(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        with pytest.raises(StalePage):
            services.consent_record(
                resident_id=head.id, purpose=Purpose.SHARE, answer="given",
                said=replace(SAID, version=date(2025, 1, 1)), actor=officer, at=at,
            )  # fmt: skip

    def test_a_signed_paper_is_kept_sealed(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        made = services.consent_record(
            resident_id=head.id, purpose=Purpose.SHARE, answer="given",
            said=replace(SAID, giver=Giver.PROXY, name="张大（儿子）", way=Way.PAPER),
            photo=SimpleUploadedFile("签字.jpg", photo()), actor=officer, at=at,
        )  # fmt: skip
        assert made.photo is not None
        assert file_open(file_id=made.photo.id).read()[:2] == b"\xff\xd8"

    def test_for_a_child_a_guardian_says_yes(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home = make_household(officer, at)
        child = services.resident_add(
            household_id=home.id, facts=PersonFacts(name="张小宝", relation="son", sex="m", born_on=date(2012, 11, 25)),
            actor=officer, at=at,
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            agree(child, officer, at)
        assert not Consent.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():  # the database refuses as well
            Consent.objects.create(
                resident=child, region_code=child.region_code, purpose="share", answer="given", giver="person",
                text_version=DAY, way="screen", said_on=DAY, recorded_at=at,
            )  # fmt: skip
        withdraw(child, officer, at)  # anybody may say no
        said = replace(SAID, giver=Giver.GUARDIAN, name="张小三（父亲）")
        services.consent_record(
            resident_id=child.id, purpose=Purpose.SHARE, answer="given", said=said, actor=officer, at=at
        )
        assert may(child)
        later = replace(SAID, said_on=date(2026, 11, 25))  # fourteen
        services.consent_record(
            resident_id=child.id, purpose=Purpose.SHARE, answer="given", said=later, actor=officer,
            at=at + timedelta(days=1),
        )  # fmt: skip

    def test_the_database_keeps_the_history(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = agree(head_of(make_household(officer, at)), officer, at)
        for attempt in ("UPDATE registry_consent SET answer = 'refused'", "UPDATE registry_consent SET said_on = now()",
                        "DELETE FROM registry_consent"):  # fmt: skip
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(attempt)
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                resident=made.resident, region_code=made.region_code, purpose="share", answer="given", giver="person",
                text_version=DAY, way="screen", said_on=DAY, recorded_at=at,
            )  # fmt: skip


class TestReaders:
    def test_sensitive_facts_stay_sealed_after_a_no(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home = make_household(officer, at)
        services.category_add(resident_id=head_of(home).id, kind="disability", detail="二级", valid_from=DAY,
                              source="残联", evidence="", actor=officer, at=at)  # fmt: skip

        def opened() -> Any:
            return services.sensitive_open(household_id=home.id, reason="入户走访", actor=officer, at=at)

        assert [one.detail for one in opened().categories] == ["二级"]
        assert opened().numbers[0][3]
        withdraw(head_of(home), officer, at, Purpose.SENSITIVE)
        closed = opened()
        assert (closed.categories, closed.numbers[0][3], closed.withheld) == ([], "", ["张小三"])
        assert closed.numbers[0][2] == "13800138000"

    def test_a_list_for_others_holds_only_who_agreed(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        homes = [make_household(officer, at, name=f"张小{c}", sequence=i, place=i) for i, c in enumerate("甲乙丙", 1)]
        with pytest.raises(UnableTo):
            ask(officer, at)
        agree(head_of(homes[0]), officer, at)
        agree(head_of(homes[1]), officer, at)
        export = services.export_write(export_id=ask(officer, at).id, at=at)
        assert (export.people, export.left_out, names(export)) == (2, 1, ["张小甲", "张小乙"])
        inside = services.export_ask(region_code=COUNTY, category="", purpose="本会走访", actor=officer, at=at)
        assert inside.people == 3

    def test_a_no_while_the_list_is_written(
        self, actor_for: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        officer = actor_for("officer")
        homes = [make_household(officer, at, name=f"张小{c}", sequence=i, place=i) for i, c in enumerate("甲乙", 1)]
        for home in homes:
            agree(head_of(home), officer, at)
        asked, written = ask(officer, at), export_services._write
        seen: list[int] = []

        def while_writing(*args: Any) -> int:
            people = written(*args)
            if not seen:
                withdraw(head_of(homes[0]), officer, at)
            seen.append(people)
            return people

        monkeypatch.setattr(export_services, "_write", while_writing)
        export = services.export_write(export_id=asked.id, at=at)
        assert (seen, export.people, names(export)) == ([2, 1], 1, ["张小乙"])

    def test_a_no_before_the_list_is_fetched(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        homes = [make_household(officer, at, name=f"张小{c}", sequence=i, place=i) for i, c in enumerate("甲乙", 1)]
        for home in homes:
            agree(head_of(home), officer, at)
        export = services.export_write(export_id=ask(officer, at).id, at=at)
        old = export.file
        withdraw(head_of(homes[1]), officer, at)
        with pytest.raises(UnableTo):
            services.export_fetch(export_id=export.id, actor=officer, at=at)
        assert old is not None
        old.refresh_from_db()
        assert old.erased_at is not None
        export = services.export_write(export_id=export.id, at=at)
        assert names(export) == ["张小甲"]
        services.export_fetch(export_id=export.id, actor=officer, at=at)


def ask(actor: Actor, at: datetime) -> RegisterExport:
    return services.export_ask(region_code=COUNTY, category="", purpose="交爱心企业", outside=True, actor=actor, at=at)


def names(export: RegisterExport) -> list[str]:
    assert export.file is not None
    content = file_open(file_id=export.file.id).read()
    return [
        str(row[3]) for row in CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[2:]
    ]


class TestObjection:
    def _object(self, head: Resident, actor: Actor, at: datetime, purpose: str = Purpose.SHARE) -> DataRequest:
        return services.request_receive(
            resident_id=head.id,
            kind="object",
            words="不想给企业",
            asked_by="本人到场",
            purpose=purpose,
            actor=actor,
            at=at,
        )

    def test_the_use_stops_until_it_is_decided(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        agree(head, officer, at)
        request = self._object(head, officer, at)
        assert not may(head)
        services.request_decide(request_id=request.id, action="refuse", answer="理由不成立", actor=officer, at=at)
        assert may(head)
        request = self._object(head, officer, at)
        services.request_decide(request_id=request.id, action="grant", answer="", actor=officer, at=at)
        assert not may(head)
        assert DataRequest.objects.get(id=request.id).state == "done"

    def test_without_an_answer_before_it_is_as_before(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        assert may(head, Purpose.CONTACT)
        request = self._object(head, officer, at, Purpose.CONTACT)
        assert not may(head, Purpose.CONTACT)
        services.request_decide(request_id=request.id, action="withdraw", answer="", actor=officer, at=at)
        assert may(head, Purpose.CONTACT)

    def test_a_newer_word_of_the_person_holds(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        request = self._object(head, officer, at)
        agree(head, officer, at)
        services.request_decide(request_id=request.id, action="grant", answer="", actor=officer, at=at)
        assert may(head)

    def test_what_the_law_demands_cannot_be_objected_to(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = head_of(make_household(officer, at))
        with pytest.raises(UnableTo):
            self._object(head, officer, at, Purpose.ACCOUNTING)
        with pytest.raises(BadInput):
            self._object(head, officer, at, "everything")
        assert not DataRequest.objects.exists()
        assert not Consent.objects.exists()
