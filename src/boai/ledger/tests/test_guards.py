"""What the database keeps by itself, whoever asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from boai.kernel.ids import new_id
from boai.ledger.enums import CNY, Rule
from boai.ledger.queries import fold_check
from boai.ledger.tests.factories import Office, held, moved, opened


@contextmanager
def superuser(database: str) -> Iterator[psycopg.Connection]:
    """Somebody with all power over the database, and with its triggers switched off."""
    password = os.environ["BOAI_CLUSTER"].split("|")[1]
    host = connection.settings_dict["HOST"]
    with psycopg.connect(host=host, dbname=database, user="postgres", password=password, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


def refused(sql: str, using: str = "default") -> str:
    """SQL that must fail; why it did."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(sql)
    return str(caught.value)


@pytest.mark.django_db
def test_the_application_cannot_change_what_is_written() -> None:
    office = Office(100)
    before = held(office.fund)
    for sql in (
        "UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_transfer", "TRUNCATE ledger_transfer",
        "UPDATE ledger_document SET occurred_on = '2020-01-01'", "DELETE FROM ledger_document",
        "UPDATE ledger_balance SET cr = 10", "DELETE FROM ledger_balance",
        "INSERT INTO ledger_balance (account_id, unit_id) VALUES (gen_random_uuid(), gen_random_uuid())",
        "UPDATE ledger_account SET rule = 0", "UPDATE ledger_account SET region_code = '430121000000'",
        "DELETE FROM ledger_account", "UPDATE ledger_unit SET scale = 3", "DELETE FROM ledger_unit",
    ):  # fmt: skip
        assert "permission denied" in refused(sql), sql
    assert held(office.fund) == before


def test_neither_can_the_owner(own_database: str) -> None:
    Office(100)
    for sql in (
        "UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer, ledger_document CASCADE", "UPDATE ledger_document SET kind = 'x'",
        "DELETE FROM ledger_document", "UPDATE ledger_balance SET cr = 10", "TRUNCATE ledger_balance",
    ):  # fmt: skip
        assert "append-only" in refused(sql, "owner"), sql
    assert fold_check() == []


INSERT = """INSERT INTO ledger_transfer (document_id, line, kind, unit_id, debit_id, credit_id, debit_region,
            credit_region, amount, phase) VALUES ('{document}', {line}, 'M', '{unit}', '{debit}', '{credit}',
            '{region}', '621121000000', {amount}, 0)"""


def test_a_document_takes_no_more_lines(own_database: str) -> None:
    a, b = opened(), opened()
    document = moved(a, b, 5)
    good = {"document": document.id, "line": 2, "unit": CNY, "debit": a, "credit": b, "region": "621121000000",
            "amount": 5}  # fmt: skip
    assert "after its own transaction" in refused(INSERT.format(**good))
    assert held(a) == (5, 0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"amount": 0}, "ledger_transfer_amount"),
        ({"amount": -5}, "ledger_transfer_amount"),
        ({"amount": 10**15 + 1}, "ledger_transfer_amount"),
        ({"line": 1}, "ledger_transfer_line_once"),
        ({"region": "621122000000"}, "ledger_transfer_debit_account"),
        ({"credit": "debit"}, "ledger_transfer_two_accounts"),
        ({"unit": "00000000-0000-0000-0000-000000000000"}, "ledger_transfer_unit"),
    ],
)
def test_a_transfer_has_its_shape(change: dict[str, object], constraint: str) -> None:
    a, b = opened(), opened()
    document = moved(a, b, 5)
    good = {"document": document.id, "line": 2, "unit": CNY, "debit": a, "credit": b, "region": "621121000000",
            "amount": 5}  # fmt: skip
    if change == {"credit": "debit"}:
        change = {"credit": a}
    assert constraint in refused(INSERT.format(**(good | change)))
    assert held(a) == (5, 0, 0, 0)


def test_a_balance_that_drifted_is_found(own_database: str) -> None:
    """Sums of debits and credits still agree; only the fold shows it."""
    a, b = opened(), opened()
    moved(a, b, 5)
    assert fold_check() == []
    call_command("ledger_check")
    with superuser(own_database) as admin:
        admin.execute("UPDATE ledger_balance SET dr = dr + 7, cr = cr + 7")
    assert {d.what for d in fold_check()} == {"balance"}
    assert len(fold_check()) == 2
    with pytest.raises(CommandError, match="balance: "):
        call_command("ledger_check")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE ledger_transfer SET amount = amount + 1", {"balance"}),
        ("DELETE FROM ledger_transfer", {"balance", "lines"}),
        ("DELETE FROM ledger_balance", {"balance"}),
        ("UPDATE ledger_account SET rule = 0", {"rule"}),
        ("UPDATE ledger_balance SET rule = 0", {"rule"}),
    ],
)
def test_a_change_behind_the_triggers_is_found(own_database: str, change: str, what: set[str]) -> None:
    Office(100)
    with superuser(own_database) as admin:
        admin.execute(change)
    assert {d.what for d in fold_check()} == what


@pytest.mark.django_db
def test_a_reservation_is_answered_on_its_own_accounts() -> None:
    office = Office(100)
    reserved = office.reserve(10)
    pending = reserved.transfers.get()
    other = opened(Rule.CREDIT)
    sql = f"""WITH d AS (INSERT INTO ledger_document (id, kind, occurred_on, recorded_at, lines, payload_hash)
                         VALUES ('{new_id()}', 'test', '2026-01-01', now(), 1, '') RETURNING id)
              INSERT INTO ledger_transfer (document_id, line, kind, unit_id, debit_id, credit_id, debit_region,
                                           credit_region, amount, phase, pending_id)
              SELECT id, 1, 'M', '{CNY}', '{office.fund}', '{other}', '621121000000', '621121000000', 10, 2, {pending.id}
              FROM d"""
    assert "on its own accounts" in refused(sql)
    assert held(office.fund) == (0, 100, 10, 0)
