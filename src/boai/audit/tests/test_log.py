"""The log on a database of its own: sequencing, heads, proofs, the complete check."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

from boai.audit import tree, types
from boai.audit.inspection import log_inspect
from boai.audit.leaves import commitment
from boai.audit.models import AuditEntry, Checkpoint, Leaf, Node, Outbox
from boai.audit.notes import Key, open_checkpoint
from boai.audit.queries import (
    NotYetInLog,
    checkpoint_at,
    consistency_bundle,
    health,
    history,
    proof_bundle,
    tlog_proof,
)
from boai.audit.sequencer import LogDamaged, batch_append, checkpoint_issue
from boai.audit.services import entry_erase, record
from boai.audit.tasks import inspect
from boai.audit.tests.factories import ALICE, AT, Thing, assert_sound, logged, superuser, told, told_many
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, NOWHERE, scoped, set_scope

pytestmark = pytest.mark.usefixtures("own_database")


def opened(bundle: dict[str, Any]) -> dict[str, Any]:
    """Check a bundle from end to end; its leaf."""
    head = open_checkpoint(bundle["checkpoint"], Key.parse(bundle["vkey"]))
    proof = [base64.b64decode(h) for h in bundle["proof"]]
    leaf = bundle["leaf"].encode()
    tree.verify_inclusion(
        leaf=tree.leaf_hash(leaf), index=bundle["index"], size=head.size, proof=proof, root=head.root
    )  # fmt: skip
    facts: dict[str, Any] = json.loads(leaf)
    assert facts["seq"] == bundle["index"]
    return facts


def test_outside_a_transaction_there_is_no_mark() -> None:
    with pytest.raises(TransactionManagementError):
        record("tests.thing.done", Thing(), actor=ALICE, at=AT)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [5, 2, 64, 1], [40]])
def test_batches_of_any_size_grow_the_same_tree(sizes: list[int]) -> None:
    for count in sizes:
        logged(count)
    assert Leaf.objects.count() == sum(sizes)
    assert not Outbox.objects.exists()
    assert_sound()


def test_a_batch_takes_no_more_than_its_limit_and_the_oldest_first() -> None:
    entries = told_many(7)
    assert batch_append(limit=3).count == 3
    assert [leaf.entry_id for leaf in Leaf.objects.order_by("seq")] == [e.id for e in entries[:3]]
    logged()
    assert_sound()


def test_every_entry_can_be_proven_at_every_head() -> None:
    entries = told_many(13)
    logged()
    logged(4)
    for seq, entry in enumerate(entries):
        leaf = opened(proof_bundle(entry.id, with_payload=True))
        assert (leaf["seq"], leaf["type"], leaf["obj"], leaf["actor_role"]) == (seq, entry.type, entry.obj, "officer")
        assert leaf["at"] == "2026-11-24T02:00:00.000000Z"


def test_a_bundle_opens_the_commitment_only_when_asked() -> None:
    entry = told(name="王五")
    logged()
    closed, full = proof_bundle(entry.id), proof_bundle(entry.id, with_payload=True)
    assert "王五" not in json.dumps(closed, ensure_ascii=False)
    assert set(full) - set(closed) == {"payload", "salt"}
    commit = commitment(base64.b64decode(full["salt"]), full["payload"].encode())
    assert opened(full)["commit"] == commit.hex()
    assert json.loads(full["payload"])["facts"] == {"name": "王五"}


def test_a_closed_bundle_needs_no_scope_and_an_open_one_does() -> None:
    entry = told()
    logged()
    with scoped(NOWHERE):
        opened(proof_bundle(entry.id))
        with pytest.raises(NotFound):
            proof_bundle(entry.id, with_payload=True)


def test_leaves_hold_nothing_of_a_person() -> None:
    told(name="王五", id_number="11010519491231002X")
    logged()
    text = bytes(Leaf.objects.get().data).decode()
    assert set(json.loads(text)) == {"v", "seq", "type", "obj", "at", "actor_role", "commit"}
    for secret in ("王五", "11010519491231002X", "张三", str(ALICE.user_id)):
        assert secret not in text


def test_erased_entries_stay_in_the_log() -> None:
    entry = told(name="王五")
    logged()
    with transaction.atomic():
        entry_erase(entry_id=entry.id, actor=ALICE, at=AT, reason="本人要求")
    logged()
    opened(proof_bundle(entry.id))
    with pytest.raises(UnableTo):
        proof_bundle(entry.id, with_payload=True)
    assert_sound()


def test_no_proof_before_a_head_covers_the_entry() -> None:
    entry = told()
    for step in (lambda: None, batch_append):
        step()
        with pytest.raises(NotYetInLog):
            proof_bundle(entry.id)
    checkpoint_issue(at=AT)
    opened(proof_bundle(entry.id))


def test_heads_are_consistent_with_every_later_one() -> None:
    for count in (1, 2, 5, 8, 1):
        logged(count)
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    assert sizes == [1, 3, 8, 16, 17]
    for old in sizes:
        for new in (s for s in sizes if s >= old):
            bundle = consistency_bundle(old, new)
            older = open_checkpoint(bundle["old"], Key.parse(bundle["vkey"]))
            newer = open_checkpoint(bundle["new"], Key.parse(bundle["vkey"]))
            proof = [base64.b64decode(h) for h in bundle["proof"]]
            tree.verify_consistency(
                old_size=older.size, old_root=older.root, size=newer.size, root=newer.root, proof=proof
            )  # fmt: skip
    with pytest.raises(UnableTo):
        consistency_bundle(3, 1)
    with pytest.raises(NotFound):
        checkpoint_at(2)


def test_a_head_is_signed_every_ten_minutes_if_the_log_grew() -> None:
    told()
    batch_append()
    head = checkpoint_issue(at=AT)
    assert head is not None
    assert head.size == 1
    told()
    batch_append()
    assert checkpoint_issue(at=AT + timedelta(minutes=9, seconds=59)) is None
    assert checkpoint_issue(at=AT + timedelta(minutes=10)) is not None
    assert checkpoint_issue(at=AT + timedelta(days=1)) is None
    assert checkpoint_issue(at=AT + timedelta(days=1), at_once=True) is None


def test_some_types_ask_for_a_head_at_once() -> None:
    types.register({"tests.notice.published": "公示"}, checkpoint_at_once=["tests.notice.published"])
    told()
    assert batch_append().at_once is False
    with transaction.atomic():
        record("tests.notice.published", Thing(), actor=ALICE, at=AT)
    assert batch_append().at_once is True


def test_a_clock_that_jumped_does_not_stop_the_heads() -> None:
    logged(1, at=AT + timedelta(days=400))
    told()
    batch_append()
    assert checkpoint_issue(at=AT) is not None
    told()
    batch_append()
    assert checkpoint_issue(at=AT + timedelta(minutes=1)) is None
    assert checkpoint_issue(at=AT + timedelta(minutes=11)) is not None
    assert_sound()


def test_an_empty_log_signs_nothing() -> None:
    assert checkpoint_issue(at=AT, at_once=True) is None


@pytest.mark.parametrize(("name", "value"), [("BOAI_LOG_SEED", b""), ("BOAI_LOG_ORIGIN", "boai.example/log/sm3")])
def test_without_a_proper_key_nothing_is_signed(settings: Any, name: str, value: object) -> None:
    told()
    batch_append()
    setattr(settings, name, value)
    with pytest.raises(LogDamaged, match=name):
        checkpoint_issue(at=AT)
    assert not Checkpoint.objects.exists()


def test_the_head_is_signed_with_our_key_under_our_origin() -> None:
    logged(3)
    head = Checkpoint.objects.get()
    assert head.note.splitlines()[:2] == [settings.BOAI_LOG_ORIGIN, "3"]
    assert open_checkpoint(head.note, Key.parse(head.vkey)).root == bytes(head.root)
    assert head.short == f"3 {bytes(head.root).hex()[:20]}"


def test_the_text_form_of_a_proof() -> None:
    entry = told()
    logged(2)
    lines = tlog_proof(proof_bundle(entry.id)).split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 0"]
    assert lines[4:6] == ["", settings.BOAI_LOG_ORIGIN]


def test_histories_know_the_number_of_the_leaf() -> None:
    thing = Thing()
    told(thing)
    logged()
    told(thing)
    assert [mark.seq for mark in history(thing, actor=ALICE)] == [0, None]


def test_the_alarm_rings_after_a_minute(own_database: str) -> None:
    assert health().well
    told()
    assert (health().waiting, health().late) == (1, False)
    with superuser(own_database) as admin:
        admin.execute("UPDATE audit_outbox SET queued_at = queued_at - interval '61 seconds'")
    assert health().late
    assert not health().well
    logged()
    assert health().well
    assert (health().waiting, health().size) == (0, 1)


def test_the_sequencer_cannot_read_or_change_more_than_it_must() -> None:
    logged(2)
    for sql in (
        "SELECT payload FROM audit_entry",
        "SELECT salt FROM audit_entry",
        "SELECT region_code FROM audit_entry",
        "INSERT INTO audit_entry (id) VALUES (gen_random_uuid())",
        "UPDATE audit_leaf SET seq = 9",
        "DELETE FROM audit_node",
        "TRUNCATE audit_checkpoint",
        "UPDATE audit_outbox SET queued_at = now()",
        "SELECT * FROM people_user",
    ):
        with pytest.raises(Exception, match="permission denied"), connections["log"].cursor() as cursor:
            cursor.execute(sql)


def test_the_log_cannot_be_changed_by_its_owner() -> None:
    logged(2)
    for table in ("audit_leaf", "audit_node", "audit_checkpoint", "audit_inspection"):
        for sql in (f"UPDATE {table} SET {'hash' if table in ('audit_leaf', 'audit_node') else 'root'} = '\\x00'",
                    f"DELETE FROM {table}", f"TRUNCATE {table}"):  # fmt: skip
            with pytest.raises(Exception, match="append-only"), connections["owner"].cursor() as cursor:
                cursor.execute(sql)
    for sql in ("UPDATE audit_entry SET obj = 'x'", "UPDATE audit_entry SET payload = '{}'",
                "UPDATE audit_entry SET payload = NULL, salt = NULL, erased_at = now(), commit = '\\x00'",
                "DELETE FROM audit_entry", "TRUNCATE audit_entry"):  # fmt: skip
        with pytest.raises(Exception, match="append-only"), connections["owner"].cursor() as cursor:
            cursor.execute(sql)
    assert_sound()


def test_a_wrong_leaf_hash_is_refused_by_the_database() -> None:
    entry = told()
    with pytest.raises(Exception, match="audit_leaf_hashes"), connections["log"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_leaf (seq, entry_id, data, hash) VALUES (0, %s, 'x', sha256('y'))", [entry.id]
        )


def test_commands(capsys: pytest.CaptureFixture[str], own_database: str) -> None:
    told_many(3)
    call_command("audit_sequence", "--once")
    assert "3 entries; 3 " in capsys.readouterr().out
    call_command("audit_sequence", "--once")
    assert "0 entries; no new head" in capsys.readouterr().out
    set_scope(EVERYWHERE)
    call_command("audit_inspect")
    assert "in order" in capsys.readouterr().out
    with superuser(own_database) as admin:
        admin.execute("DELETE FROM audit_node")
    with pytest.raises(CommandError, match="node_wrong"):
        call_command("audit_inspect")
    assert health().inspection is not None
    assert not health().well


def test_the_complete_check_is_kept_and_shown() -> None:
    logged(9)
    result = log_inspect(at=AT)
    assert (result.ok, result.size, result.findings) == (True, 9, [])
    assert bytes(result.root) == bytes(Checkpoint.objects.get().root)
    assert Node.objects.count() == 4 + 2 + 1
    assert health().inspection == result


def test_the_nightly_task_leaves_its_result() -> None:
    logged(3)
    inspect(timestamp=0)
    inspection = health().inspection
    assert inspection is not None
    assert (inspection.ok, inspection.size) == (True, 3)
