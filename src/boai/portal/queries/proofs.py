"""Papers and signed states, checked: what it is, whether it stands, its place in the log, in words."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from boai.audit import tree
from boai.audit.models import Checkpoint, Inspection
from boai.audit.notes import Head, Key, NoteError, open_checkpoint, parse_head
from boai.audit.queries import (
    NotYetInLog,
    consistency_bundle,
    entry_for,
    latest_checkpoint,
    latest_inspection,
    proof_bundle,
)
from boai.governance.models import PublicNotice
from boai.governance.queries import notice_public
from boai.kernel.errors import NotFound
from boai.kernel.ids import CODE_ALPHABET
from boai.portal.queries.cases import door
from boai.relief.models import Receipt
from boai.relief.queries import VerifiedReceipt, receipt_verify

_PRINTED = re.compile(r"(?<!\d)(\d{1,15})[^0-9a-f]{1,8}([0-9a-f]{12,64})(?![0-9a-f])")


@dataclass(frozen=True)
class Inclusion:
    """Entry number `index` (from 0) of the `size` that the newest signed state covers, `path` hashes away from it."""

    index: int
    size: int
    path: int
    root: str
    holds: bool

    @property
    def number(self) -> int:
        """The entry's number as people count."""
        return self.index + 1


def inclusion(entry_id: UUID | None) -> Inclusion | None:
    """Where an entry stands in the log; None until a signed state covers it. Two queries."""
    if entry_id is None:
        return None
    try:
        bundle = proof_bundle(entry_id)
    except NotYetInLog:
        return None
    head = parse_head(bundle["checkpoint"].rpartition("\n\n")[0] + "\n")
    proof = [base64.b64decode(one) for one in bundle["proof"]]
    leaf = tree.leaf_hash(bundle["leaf"].encode())
    try:
        tree.verify_inclusion(leaf=leaf, index=bundle["index"], size=head.size, proof=proof, root=head.root)
    except tree.ProofError:
        return Inclusion(bundle["index"], head.size, len(proof), head.root.hex(), holds=False)
    return Inclusion(bundle["index"], head.size, len(proof), head.root.hex(), holds=True)


@dataclass(frozen=True)
class Found:
    """What a code turned out to be."""

    receipt: VerifiedReceipt | None = None
    notice: PublicNotice | None = None
    entry_id: UUID | None = None


def by_code(code: str) -> Found:
    """The receipt or the notice with this code. Raises NotFound; case codes are neither."""
    with door(code):
        try:
            receipt = receipt_verify(code=code)
            return Found(receipt=receipt, entry_id=_entry_of(receipt.code))
        except NotFound:
            pass
    notice = notice_public(code=code)
    return Found(notice=notice, entry_id=notice.entry_id)


def _entry_of(receipt_code: str) -> UUID | None:
    """The log entry of the payment behind a receipt. Runs in the receipt's own division."""
    receipt = Receipt.objects.select_related("payment").get(code=receipt_code)
    entry = entry_for("relief.payment.paid", receipt.payment)
    return entry.id if entry else None


@dataclass(frozen=True)
class HeadVerdict:
    """A signed state that somebody kept, held against ours.

    `same`: the log had this root at this size; `signed`: the text carries a good signature of ours (None: it has none);
    `grown`: the newest state goes on from it, nothing in between changed or removed.
    """

    size: int
    root: str
    known: bool
    same: bool
    signed: bool | None
    newest: int
    grown: bool


def by_head(text: str) -> HeadVerdict | None:
    """Hold a signed state (a note, or size and first hex digits from paper) against the log; None if it is none."""
    note = text.replace("\r\n", "\n").strip() + "\n"
    head, size, root = _as_note(note), 0, ""
    if head is not None:
        size, root = head.size, head.root.hex()
    elif found := _PRINTED.search(text.lower()):
        size, root = int(found[1]), found[2]
    else:
        return None
    newest = latest_checkpoint()
    ours = Checkpoint.objects.filter(size=size).first()
    return HeadVerdict(
        size=size,
        root=root,
        known=ours is not None,
        same=ours is not None and bytes(ours.root).hex().startswith(root),
        signed=_signed(note, ours or newest) if head is not None and "\n\n" in note else None,
        newest=newest.size if newest else 0,
        grown=ours is not None and newest is not None and _grown(ours, newest),
    )


def _grown(old: Checkpoint, new: Checkpoint) -> bool:
    """Is the older tree a beginning of the newer one? Checked, not believed."""
    proof = [base64.b64decode(one) for one in consistency_bundle(old.size, new.size)["proof"]]
    try:
        tree.verify_consistency(
            old_size=old.size, old_root=bytes(old.root), size=new.size, root=bytes(new.root), proof=proof
        )
    except tree.ProofError:
        return False
    return True


def _as_note(note: str) -> Head | None:
    try:
        return parse_head(note.partition("\n\n")[0].rstrip("\n") + "\n")
    except NoteError:
        return None


def _signed(note: str, ours: Checkpoint | None) -> bool:
    if ours is None:
        return False
    try:
        open_checkpoint(note, Key.parse(ours.vkey))
    except NoteError:
        return False
    return True


def looks_like_code(text: str) -> str:
    """The code in what was typed (spaces and hyphens do not matter); "" when it cannot be one."""
    code = "".join(c for c in text.upper() if c.isalnum())
    return code if 6 <= len(code) <= 16 and all(c in CODE_ALPHABET for c in code) else ""


@dataclass(frozen=True)
class HeadsPage:
    """Signed states, newest first; `before` is the key of the next page, 0 on the last."""

    rows: list[Checkpoint]
    before: int
    vkey: str
    inspection: Inspection | None
    asked_at: datetime


def heads_page(*, before: int, size: int, at: datetime) -> HeadsPage:
    """A page of the history of signed states, and the result of the last complete check."""
    heads = Checkpoint.objects.order_by("-size")
    if before:
        heads = heads.filter(size__lt=before)
    rows = list(heads[: size + 1])
    newest = rows[0] if rows and not before else latest_checkpoint()
    return HeadsPage(
        rows=rows[:size],
        before=rows[size - 1].size if len(rows) > size else 0,
        vkey=newest.vkey if newest else "",
        inspection=latest_inspection(),
        asked_at=at,
    )
