"""When two residents become one, nothing anywhere keeps pointing at the one who went: asked of the database itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models

from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.models import Household, HouseholdEvent, Membership, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.services.references import STAYS, references
from boai.registry.tests.factories import villages
from boai.registry.tests.test_merging import snapshot
from boai.relief.models import Case
from boai.relief.tests.factories import County

pytestmark = pytest.mark.django_db

# Columns with ids that no foreign key explains, and what they hold. A new one has to be a foreign key or stand here.
WITHOUT_FOREIGN_KEY = {
    "audit_entry.actor_id": "a user",
    "audit_outbox.entry_id": "an entry of the log",
    "governance_ballot.poll_id": "a poll",
    "governance_ballotbox.poll_id": "a poll",
    "governance_noticeentry.excluded": "users",
    "governance_noticeentry.subject_id": "a case",
    "governance_publicnotice.entry_id": "an entry of the log",
    "governance_review.barred_ids": "users",
    "governance_review.subject_id": "a case",
    "ledger_document.actor_id": "a user",
    "ledger_unit.item_id": "an article of the stores",
    "ledger_unit.source_id": "a document",
    "registry_datarequest.rule_version": "a version of a rule",
    "registry_duplicatepair.goes_id": "a row of a file or a resident: says what was decided about these two",
    "registry_duplicatepair.left_id": "a row of a file or a resident, as above",
    "registry_duplicatepair.right_id": "a row of a file or a resident, as above",
    "registry_emergency.reached": "a household: how far tonight's pass has come",
    "registry_patchrow.household_id": "a household",
    "registry_patchrow.resident_id": "a resident: what a file did to the one who went can only be taken back from them",
    "registry_retentioncount.rule_version": "a version of a rule",
    "registry_retentionproposal.rule_version": "a version of a rule",
    "registry_rowword.beside_id": "a resident: what was said about a row of a file, as left_id and right_id above",
    "registry_stagedcategory.resident_id": "a row of a file",
    "registry_stagedrow.household_id": "a household of a file",
    "visits_report.client_id": "made by the phone",
    "visits_report.there": "users",
    "visits_reportphoto.client_id": "made by the phone",
    "visits_routeorder.visits": "visits",
}
_BARE = """
SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c
WHERE c.table_schema = 'public' AND (c.udt_name IN ('uuid', '_uuid')) AND NOT EXISTS (
    SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
    WHERE k.conrelid = (quote_ident(c.table_name))::regclass AND k.contype = 'f' AND a.attname = c.column_name)
ORDER BY 1"""
_TO_RESIDENTS = """
SELECT k.conrelid::regclass || '.' || a.attname FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.confrelid = 'registry_resident'::regclass"""


def test_no_column_of_ids_is_unexplained() -> None:
    assert _bare() == set(WITHOUT_FOREIGN_KEY)


def test_every_foreign_key_to_a_resident_is_moved() -> None:
    stays = {model._meta.db_table for model in STAYS}
    assert {name for name in _keys() if name.partition(".")[0] not in stays} <= {
        f"{one.table}.{one.column}" for one in references()
    }


def test_everything_that_pointed_at_the_one_who_went_points_at_the_one_who_stays(
    county: Branch, actor_for: Callable[..., Actor], at: datetime
) -> None:
    tongwei = County(county, actor_for, at)
    officer, kept, gone = (
        tongwei.officer,
        _somebody(tongwei, "张伟强", "elderly"),
        _somebody(tongwei, "章伟强", "veteran"),
    )
    _point_at(gone, tongwei)
    before, pointing = snapshot(), _pointing(gone.id)
    assert {name for name, keys in pointing.items() if keys} == set(pointing), (
        "a table points at residents and has no row here: add one to _point_at"
    )
    mine = _pointing(kept.id)
    merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
    assert not any(_pointing(gone.id).values())
    assert _pointing(kept.id) == {name: mine[name] | keys for name, keys in pointing.items()}
    assert Membership.objects.filter(resident=gone).count() == 1, "where they belonged in the past stays with each"
    services.merge_undo(merge_id=merge.id, actor=officer, at=at)
    assert (_pointing(gone.id), _pointing(kept.id)) == (pointing, mine)
    assert snapshot() == before


def _somebody(tongwei: County, name: str, kind: str) -> Resident:
    home = services.household_create(
        facts=HouseholdFacts(region_code=villages(2)[0][2]),
        head=PersonFacts(name=name, relation="head", sex="m", born_on=date(1956, 3, 4)), actor=tongwei.officer,
        at=tongwei.at,
    )  # fmt: skip
    services.category_add(resident_id=home.residents.get().id, kind=kind, valid_from=date(2026, 1, 1),
                          source="村委会", actor=tongwei.officer, at=tongwei.at)  # fmt: skip
    return home.residents.get()


def _point_at(one: Resident, tongwei: County) -> None:
    """A row in every table that can point at a resident."""
    officer, at = tongwei.officer, tongwei.at
    case = tongwei.submit()
    Case.objects.filter(id=case.id).update(resident=one)
    services.request_receive(resident_id=one.id, kind="copy", words="", asked_by="本人持身份证来", actor=officer,
                             at=at)  # fmt: skip
    HouseholdEvent.objects.create(region_code=one.region_code, household_id=one.household_id, resident=one,
                                  kind="added", day=at.date(), changes={}, made_at=at)  # fmt: skip
    Membership.objects.create(resident=one, household=Household.objects.exclude(id=one.household_id)[0],
                              region_code=one.region_code, relation="other", during=(date(2001, 1, 1), date(2002, 1, 1)),
                              end_reason="")  # fmt: skip


def _pointing(who: UUID) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for one in references():
            cursor.execute(f'SELECT "{one.key}"::text FROM "{one.table}" WHERE "{one.column}" = %s', [who])
            found[f"{one.table}.{one.column}"] = {key for (key,) in cursor.fetchall()}
    return found


def _keys() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TO_RESIDENTS)
        return {name for (name,) in cursor.fetchall()}


def _bare() -> set[str]:
    explained = {
        f"{m._meta.db_table}.{f.column}"
        for m in apps.get_models(include_auto_created=True)
        for f in m._meta.local_fields
        if isinstance(f, models.ForeignKey) or f.primary_key
    }
    with connection.cursor() as cursor:
        cursor.execute(_BARE)
        return {name for (name,) in cursor.fetchall()} - explained
