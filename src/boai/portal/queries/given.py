"""What a branch gave in a year: people, grants and money by programme and township, small cells blank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from boai.kernel.scope import scoped
from boai.portal.queries.places import Place
from boai.portal.suppression import TOTAL, Cell, hidden_cells
from boai.regions.queries import names_of
from boai.relief.queries import people_anew


@dataclass(frozen=True)
class Figure:
    """One cell: 人数 (each person once), 人次 (grants), fen. All None where the cell is blank."""

    people: int | None
    grants: int | None
    fen: int | None


NONE = Figure(0, 0, 0)
BLANK = Figure(None, None, None)


@dataclass(frozen=True)
class GivenRow:
    """One township, or the total."""

    code: str
    name: str
    cells: tuple[Figure, ...]
    total: Figure


@dataclass(frozen=True)
class Given:
    """The table of a year: columns are programmes, rows are townships."""

    year: int
    programmes: tuple[str, ...]
    rows: tuple[GivenRow, ...]
    total: GivenRow
    blanks: bool

    @property
    def all_blank(self) -> bool:
        """Is there not a single figure that may be shown?"""
        figures = [figure for row in (*self.rows, self.total) for figure in (row.total, *row.cells)]
        return all(figure in (BLANK, NONE) for figure in figures)

    def by_town(self) -> list[tuple[str, Figure]]:
        """All programmes together, by township."""
        return [(row.name, row.total) for row in self.rows]

    def by_programme(self) -> list[tuple[str, Figure, list[tuple[str, Figure]]]]:
        """Each programme: its total, and the townships in which it gave something."""
        return [
            (name, self.total.cells[i], [(row.name, row.cells[i]) for row in self.rows if row.cells[i] != NONE])
            for i, name in enumerate(self.programmes)
        ]


# A person without an identity number counts once per case: nobody can tell whether it is the same one. `older` are the
# fingerprints under an older key, `present` what they are now: while keys are being changed one person may have two.
_SQL = """
SELECT CASE WHEN grouping(t.town) = 1 THEN '' ELSE t.town END,
       CASE WHEN grouping(t.programme) = 1 THEN '' ELSE t.programme END,
       count(DISTINCT t.person), count(DISTINCT t.case_id), coalesce(sum(t.fen), 0)
FROM (SELECT rpad(left(c.region_code, 9), 12, '0') AS town, g.name AS programme, c.id AS case_id,
             coalesce(encode(coalesce(anew.present, c.person_blind), 'hex'), c.id::text) AS person,
             p.paid_fen + p.over_fen AS fen
      FROM relief_payment p JOIN relief_case c ON c.id = p.case_id JOIN relief_programme g ON g.id = c.programme_id
      LEFT JOIN unnest(%(older)s::bytea[], %(present)s::bytea[]) AS anew (older, present)
             ON anew.older = c.person_blind
      WHERE p.region_code BETWEEN %(lo)s AND %(hi)s AND p.paid_on BETWEEN %(first)s AND %(last)s AND p.paid_fen > 0) t
GROUP BY GROUPING SETS ((t.town, t.programme), (t.town), (t.programme), ())
"""


def given(*, place: Place, year: int) -> Given:
    """The year's table. Sees single grants on the way, lets none of them out. Two queries; two more in a change of
    keys."""
    lo, hi = place.span
    with scoped(place.scope), connection.cursor() as cursor:
        days = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
        anew = people_anew(lo=lo, hi=hi, **days)
        cursor.execute(_SQL, {"lo": lo, "hi": hi, **days, "older": list(anew), "present": list(anew.values())})
        figures = {(town, programme): Figure(p, g, int(fen)) for town, programme, p, g, fen in cursor.fetchall()}
    return table(figures, year=year, names=names_of({town for town, _p in figures if town != TOTAL}))


def table(figures: dict[Cell, Figure], *, year: int, names: dict[str, str]) -> Given:
    """Lay the figures out, small cells and what would give them away blank."""
    hidden = hidden_cells({cell: figure.people or 0 for cell, figure in figures.items()})
    programmes = tuple(sorted({column for _row, column in figures if column != TOTAL}))
    towns = sorted({row for row, _column in figures if row != TOTAL})

    def row(code: str) -> GivenRow:
        def cell(column: str) -> Figure:
            return BLANK if (code, column) in hidden else figures.get((code, column), NONE)

        return GivenRow(code, names.get(code, code), tuple(cell(p) for p in programmes), cell(TOTAL))

    return Given(year, programmes, tuple(row(town) for town in towns), row(TOTAL), bool(hidden))


def years(*, place: Place, on: date) -> list[int]:
    """This year and the years before it in which something was given, newest first, ten at most."""
    lo, hi = place.span
    with scoped(place.scope), connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(paid_on) FROM relief_payment WHERE region_code BETWEEN %s AND %s AND paid_on IS NOT NULL",
            [lo, hi],
        )
        (first,) = cursor.fetchone() or (None,)
    earliest = first.year if isinstance(first, date) else on.year
    return list(range(on.year, max(earliest, on.year - 9) - 1, -1))
