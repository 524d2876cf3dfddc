"""Entries (what happened, with its private payload), and the log that they become: leaves, nodes, signed heads."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id


class AuditEntry(models.Model):
    """One thing that was done. Written with the change itself, never changed; payload and salt can be erased.

    The payload is kept as the exact bytes that `commit` commits to; a constraint keeps the three together.
    `actor_id` is no foreign key: people are above this room, and an entry outlives whoever made it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=80)
    obj = models.CharField(max_length=120)
    region_code = RegionCodeField()
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=20)
    at = models.DateTimeField()
    salt = models.BinaryField(null=True)
    payload = models.BinaryField(null=True)
    commit = models.BinaryField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_entry"
        constraints = [
            models.CheckConstraint(
                condition=Q(payload__isnull=False, salt__isnull=False, erased_at__isnull=True)
                | Q(payload__isnull=True, salt__isnull=True, erased_at__isnull=False),
                name="audit_entry_whole_or_erased",
            ),
        ]
        indexes = [models.Index(fields=["obj", "at"], name="audit_entry_obj")]

    def __str__(self) -> str:
        return f"{self.type} {self.obj}"

    def contents(self) -> dict[str, Any]:
        """The payload as {"actor", "facts", "region"}; empty once it has been erased."""
        return json.loads(bytes(self.payload)) if self.payload is not None else {}


class Outbox(models.Model):
    """Entries on their way into the log. A trigger on entries fills it, the sequencer empties it."""

    id = models.BigAutoField(primary_key=True)
    entry_id = models.UUIDField()
    queued_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))


class Leaf(models.Model):
    """Leaf number `seq`, counted from 0: the canonical bytes and their hash. Append-only; holds nothing of a person."""

    seq = models.BigIntegerField(primary_key=True)
    # No foreign key in the database: checking it would write a lock into every entry. Entries cannot be deleted, and
    # the nightly check compares each leaf with its entry.
    entry = models.OneToOneField(AuditEntry, models.DO_NOTHING, related_name="+", db_constraint=False)
    data = models.BinaryField()
    hash = models.BinaryField()


class Node(models.Model):
    """The hash of the perfect subtree over leaves index·2^level … (index+1)·2^level - 1. Append-only."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()


class Checkpoint(models.Model):
    """A signed head: the note as published and the verifier key it was signed with. Append-only."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    vkey = models.CharField(max_length=300)
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.short

    @property
    def short(self) -> str:
        """Size and the first 20 hex digits of the root, as printed on notices."""
        return f"{self.size} {bytes(self.root).hex()[:20]}"


class Inspection(models.Model):
    """The result of a complete check of the log, for everybody to see. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    seconds = models.IntegerField()
    ok = models.BooleanField()
    findings = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="audit_inspection_at")]
