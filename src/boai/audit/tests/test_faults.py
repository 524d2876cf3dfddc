"""What somebody with power over the database, a crash or a race can do to the log, and that it is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from boai.audit import inspection, tree
from boai.audit.models import AuditEntry, Checkpoint, Leaf, Outbox
from boai.audit.notes import Key, open_checkpoint
from boai.audit.queries import consistency_bundle, hashes
from boai.audit.sequencer import LogDamaged, batch_append, checkpoint_issue
from boai.audit.services import record
from boai.audit.tests.factories import (
    ALICE,
    AT,
    Thing,
    assert_sound,
    environment_for,
    findings,
    logged,
    superuser,
    told,
    told_many,
)
from boai.kernel.errors import NotFound
from boai.kernel.scope import EVERYWHERE, set_scope


def test_an_edited_payload_is_refused_even_without_triggers(own_database: str) -> None:
    told(amount_fen=100)
    with superuser(own_database) as admin, pytest.raises(Exception, match="audit_entry_commits"):
        admin.execute("UPDATE audit_entry SET payload = replace(payload::text, '31', '39')::bytea")


def test_an_edited_payload_is_found_when_the_constraint_is_gone(own_database: str) -> None:
    told(amount_fen=100)
    logged()
    with superuser(own_database) as admin:
        admin.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_commits")
        admin.execute("UPDATE audit_entry SET payload = replace(payload::text, '3130', '3930')::bytea")
    assert findings() == {"payload_differs_from_commitment"}


def test_a_payload_edited_together_with_its_commitment_is_found(own_database: str) -> None:
    told(amount_fen=100)
    logged()
    with superuser(own_database) as admin:
        admin.execute(
            "UPDATE audit_entry SET payload = convert_to('{}', 'UTF8'), commit = sha256(salt || convert_to('{}', 'UTF8'))"
        )
    assert "leaf_differs_from_entry" in findings()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("UPDATE audit_entry SET at = at + interval '1 day'", "leaf_differs_from_entry"),
        ("UPDATE audit_entry SET type = 'tests.thing.undone'", "leaf_differs_from_entry"),
        ("UPDATE audit_entry SET region_code = '430121000000'", "columns_differ_from_payload"),
        ("UPDATE audit_entry SET actor_id = gen_random_uuid()", "columns_differ_from_payload"),
        ("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_leaf WHERE seq = 3)", "leaf_differs_from_entry"),
        ("UPDATE audit_node SET hash = sha256('x') WHERE level = 2", "node_wrong"),
        ("DELETE FROM audit_node WHERE level = 3", "node_wrong"),
        ("INSERT INTO audit_node (level, index, hash) VALUES (1, 900, sha256('x'))", "node_without_leaves"),
        ("UPDATE audit_checkpoint SET root = sha256('x')", "root_wrong"),
        ("UPDATE audit_checkpoint SET note = replace(note, E'\\n11\\n', E'\\n12\\n')", "signature_wrong"),
        ("DELETE FROM audit_leaf WHERE seq = 4", "leaves_missing"),
    ],
)  # fmt: skip
def test_a_change_behind_the_triggers_is_found(own_database: str, change: str, finding: str) -> None:
    logged(11)
    assert findings() == set()
    with superuser(own_database) as admin:
        assert admin.execute(change).rowcount > 0
    assert finding in findings()


def test_deleting_the_last_leaves_is_found_and_stops_the_log(own_database: str) -> None:
    logged(10)
    with superuser(own_database) as admin:
        admin.execute("DELETE FROM audit_leaf WHERE seq >= 7")
        admin.execute('DELETE FROM audit_node WHERE ("index" + 1) << level > 7')
    assert findings() == {"leaves_missing", "entry_not_in_log"}
    told()
    with pytest.raises(LogDamaged, match="a head of 10 was signed"):
        batch_append()
    with pytest.raises(LogDamaged):
        checkpoint_issue(at=AT, at_once=True)
    assert (Leaf.objects.count(), Outbox.objects.count(), Checkpoint.objects.count()) == (7, 1, 1)


def test_deleting_leaves_that_no_head_covers_yet_is_found(own_database: str) -> None:
    logged(10)
    told_many(3)
    batch_append()
    with superuser(own_database) as admin:
        admin.execute("DELETE FROM audit_leaf WHERE seq >= 11")
        admin.execute('DELETE FROM audit_node WHERE ("index" + 1) << level > 11')
    assert findings() == {"entry_not_in_log"}


def test_swapping_two_leaves_is_found(own_database: str) -> None:
    logged(10)
    with superuser(own_database) as admin:
        admin.execute("ALTER TABLE audit_leaf DROP CONSTRAINT audit_leaf_from_zero")
        admin.execute("UPDATE audit_leaf SET seq = -1 WHERE seq = 2")
        admin.execute("UPDATE audit_leaf SET seq = 2 WHERE seq = 5")
        admin.execute("UPDATE audit_leaf SET seq = 5 WHERE seq = -1")
    assert {"leaf_differs_from_entry", "node_wrong", "root_wrong"} <= findings()


def test_rewriting_the_whole_history_stops_the_next_head(own_database: str) -> None:
    """Leaves and nodes rewritten so that they fit each other; only the signed head still tells."""
    logged(10)
    with superuser(own_database) as admin:
        admin.execute("TRUNCATE audit_leaf, audit_node")
        admin.execute("INSERT INTO audit_outbox (entry_id) SELECT id FROM audit_entry ORDER BY commit")
        saved = admin.execute("SELECT size, root, note, vkey, issued_at FROM audit_checkpoint").fetchone()
        admin.execute("TRUNCATE audit_checkpoint")
    told()
    batch_append()
    with superuser(own_database) as admin:
        admin.execute("INSERT INTO audit_checkpoint VALUES (%s, %s, %s, %s, %s)", saved)
    with pytest.raises(LogDamaged, match="no prefix"):
        checkpoint_issue(at=AT, at_once=True)
    assert findings() == {"root_wrong"}


def test_an_old_backup_is_caught_by_whoever_kept_a_head(own_database: str, copied: Callable[[], str]) -> None:
    """After a restore the log is sound in itself; it has become smaller, and grows into another one."""
    logged(6)
    backup = copied()
    logged(6)
    kept = Checkpoint.objects.order_by("-size")[0]
    witness = open_checkpoint(kept.note, Key.parse(kept.vkey))
    assert witness.size == 12
    _move_to(backup)
    assert findings() == set()
    assert Checkpoint.objects.order_by("-size")[0].size < witness.size
    with pytest.raises(NotFound):
        consistency_bundle(witness.size, witness.size)
    logged(9)
    forked = Checkpoint.objects.order_by("-size")[0]
    assert forked.size == 15
    proof = hashes(tree.consistency_ranges(witness.size, forked.size))
    with pytest.raises(tree.ProofError):
        tree.verify_consistency(
            old_size=witness.size, old_root=witness.root, size=forked.size, root=bytes(forked.root), proof=proof
        )  # fmt: skip


@pytest.fixture
def copied(own_database: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Copy the test's database, as a backup does."""

    def copy() -> str:
        name = f"t_{uuid4().hex[:12]}"
        connections.close_all()
        with superuser("postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {own_database} OWNER boai_owner")
        request.addfinalizer(lambda: _drop(name))
        set_scope(EVERYWHERE)
        return name

    return copy


def _drop(name: str) -> None:
    with superuser("postgres") as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _move_to(name: str) -> None:
    connections.close_all()
    for alias in connections.settings:
        connections[alias].settings_dict["NAME"] = name
    set_scope(EVERYWHERE)


def test_racing_sequencers_write_each_entry_once(own_database: str, race: Callable[..., list[Any]]) -> None:
    told_many(600)

    def work() -> int:
        total = 0
        while count := batch_append(limit=37).count:
            total += count
            checkpoint_issue(at=AT, at_once=True)
        return total

    results = race([work] * 4)
    assert sum(results) == 600
    assert_sound()


def test_a_late_committer_is_not_skipped(own_database: str, race: Callable[..., list[Any]]) -> None:
    """A takes its place in the queue first and commits last; B commits in between and is sequenced."""
    opened: list[UUID] = []
    sequenced: list[bool] = []

    def slow() -> None:
        with transaction.atomic():
            opened.append(record("tests.thing.done", Thing(), actor=ALICE, at=AT, who="slow").id)
            deadline = time.monotonic() + 10
            while not sequenced and time.monotonic() < deadline:
                time.sleep(0.01)

    def quick() -> None:
        while not opened:
            time.sleep(0.01)
        told(who="quick")
        assert batch_append().count == 1
        sequenced.append(True)

    assert race([slow, quick]) == [None, None]
    assert Outbox.objects.count() == 1
    logged()
    assert Leaf.objects.get(seq=1).entry_id == opened[0]
    assert_sound()


def test_killed_in_mid_batch(own_database: str) -> None:
    """kill -9 after the leaves of a batch are written and before its nodes are: nothing of it remains, nothing is lost."""
    logged(5)
    told_many(300)
    command = [sys.executable, "-m", "django", "audit_sequence"]
    with superuser(own_database) as admin, admin.transaction():
        admin.execute("LOCK TABLE audit_node IN SHARE MODE")
        child = subprocess.Popen(command, env=environment_for(own_database), stderr=subprocess.PIPE)
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'audit_node'::regclass AND NOT granted"
        deadline = time.monotonic() + 20
        while admin.execute(waiting).fetchone() == (0,) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert admin.execute(waiting).fetchone() == (1,)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    deadline = time.monotonic() + 10
    while _sequencers(own_database) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (Leaf.objects.count(), Outbox.objects.count()) == (5, 300)
    logged()
    assert Leaf.objects.count() == 305
    assert_sound()


def _sequencers(database: str) -> int:
    with superuser(database) as admin:
        row = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'boai_log' AND pid <> %s",
            [database, connections["log"].connection.info.backend_pid],
        ).fetchone()
    return int(row[0]) if row else 0


def test_the_process_works_by_itself_and_ends_when_asked(own_database: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "django", "audit_sequence"], env=environment_for(own_database), stderr=subprocess.PIPE
    )
    try:
        for expected in (3, 5):
            told_many(expected - Leaf.objects.count())
            deadline = time.monotonic() + 20
            while Leaf.objects.count() < expected and time.monotonic() < deadline:
                time.sleep(0.05)
            assert Leaf.objects.count() == expected
        with superuser(own_database) as admin:  # the database goes away under it
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'boai_log'",
                [own_database],
            )
        told()
        deadline = time.monotonic() + 20
        while Leaf.objects.count() < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert Leaf.objects.count() == 6
        child.send_signal(signal.SIGTERM)
        assert child.wait(5) == 0
    finally:
        child.kill()
        _out, err = child.communicate()
    assert b"Traceback" not in err
    assert_sound()


def test_an_entry_that_was_queued_without_existing_stops_the_log(own_database: str) -> None:
    with superuser(own_database) as admin:
        admin.execute("INSERT INTO audit_outbox (entry_id) VALUES (gen_random_uuid())")
    with pytest.raises(LogDamaged, match="does not exist"):
        batch_append()
    assert Outbox.objects.count() == 1


def test_an_entry_queued_twice_is_not_written_twice(own_database: str) -> None:
    logged(1)
    with superuser(own_database) as admin:
        admin.execute("INSERT INTO audit_outbox (entry_id) SELECT id FROM audit_entry")
    with pytest.raises(Exception, match="entry_id"):
        batch_append()
    assert Leaf.objects.count() == AuditEntry.objects.count() == 1


def test_a_log_that_grows_during_its_check_is_not_called_damaged(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(5)
    told_many(3)
    count = inspection._size

    def count_then_grow() -> int:
        size = count()
        batch_append()
        checkpoint_issue(at=AT, at_once=True)
        return size

    monkeypatch.setattr(inspection, "_size", count_then_grow)
    assert inspection.log_inspect(at=AT).findings == []
