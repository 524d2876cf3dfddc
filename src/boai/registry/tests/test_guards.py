"""What the database keeps by itself: row security, one head, residents where their household is, each person once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from boai.kernel.ids import new_id
from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope, scoped
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.registry import services
from boai.registry.migrations import __name__ as migrations_package
from boai.registry.models import (
    CategoryEntry,
    CellFix,
    ColumnChoice,
    Household,
    LearningRun,
    PatchRow,
    Resident,
    RowWord,
)
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import checked, villages
from boai.registry.tests.register_files import household, number_for, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 11, 24)
# A clean file fills none of these.
DECIDED = {"linkagemodel", "duplicatepair", "distinctpair", "merge"}
DECIDED |= {"membership", "pastplace", "householdevent", "recheck", "bulkchange", "bulkcategory"}
DECIDED |= {"readingmark", "returnedworkbook", "returnedcell"}
DECIDED |= {"sensitivelook", "lookflag", "watchedperson", "declaredrelative", "datarequest", "registerexport"}
DECIDED |= {"consent", "retentionrun", "retentioncount", "retentionproposal", "emergency", "emergencytag"}
TABLES = (
    "household", "resident", "categoryentry", "intake", "finding", "stagedrow", "stagedhousehold", "stagedplace",
    "stagedcategory", "linkagemodel", "duplicatepair", "distinctpair", "merge", "membership", "pastplace",
    "householdevent", "recheck", "bulkchange", "bulkcategory", "sensitivelook", "lookflag", "watchedperson",
    "declaredrelative", "datarequest", "registerexport", "columnsample", "columnchoice", "patchrow", "cellfix", "intakefile", "readingmark",
    "returnedworkbook", "returnedcell",
    "consent", "retentionrun", "retentioncount", "retentionproposal", "emergency", "emergencytag",
    "rowword", "learningrun",
)  # fmt: skip


def person(name: str = "张三", *, relation: str = "head", sequence: int = 1, **more: Any) -> PersonFacts:
    number = read_person_number(number_for(date(1956, 3, 4), male=True, sequence=sequence), on=DAY)
    return PersonFacts(name=name, relation=relation, number=number, **more)


@pytest.fixture
def home(actor_for: Make, at: datetime) -> Household:
    facts = HouseholdFacts(region_code=villages(2)[0][2])
    return services.household_create(facts=facts, head=person(), actor=actor_for("officer"), at=at)


def now_all() -> None:
    """Ask the deferred constraints now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(change: Callable[[], object], word: str) -> None:
    def attempt() -> None:
        with transaction.atomic():
            change()
            now_all()

    with pytest.raises(IntegrityError, match=word):
        attempt()


class TestRowSecurity:
    def test_every_table_has_it(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relname LIKE 'registry\\_%%' AND relkind = 'r' AND relrowsecurity"
                " AND relpersistence = 'p'"
            )
            assert {row[0] for row in cursor.fetchall()} == {f"registry_{name}" for name in TABLES}
        assert migrations_package == "boai.registry.migrations"

    @pytest.mark.parametrize("scope", [NOWHERE, Scope(*span("430121000000"), "somebody")])
    def test_raw_sql_of_another_county_sees_and_changes_nothing(
        self, scope: Scope, actor_for: Make, at: datetime
    ) -> None:
        import random

        township, village, _ = villages(2)[0]
        lines = household(random.Random(1), 1, (township, village), key="621121000001")
        lines[1].cells["phone"] = "139"
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        ours: dict[str, Any] = {"region_code": intake.region_code}
        ColumnChoice.objects.create(heading="称呼", meaning="name", decided_at=at, **ours)
        PatchRow.objects.create(id=new_id(), intake=intake, sheet=0, row=2, **ours)
        CellFix.objects.create(intake=intake, sheet=0, row=3, column=6, value="139", made_at=at, **ours)
        RowWord.objects.create(intake=intake, sheet=0, row=3, verdict="different", decided_at=at, **ours)
        LearningRun.objects.create(asked_at=at, **ours)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        with scoped(scope), connection.cursor() as cursor:
            for name in TABLES:
                cursor.execute(f"SELECT count(*) FROM registry_{name}")
                assert cursor.fetchone() == (0,), name
            cursor.execute("UPDATE registry_resident SET name = '改'")
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM registry_intake")
            assert cursor.rowcount == 0
        with connection.cursor() as cursor:
            for name in set(TABLES) - DECIDED:
                cursor.execute(f"SELECT count(*) FROM registry_{name}")
                assert cursor.fetchone() > (0,), name

    def test_nobody_writes_into_another_county(self, home: Household, at: datetime) -> None:
        row = Household(region_code=home.region_code, created_at=at, changed_at=at)
        with (
            scoped(Scope(*span("430121000000"), "somebody")),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            row.save(force_insert=True)
        with (
            scoped(Scope(*span("621121000000"), "somebody")),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            Household.objects.filter(id=home.id).update(region_code="430121001001")


class TestOneHead:
    def test_not_two(self, home: Household, at: datetime) -> None:
        def second() -> None:
            Resident.objects.create(
                household=home, region_code=home.region_code, name="李四", relation="head", created_at=at, changed_at=at
            )

        refused(second, "registry_one_head")

    def test_not_none(self, home: Household, at: datetime) -> None:
        head = home.residents.get()
        refused(lambda: Resident.objects.filter(id=head.id).update(relation="son"), "no head")
        refused(lambda: Resident.objects.filter(id=head.id).update(ended_on=DAY, end_reason="death"), "no head")
        refused(lambda: head.delete(), "no head")
        refused(lambda: Household.objects.create(region_code=home.region_code, created_at=at, changed_at=at), "no head")

    def test_a_change_within_a_transaction_passes(self, home: Household, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        son = services.resident_add(
            household_id=home.id, facts=person("张四", relation="son", sequence=2), actor=officer, at=at
        )
        services.head_change(
            household_id=home.id, version=1, new_head_id=son.id, former_becomes="father", actor=officer, at=at
        )
        now_all()
        assert home.residents.get(relation="head").id == son.id

    def test_a_member_who_is_not_the_head_may_go(self, home: Household, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        son = services.resident_add(
            household_id=home.id, facts=person("张四", relation="son", sequence=2), actor=officer, at=at
        )
        services.resident_leave(resident_id=son.id, version=1, reason="moved", on=DAY, actor=officer, at=at)
        now_all()


class TestBelonging:
    def test_residents_and_categories_move_with_the_household(
        self, home: Household, actor_for: Make, at: datetime
    ) -> None:
        officer = actor_for("officer")
        head = home.residents.get()
        services.category_add(
            resident_id=head.id, kind="orphan", valid_from=DAY, source="县民政局", actor=officer, at=at
        )
        other = villages(2)[1][2]
        services.household_change(
            household_id=home.id, version=1, facts=HouseholdFacts(region_code=other), actor=officer, at=at
        )
        assert set(Resident.objects.values_list("region_code", flat=True)) == {other}
        assert set(CategoryEntry.objects.values_list("region_code", flat=True)) == {other}

    def test_a_resident_can_not_stand_elsewhere(self, home: Household, at: datetime) -> None:
        other = villages(2)[1][2]
        refused(
            lambda: Resident.objects.filter(household=home).update(region_code=other), "registry_resident_of_household"
        )
        orphan = Resident(
            household_id=new_id(),
            region_code=home.region_code,
            name="李四",
            relation="son",
            created_at=at,
            changed_at=at,
        )
        refused(lambda: orphan.save(force_insert=True), "registry_resident_of_household")

    def test_a_person_stands_once_in_a_county(self, home: Household, actor_for: Make, at: datetime) -> None:
        facts = HouseholdFacts(region_code=home.region_code)
        with pytest.raises(Exception, match="本县台账里已有"):
            services.household_create(facts=facts, head=person("李四"), actor=actor_for("officer"), at=at)
        assert Resident.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"number_blind": None}, "registry_number_whole"),
            ({"number_tail": ""}, "registry_number_whole"),
            ({"born_precision": ""}, "registry_birth_whole"),
            ({"ended_on": DAY}, "registry_end_has_reason"),
            ({"name": ""}, "registry_named"),
        ],
    )
    def test_half_facts_are_refused(self, change: dict[str, Any], word: str, home: Household) -> None:
        refused(lambda: Resident.objects.filter(household=home).update(**change), word)

    def test_a_category_is_open_or_sealed_and_ends_after_it_begins(self, home: Household, at: datetime) -> None:
        head = home.residents.get()

        def entry(**values: Any) -> CategoryEntry:
            defaults = {
                "resident": head,
                "region_code": head.region_code,
                "valid_from": DAY,
                "source": "村",
                "created_at": at,
            }
            return CategoryEntry.objects.create(**(defaults | values))

        refused(entry, "registry_category_open_or_sealed")
        refused(lambda: entry(kind="orphan", kind_blind=b"x"), "registry_category_open_or_sealed")
        refused(lambda: entry(kind="orphan", valid_to=date(2020, 1, 1)), "registry_category_dates")


def test_nothing_secret_stands_in_the_clear(home: Household, actor_for: Make, at: datetime) -> None:
    """A dump of the tables shows no number, telephone, account or sensitive fact."""
    officer = actor_for("officer")
    head = home.residents.get()
    services.resident_change(
        resident_id=head.id,
        version=1,
        facts=person(phone="13800138000", account="622848001234567", note="患尿毒症"),
        actor=officer,
        at=at,
    )
    services.category_add(
        resident_id=head.id, kind="mental", detail="二级", valid_from=DAY, source="县残联", actor=officer, at=at
    )
    with scoped(EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(r)::text FROM registry_resident r UNION ALL SELECT row_to_json(c)::text FROM registry_categoryentry c"
        )
        dump = "".join(row[0] for row in cursor.fetchall())
    for secret in (head.number, "13800138000", "622848001234567", "尿毒症", "mental", "二级"):
        assert secret not in dump
    head.refresh_from_db()
    assert (head.phone, head.account, head.note) == ("13800138000", "622848001234567", "患尿毒症")
