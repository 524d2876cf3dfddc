"""One person comes in by every door, is deleted, and is then looked for everywhere: in a dump of the database, in every
sealed column, in every stored file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from boai.audit.tests.factories import assert_sound, logged
from boai.demo.services import demo_load
from boai.files.models import StoredFile
from boai.files.services import file_open
from boai.files.stores import store
from boai.files.tests.factories import photo
from boai.kernel import rekeying
from boai.kernel.clock import local_date
from boai.kernel.crypto import unseal
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.ledger.queries import fold_check, trial_balance
from boai.people.actor import Actor
from boai.people.models import Post
from boai.people.queries import actor_of
from boai.registry import services
from boai.registry.models import (
    Finding,
    Intake,
    PatchRow,
    Resident,
    StagedRow,
)
from boai.registry.purposes import VERSIONS, Purpose
from boai.registry.services.consents import Said
from boai.registry.services.households import HouseholdFacts
from boai.registry.tests.factories import COUNTY, checked
from boai.registry.tests.register_files import Line, table, xlsx
from boai.registry.tests.test_pages import make_household
from boai.registry.tests.test_patch import apply, patch, people
from boai.registry.tests.test_returned import book_of, sent_back, written
from boai.relief.enums import State
from boai.relief.models import Case
from tests.test_dump import _dump

Make = Callable[..., Actor]
DAY = date(2026, 11, 24)
NAME, PHONE, ACCOUNT = "欧阳槐序", "13712345678", "6228480402564890018"
KEEPERS = {"registry_datarequest.answer", "registry_datarequest.asked_by", "registry_datarequest.words"}


def _found(text: str, secrets: set[str]) -> set[str]:
    return {secret for secret in secrets if secret in text}


def _sealed(secrets: set[str]) -> dict[str, set[str]]:
    """{table.column: secrets that its unsealed text holds}."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for place in rekeying.places():
            for column, purpose in place.sealed:
                cursor.execute(f'SELECT "{column}" FROM "{place.table}" WHERE octet_length("{column}") > 0')
                for (sealed,) in cursor.fetchall():
                    if hits := _found(unseal(sealed, purpose), secrets):
                        found.setdefault(f"{place.table}.{column}", set()).update(hits)
    return found


def _patches(secrets: set[str]) -> set[str]:
    """What stood there before a file of corrections keeps its columns sealed inside JSON: opened one by one."""
    hits = set[str]()
    for before in PatchRow.objects.exclude(before=None).values_list("before", flat=True):
        for column, purpose in (("number", "registry.number"), ("phone", "registry.phone"),
                                ("account", "registry.account")):  # fmt: skip
            sealed = bytes.fromhex(str((before or {}).get(column) or "")[2:])
            hits |= _found(unseal(sealed, purpose) if sealed else "", secrets)
    return hits


def _texts(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            yield from (parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def _stored(secrets: set[str]) -> set[str]:
    """What the files hold, unsealed, down to the parts of workbooks."""
    hits = set[str]()
    for row in StoredFile.objects.filter(erased_at__isnull=True):
        for text in _texts(file_open(file_id=row.id).read()):
            hits |= _found(text, secrets)
    return hits


def _lines() -> list[Line]:
    lines = people(3)
    lines[0].cells |= {
        "name": NAME,
        "phone": PHONE,
        "account": ACCOUNT,
        "note": f"{NAME}常年服药",
        "categories": "大病",
    }
    return lines


def _by_every_door(officer: Actor, supervisor: Actor, at: datetime) -> Resident:
    """Upload, findings, a workbook that came back, a corrected cell, a second file, a file of corrections, a list, answers, requests, looks, an
    event, the watch list, a mistaken double that was merged."""
    lines = _lines()
    intake = checked(xlsx(table(lines)), actor=officer, at=at)
    services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
    services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
    services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at)
    person = Resident.objects.get(name=NAME)
    home = person.household
    again = _lines()
    again[0].cells |= {"phone": "139"}
    again[1].cells |= {"account": f"记在{NAME}名下"}  # the finding of another row names the person
    second = checked(xlsx(table(again)), actor=officer, at=at, name="二.xlsx")
    came_back = written(book_of(second, officer, at), {2: {"phone": PHONE}, 3: {"name": NAME}})
    assert sent_back(second, came_back, officer, at).cells.count() == 2
    finding = Finding.objects.get(intake=second, row=2, field="phone")
    services.finding_fix(intake_id=second.id, finding_id=finding.id, value=PHONE, actor=officer, at=at, queue=False)
    services.intake_recheck(intake_id=second.id)
    changes = [["身份证号", "联系电话", "备注"], [lines[0].cells["number"], "13811112222", f"{NAME}已出院"]]
    apply(patch(changes, officer, at), officer, at)
    services.export_write(
        export_id=services.export_ask(
            region_code=COUNTY, category="", purpose="冬季走访，交各乡镇", actor=officer, at=at
        ).id,
        at=at,
    )  # fmt: skip
    said = Said(VERSIONS[Purpose.SHARE], "guardian", "paper", DAY, name=f"{NAME}之兄")
    services.consent_record(
        resident_id=person.id, purpose=Purpose.SHARE, answer="given", said=said,
        photo=SimpleUploadedFile("签字.jpg", photo()), actor=officer, at=at,
    )  # fmt: skip
    services.request_receive(
        resident_id=person.id, kind="see", words=f"{NAME}要看", asked_by=f"{NAME}本人", actor=officer, at=at
    )
    services.sensitive_open(household_id=home.id, reason=f"核对{NAME}", actor=officer, at=at)
    facts = HouseholdFacts(region_code=home.region_code, address="9组", note=f"{NAME}家临河")
    home.refresh_from_db()
    services.household_change(household_id=home.id, version=home.version, facts=facts, actor=officer, at=at)
    services.watched_add(name=NAME, note="", actor=supervisor, at=at)
    double = Resident.objects.get(household=make_household(officer, at, name=NAME, sequence=77, place=2))
    services.residents_merge(kept_id=person.id, gone_id=double.id, actor=officer, at=at)
    return Resident.objects.get(id=person.id)


def test_nothing_is_left_of_a_deleted_person(own_database: str, actor_for: Make, at: datetime) -> None:
    set_scope(EVERYWHERE)
    officer, supervisor = actor_for("officer"), actor_for("supervisor")
    person = _by_every_door(officer, supervisor, at)
    others = set(Resident.objects.exclude(name=NAME).values_list("id", "name"))
    secrets = {NAME, person.number, person.pinyin, ACCOUNT, PHONE, "13811112222"}
    assert len(secrets) == 6
    assert all(secrets)
    text = _dump(own_database)
    held = {place.partition(".")[0] for place in _sealed(secrets)}
    assert NAME in text
    assert NAME in _stored(secrets)
    assert _patches(secrets)
    assert held >= {"registry_resident", "registry_stagedrow", "registry_finding", "registry_cellfix", "registry_consent",
                    "registry_merge", "registry_household", "registry_columnsample",
                    "registry_sensitivelook", "registry_datarequest", "registry_returnedcell"}, held  # fmt: skip
    if person.is_head and person.household.residents.filter(ended_on__isnull=True).count() > 1:
        heir = person.household.residents.filter(ended_on__isnull=True).exclude(id=person.id).order_by("id")[0]
        person.household.refresh_from_db()
        services.head_change(
            household_id=person.household_id, version=person.household.version, new_head_id=heir.id,
            former_becomes="father", former_leaves="", on=DAY, actor=officer, at=at,
        )  # fmt: skip
    request = services.request_receive(
        resident_id=person.id, kind="delete", words="请删除", asked_by="本人，出示身份证", actor=officer, at=at
    )
    services.request_decide(request_id=request.id, action="grant", answer="已删除", actor=supervisor, at=at)
    text = _dump(own_database)
    assert _found(text, secrets) == set()
    assert {place: hits for place, hits in _sealed(secrets).items() if place not in KEEPERS} == {}
    assert _stored(secrets) == set()
    assert _patches(secrets) == set()
    gone = {row.object_name for row in StoredFile.objects.exclude(erased_at__isnull=True)}
    assert gone
    assert not gone & {name for batch in [store().names()] for name, _written in batch}
    assert set(Resident.objects.exclude(name="已删除").values_list("id", "name")) == others
    erased = StoredFile.objects.get(id=Intake.objects.earliest("uploaded_at").files.get().stored_id)
    assert erased.erased_at == at
    assert len(erased.sha256) == 64
    assert erased.size > 0
    assert StagedRow.objects.exists(), "the rows of other people are still staged"
    logged(at=at)
    assert_sound()
    assert fold_check() == []


def test_books_and_log_hold_when_somebody_who_was_paid_is_deleted(own_database: str, at: datetime) -> None:
    """In the played county: the case, its vouchers and the ledger stay whole and are told; the register forgets."""
    demo_load(at=at, progress=lambda _done, _of: None)
    set_scope(EVERYWHERE)
    paid = Case.objects.filter(state=State.ARCHIVED, resident__ended_on=None, payments__isnull=False)
    case = paid.exclude(resident__in=Case.objects.exclude(state=State.ARCHIVED).values("resident")).order_by("id")[0]
    person = Resident.objects.get(id=str(case.resident_id))
    officer, supervisor = (actor_of(Post.objects.get(user__username=name)) for name in ("jingban", "jianshi"))
    others = person.household.residents.filter(ended_on=None).exclude(id=person.id).order_by("id")
    if others:
        services.head_change(
            household_id=person.household_id, version=person.household.version, new_head_id=others[0].id,
            former_becomes="relative", on=local_date(at), actor=officer, at=at,
        )  # fmt: skip
    before = [(row.code, row.dr, row.cr) for row in trial_balance()]
    request = services.request_receive(
        resident_id=person.id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
    )
    done = services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
    assert [one["what"] for one in done.kept] == ["本人的救助档案"]
    assert Resident.objects.get(id=person.id).number == ""
    assert Case.objects.get(id=case.id).beneficiary_name == person.name
    assert [(row.code, row.dr, row.cr) for row in trial_balance()] == before
    assert fold_check() == []
    logged(at=at)
    assert_sound()
