"""Papers of a case: what is required, what has come, on paper or as a photo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from boai.files.services import Upload, file_store
from boai.people.actor import Actor
from boai.relief.enums import PaperKind
from boai.relief.models import Case, Paper

PURPOSE = "relief-paper"


def papers_take(
    case: Case,
    received: Collection[str],
    *,
    actor: Actor,
    at: datetime,
    uploads: Sequence[tuple[str, Upload]] = (),
) -> int:
    """Mark kinds of papers as received and in order, and keep uploaded ones; how many were new.

    The first upload of a kind fills the required line, further ones stand beside it. Unknown kinds count as "other".
    """
    known = {p.kind: p for p in Paper.objects.filter(case=case).order_by("required", "-id")}
    count = 0
    for kind, upload in [*((k, None) for k in dict.fromkeys(received)), *uploads]:
        kind = kind if kind in PaperKind.values else PaperKind.OTHER
        paper = known.get(kind)
        if paper is None or (upload is not None and paper.file_id is not None):
            paper = Paper(case=case, region_code=case.region_code, kind=kind)
        if upload is not None:
            stored = file_store(upload=upload, purpose=PURPOSE, region_code=case.region_code, actor=actor, at=at)
            paper.file_id = stored.id
        elif paper.received_at is not None and paper.fit:
            continue
        paper.received_at, paper.received_by_id, paper.fit = at, actor.user_id, True
        paper.save()
        known[kind] = paper
        count += 1
    return count
