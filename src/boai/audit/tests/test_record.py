"""Recording: in the change's own transaction, within reach, never changed, erasable."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from boai.audit import types
from boai.audit.models import AuditEntry, Outbox
from boai.audit.queries import entries_page, entry_for, history
from boai.audit.services import entry_erase, record, record_many
from boai.audit.tests.factories import ALICE, AT, CHANGSHA, STRANGER, Teller, Thing
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.scope import NOWHERE, Scope, scoped

pytestmark = pytest.mark.django_db

TONGWEI_ONLY = Scope("621121000000", "621121999999", "7")


def refused(sql: str) -> DatabaseError:
    """Run SQL that must fail; the error."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return caught.value


def test_an_entry_commits_to_what_happened_and_waits_for_the_log() -> None:
    thing = Thing()
    entry = record("tests.thing.done", thing, actor=ALICE, at=AT, amount_fen=1200, type="also a fact")
    stored = AuditEntry.objects.get(id=entry.id)
    assert stored.obj == f"tests.thing:{thing.pk}"
    assert stored.contents() == {
        "actor": {"id": str(ALICE.user_id), "name": "张三"},
        "facts": {"amount_fen": 1200, "type": "also a fact"},
        "region": "621121000000",
    }
    assert stored.salt is not None
    assert stored.payload is not None
    assert bytes(stored.commit) == hashlib.sha256(bytes(stored.salt) + bytes(stored.payload)).digest()
    assert Outbox.objects.filter(entry_id=entry.id).count() == 1


def test_equal_payloads_have_different_commitments() -> None:
    thing = Thing()
    one = record("tests.thing.done", thing, actor=ALICE, at=AT, id_tail="1234")
    two = record("tests.thing.done", thing, actor=ALICE, at=AT, id_tail="1234")
    assert one.payload == two.payload
    assert one.commit != two.commit


def test_a_mark_disappears_with_its_change() -> None:
    with transaction.atomic():
        record("tests.thing.done", Thing(), actor=ALICE, at=AT)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    assert not Outbox.objects.exists()


def test_many_at_once() -> None:
    things = [Thing() for _ in range(2100)]
    assert record_many("tests.thing.done", ((t, {"n": n}) for n, t in enumerate(things)), actor=ALICE, at=AT) == 2100
    assert AuditEntry.objects.count() == Outbox.objects.count() == 2100
    assert history(things[5], actor=ALICE)[0].facts == {"n": 5}


def test_an_entry_needs_a_division_and_a_proper_type() -> None:
    for bad in ("", "6211", "通渭县"):
        with pytest.raises(ValueError, match="division"):
            record("tests.thing.done", Thing(region_code=bad), actor=ALICE, at=AT)
    with pytest.raises(ValueError, match="audit type"):
        record("Done", Thing(), actor=ALICE, at=AT)
    assert not AuditEntry.objects.exists()


def test_entries_are_read_within_the_scope_only() -> None:
    thing = Thing(region_code=CHANGSHA)
    record("tests.thing.done", thing, actor=ALICE, at=AT)
    assert len(history(thing, actor=STRANGER)) == 1
    with scoped(TONGWEI_ONLY):
        assert entry_for("tests.thing.done", thing) is None
        assert history(thing, actor=ALICE) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_entry")
            assert cursor.fetchone() == (0,)


def test_the_actor_narrows_what_a_wide_scope_shows() -> None:
    thing = Thing()
    record("tests.thing.done", thing, actor=ALICE, at=AT)
    assert history(thing, actor=STRANGER) == []
    assert entries_page(actor=STRANGER) == []


def test_a_mark_can_be_made_outside_the_scope() -> None:
    """No change fails to leave its mark because its object lies above the actor's division."""
    with scoped(NOWHERE):
        record("tests.thing.done", Thing(region_code="000000000000"), actor=ALICE, at=AT)
    assert AuditEntry.objects.get().region_code == "000000000000"


def test_entries_cannot_be_changed_or_removed_by_us() -> None:
    entry = record("tests.thing.done", Thing(), actor=ALICE, at=AT)
    for sql in (
        "UPDATE audit_entry SET at = now()",
        "UPDATE audit_entry SET payload = NULL, salt = NULL, erased_at = now()",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_outbox",
        "UPDATE audit_outbox SET queued_at = now()",
        "INSERT INTO audit_outbox (entry_id) VALUES (gen_random_uuid())",
        "INSERT INTO audit_leaf (seq, entry_id, data, hash) VALUES (0, gen_random_uuid(), '', '')",
        "INSERT INTO audit_node (level, index, hash) VALUES (1, 0, '')",
        "INSERT INTO audit_checkpoint (size, root, note, vkey, issued_at) VALUES (1, '', '', '', now())",
        "UPDATE audit_inspection SET ok = true",
    ):
        assert "permission denied" in str(refused(sql)), sql
    assert AuditEntry.objects.get().commit == entry.commit
    assert Outbox.objects.count() == 1


def test_a_wrong_commitment_is_refused_by_the_database() -> None:
    entry = record("tests.thing.done", Thing(), actor=ALICE, at=AT)
    entry.id, entry.payload = Thing().pk, b"{}"
    with pytest.raises(IntegrityError, match="audit_entry_commits"), transaction.atomic():
        entry.save(force_insert=True)


def test_erasing_takes_the_contents_and_leaves_a_mark() -> None:
    thing = Thing()
    entry = record("tests.thing.done", thing, actor=ALICE, at=AT, name="王五")
    erased = entry_erase(entry_id=entry.id, actor=ALICE, at=AT, reason="本人要求")
    assert (erased.payload, erased.salt, erased.erased_at) == (None, None, AT)
    assert erased.commit == entry.commit
    assert erased.contents() == {}
    first, second = history(thing, actor=ALICE)
    assert (first.erased, first.who, first.facts) == (True, "", {})
    assert second.type == "audit.entry.erased"
    assert "本人要求" in second.title
    assert "王五" not in json.dumps(second.facts, ensure_ascii=False)
    with pytest.raises(UnableTo):
        entry_erase(entry_id=entry.id, actor=ALICE, at=AT, reason="again")
    assert AuditEntry.objects.count() == 2


def test_erasing_outside_the_scope_does_nothing() -> None:
    entry = record("tests.thing.done", Thing(region_code=CHANGSHA), actor=ALICE, at=AT)
    with scoped(TONGWEI_ONLY):
        with pytest.raises(NotFound):
            entry_erase(entry_id=entry.id, actor=ALICE, at=AT, reason="x")
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_erase(%s, now())", [entry.id])
            assert cursor.fetchone() == (False,)
    assert AuditEntry.objects.get().payload is not None


def test_timeline_sentences_come_from_the_registry() -> None:
    types.register({"tests.thing.paid": "已发放 %(amount_fen)s(%(how)s)"})
    thing, other = Thing(), Thing()
    record("tests.thing.paid", thing, actor=ALICE, at=AT, amount_fen=123400)
    record("tests.thing.unknown", other, actor=Teller(None, "system", "系统"), at=AT)
    one, two = history(thing, other, actor=ALICE)
    assert (one.title, one.who, one.role, one.seq) == ("已发放 ¥1,234.00(—)", "张三", "officer", None)
    assert (two.title, two.who) == ("tests.thing.unknown", "系统")


def test_a_history_needs_the_same_queries_for_one_and_for_thirty(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    thing = Thing()
    for count in (1, 29):
        for n in range(count):
            record("tests.thing.done", thing, actor=ALICE, at=AT, n=n)
        with django_assert_num_queries(1):
            assert history(thing, actor=ALICE)


def test_pages_go_on_where_the_last_one_ended() -> None:
    for n in range(5):
        record("tests.thing.done", Thing(), actor=ALICE, at=AT, n=n)
    first = entries_page(actor=ALICE, size=3)
    rest = entries_page(actor=ALICE, size=3, before=first[-1].entry_id)
    assert [m.facts["n"] for m in (*first, *rest)] == [4, 3, 2, 1, 0]


def test_recording_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        record("tests.thing.done", Thing(), actor=ALICE, at=AT)
