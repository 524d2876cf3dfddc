"""What somebody said about two rows of a file holds when the file is read once more and every row has a new id."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from boai.people.actor import Actor
from boai.registry.enums import PairState
from boai.registry.models import DuplicatePair, Intake, RowWord, StagedRow
from boai.registry.queries.pairs import Side

# The row that goes (or one of the two), and who stands beside it: another row of the file, or somebody registered.
_BOTH = """FROM registry_rowword w
JOIN registry_stagedrow g ON g.intake_id = w.intake_id AND g.sheet = w.sheet AND g."row" = w."row"
LEFT JOIN registry_stagedrow s ON s.intake_id = w.intake_id AND s.sheet = w.beside_sheet AND s."row" = w.beside_row"""
_BESIDE = "coalesce(s.id, w.beside_id)"
_MISSING = f"""
INSERT INTO registry_duplicatepair (region_code, intake_id, left_id, right_id, weight, parts, state, torn)
SELECT w.region_code, w.intake_id, g.id, {_BESIDE}, 0, '[]', w.verdict, false {_BOTH}
WHERE w.intake_id = %(i)s AND w.verdict = 'same' AND {_BESIDE} IS NOT NULL AND NOT EXISTS (
    SELECT FROM registry_duplicatepair p WHERE (p.left_id, p.right_id) IN ((g.id, {_BESIDE}), ({_BESIDE}, g.id)))
"""  # noqa: S608 - built from constants
_SAID = f"""
UPDATE registry_duplicatepair p SET state = said.verdict, torn = false, decided_by_id = said.decided_by_id,
       decided_at = said.decided_at, goes_id = CASE WHEN said.verdict = 'same' THEN said.one END
FROM (SELECT w.verdict, w.decided_by_id, w.decided_at, g.id AS one, {_BESIDE} AS other {_BOTH}
      WHERE w.intake_id = %(i)s) AS said
WHERE p.intake_id = %(i)s AND p.decided_at IS NULL
  AND (p.left_id, p.right_id) IN ((said.one, said.other), (said.other, said.one))
"""  # noqa: S608 - built from constants


def word_keep(*, pair: DuplicatePair, goes: Side, stays: Side, verdict: PairState, actor: Actor, at: datetime) -> None:
    """Remember a word about a row of a file by where the rows stand; nothing for two people of the register."""
    if pair.intake_id is None or goes.registered:
        return
    places = {one.id: one for one in StagedRow.objects.filter(id__in=[goes.id, stays.id]).only("sheet", "row")}
    row, beside = places[goes.id], places.get(stays.id)
    RowWord.objects.update_or_create(
        intake_id=pair.intake_id, sheet=row.sheet, row=row.row, beside_sheet=beside.sheet if beside else None,
        beside_row=beside.row if beside else None, beside_id=None if beside else stays.id,
        defaults={"region_code": pair.region_code, "verdict": verdict, "decided_by_id": actor.user_id,
                  "decided_at": at},
    )  # fmt: skip


def words_follow(*, intake: Intake) -> None:
    """Put every word about the rows of a file onto its pairs as they are now; what the comparison no longer finds alike
    stays one person where somebody said so."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, {"i": intake.id})
        cursor.execute(_SAID, {"i": intake.id})
