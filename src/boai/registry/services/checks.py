"""The checks that need the whole file, and the register beside it: a few statements over the staging tables.

Each statement writes findings. `%(i)s` is the intake, `%(region)s` its division; `spot` tells for each sheet in which
column a field stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from boai.registry.intake.columns import PLACES, Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.rules import ABOUT_PAIRS, RULES

_INSERT = """
INSERT INTO registry_finding (intake_id, region_code, sheet, "row", "column", field, rule, severity, value, params)
"""
_SPOT = "LEFT JOIN registry_spot AS spot ON spot.sheet = {0}.sheet AND spot.field = '{1}'"


def _finding(rule: str, field: Field, of: str, params: str = "'{}'::jsonb") -> str:
    severity = RULES[rule].severity.value
    return (
        f"SELECT %(i)s, %(region)s, {of}.sheet, {of}.\"row\", spot.\"column\", '{field}', '{rule}', '{severity}', "
        f"''::bytea, {params}"
    )


# Every row of a place that did not resolve; the column depends on what was not found.
PLACE = f"""
{_INSERT}
SELECT %(i)s, %(region)s, s.sheet, s."row", spot."column", coalesce(spot.field, 'village'), p.rule, 'error', ''::bytea,
       p.params || jsonb_build_object('value', CASE spot.field
           WHEN 'county' THEN p.county WHEN 'township' THEN p.township WHEN 'code' THEN p.code_text ELSE p.village END)
FROM registry_stagedrow s
JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place
LEFT JOIN registry_spot_place AS spot ON spot.sheet = s.sheet AND spot.rule = p.rule
WHERE s.intake_id = %(i)s AND s.place_own AND p.rule <> ''
"""  # noqa: S608 - built from constants

# Two people claim to be the head. One person who stands twice is one claim.
SECOND_HEAD = f"""
WITH claims AS (
    SELECT household_id, sheet, "row", coalesce(encode(number_blind, 'hex'), id::text) AS who
    FROM registry_stagedrow WHERE intake_id = %(i)s AND relation = 'head'),
rivals AS (
    SELECT household_id, string_agg("row"::text, '、' ORDER BY sheet, "row") AS listed
    FROM claims GROUP BY household_id HAVING count(DISTINCT who) > 1)
{_INSERT}
{_finding("relation.second_head", Field.RELATION, "c", "jsonb_build_object('rows', r.listed)")}
FROM claims c JOIN rivals r USING (household_id) {_SPOT.format("c", Field.RELATION)}
"""  # noqa: S608 - built from constants

# Nobody is the head, though every relation could be read: said once, at the household's first row.
NO_HEAD = f"""
WITH headless AS (
    SELECT household_id FROM registry_stagedrow WHERE intake_id = %(i)s
    GROUP BY household_id HAVING bool_and(relation <> 'head' AND relation <> ''))
{_INSERT}
{_finding("relation.no_head", Field.RELATION, "h")}
FROM registry_stagedhousehold h JOIN headless ON headless.household_id = h.id {_SPOT.format("h", Field.RELATION)}
WHERE h.intake_id = %(i)s
"""  # noqa: S608 - built from constants

# The members' villages differ: said at every row that differs from the household's first.
TWO_PLACES = f"""
WITH placed AS (
    SELECT s.household_id, s.sheet, s."row", p.code
    FROM registry_stagedrow s JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place
    WHERE s.intake_id = %(i)s AND p.rule = ''),
torn AS (SELECT household_id FROM placed GROUP BY household_id HAVING count(DISTINCT code) > 1),
ranked AS (
    SELECT placed.*, first_value(code) OVER w AS first_code, first_value("row") OVER w AS first_row
    FROM placed JOIN torn USING (household_id) WINDOW w AS (PARTITION BY household_id ORDER BY sheet, "row"))
{_INSERT}
{_finding("household.two_places", Field.VILLAGE, "r", "jsonb_build_object('row', r.first_row)")}
FROM ranked r {_SPOT.format("r", Field.VILLAGE)} WHERE r.code <> r.first_code
"""  # noqa: S608 - built from constants

# One number twice. The same name in one household: the later row is left out. Another name: nobody knows whose number
# it is. The same name in two households is for the comparison to ask about.
TWICE = f"""
WITH same AS (
    SELECT number_blind FROM registry_stagedrow WHERE intake_id = %(i)s AND number_blind IS NOT NULL
    GROUP BY number_blind HAVING count(*) > 1),
ranked AS (
    SELECT s.sheet, s."row", s.name, row_number() OVER w AS place, first_value(s."row") OVER w AS first_row,
           first_value(s.sheet) OVER w AS first_sheet, first_value(s.name) OVER w AS first_name,
           s.household_id <> first_value(s.household_id) OVER w AS elsewhere,
           lead(s."row") OVER w AS next_row, lead(s.sheet) OVER w AS next_sheet,
           min(nullif(s.name, '')) OVER (PARTITION BY s.number_blind) IS DISTINCT FROM
           max(nullif(s.name, '')) OVER (PARTITION BY s.number_blind) AS names_differ
    FROM registry_stagedrow s JOIN same USING (number_blind) WHERE s.intake_id = %(i)s
    WINDOW w AS (PARTITION BY s.number_blind ORDER BY s.sheet, s."row"))
{_INSERT}
SELECT %(i)s, %(region)s, r.sheet, r."row", spot."column", 'number',
       CASE WHEN r.names_differ THEN 'person.number_shared' ELSE 'person.twice' END,
       CASE WHEN r.names_differ THEN 'error' ELSE 'repeat' END, ''::bytea,
       jsonb_build_object('row', CASE WHEN r.place = 1 THEN r.next_row ELSE r.first_row END,
                          'sheet', 1 + CASE WHEN r.place = 1 THEN r.next_sheet ELSE r.first_sheet END)
FROM ranked r {_SPOT.format("r", Field.NUMBER)} WHERE r.place > 1 AND NOT r.elsewhere OR r.names_differ
"""  # noqa: S608 - built from constants

# Already in the register: whole households by the office's number in the same village or, when long, the same county.
HOUSEHOLD_KNOWN = f"""
WITH known AS (
    SELECT DISTINCT h.id FROM registry_stagedhousehold h
    JOIN registry_household k ON k.office_number = h.office_number AND k.ended_on IS NULL
    JOIN registry_stagedrow s ON s.household_id = h.id AND s.sheet = h.sheet AND s."row" = h."row"
    JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place
    WHERE h.intake_id = %(i)s AND h.office_number <> '' AND s.intake_id = %(i)s AND k.office_number <> '' AND (
        k.region_code = p.code OR length(h.office_number) >= 9 AND left(k.region_code, 6) = left(p.code, 6)))
{_INSERT}
{_finding("household.known", Field.HOUSEHOLD, "h")}
FROM registry_stagedhousehold h JOIN known ON known.id = h.id {_SPOT.format("h", Field.HOUSEHOLD)}
WHERE h.intake_id = %(i)s
"""  # noqa: S608 - built from constants

PERSON_KNOWN = f"""
WITH whole AS (
    SELECT h.id FROM registry_stagedhousehold h JOIN registry_finding f
        ON f.intake_id = h.intake_id AND f.sheet = h.sheet AND f."row" = h."row" AND f.rule = 'household.known'
    WHERE h.intake_id = %(i)s)
{_INSERT}
{_finding("person.known", Field.NUMBER, "s")}
FROM registry_stagedrow s LEFT JOIN whole ON whole.id = s.household_id {_SPOT.format("s", Field.NUMBER)}
WHERE s.intake_id = %(i)s AND s.number_blind IS NOT NULL AND whole.id IS NULL
  AND EXISTS (SELECT FROM registry_resident r WHERE r.number_blind = s.number_blind AND r.ended_on IS NULL)
"""  # noqa: S608 - built from constants

# What the comparison found (services.comparing), as findings on the row that goes or waits: of two rows of the file the
# later one, unless somebody has decided otherwise; of a row and a person of the register, the row.
PAIRS = f"""
WITH ends AS (
    SELECT p.id, p.state, p.torn, p.goes_id, a.id AS a_id, a.sheet AS a_sheet, a."row" AS a_row, b.id AS b_id,
           b.sheet AS b_sheet, b."row" AS b_row, (a.sheet, a."row") < (b.sheet, b."row") AS a_first
    FROM registry_duplicatepair p
    LEFT JOIN registry_stagedrow a ON a.id = p.left_id AND a.intake_id = %(i)s
    LEFT JOIN registry_stagedrow b ON b.id = p.right_id AND b.intake_id = %(i)s
    WHERE p.intake_id = %(i)s AND p.state <> 'different'),
said AS (
    SELECT CASE WHEN a_id IS NULL OR b_id IS NULL THEN 'person.' || CASE state WHEN 'same' THEN 'known_alike'
                                                                               ELSE 'ask_known' END
                WHEN state = 'asked' THEN 'person.ask'
                WHEN torn THEN 'person.two_households' ELSE 'person.alike' END AS rule,
           b_id IS NOT NULL AND (a_id IS NULL OR coalesce(goes_id = b_id, a_first)) AS on_b, ends.*
    FROM ends WHERE a_id IS NOT NULL OR b_id IS NOT NULL),
placed AS (
    SELECT DISTINCT ON (sheet, "row") rule, sheet, "row", other_sheet, other_row FROM (
        SELECT rule, CASE WHEN on_b THEN b_sheet ELSE a_sheet END AS sheet,
               CASE WHEN on_b THEN b_row ELSE a_row END AS "row",
               CASE WHEN on_b THEN a_sheet ELSE b_sheet END AS other_sheet,
               CASE WHEN on_b THEN a_row ELSE b_row END AS other_row FROM said) AS each
    ORDER BY sheet, "row", rule = 'person.alike' DESC, rule)
{_INSERT}
SELECT %(i)s, %(region)s, r.sheet, r."row", spot."column", 'name', r.rule,
       CASE WHEN r.rule IN ('person.alike', 'person.known_alike') THEN 'repeat' ELSE 'ask' END, ''::bytea,
       CASE WHEN r.other_row IS NULL THEN '{{}}'::jsonb
            ELSE jsonb_build_object('row', r.other_row, 'sheet', 1 + r.other_sheet) END
FROM placed r {_SPOT.format("r", Field.NAME)}
WHERE NOT EXISTS (SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = r.sheet AND f."row" = r."row"
                  AND f.severity = 'repeat')
  AND NOT EXISTS (SELECT FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id
                  JOIN registry_finding f ON f.intake_id = %(i)s AND f.sheet = h.sheet AND f."row" = h."row"
                  WHERE s.intake_id = %(i)s AND s.sheet = r.sheet AND s."row" = r."row" AND f.rule = 'household.known')
"""  # noqa: S608 - built from constants

# One number, two names, and somebody has said that it is one person: the question is answered.
NUMBER_ANSWERED = """
DELETE FROM registry_finding f USING registry_duplicatepair p, registry_stagedrow s
WHERE p.intake_id = %(i)s AND p.state = 'same' AND p.decided_at IS NOT NULL AND s.id IN (p.left_id, p.right_id)
  AND f.intake_id = %(i)s AND f.sheet = s.sheet AND f."row" = s."row" AND f.rule = 'person.number_shared'
"""

# Some members remain, but their head is left out as a repeat.
HEAD_LEFT_OUT = f"""
WITH left_out AS (
    SELECT sheet, "row" FROM registry_finding
    WHERE intake_id = %(i)s AND severity = 'repeat' AND rule <> 'household.known'),
marked AS (
    SELECT s.household_id, s.relation = 'head' AS head, l."row" IS NOT NULL AS is_out
    FROM registry_stagedrow s LEFT JOIN left_out l USING (sheet, "row") WHERE s.intake_id = %(i)s),
orphaned AS (
    SELECT household_id FROM marked GROUP BY household_id
    HAVING bool_or(NOT is_out) AND bool_or(head) AND NOT bool_or(head AND NOT is_out))
{_INSERT}
{_finding("relation.head_left_out", Field.RELATION, "h")}
FROM registry_stagedhousehold h JOIN orphaned ON orphaned.household_id = h.id {_SPOT.format("h", Field.RELATION)}
WHERE h.intake_id = %(i)s
"""  # noqa: S608 - built from constants

# A household enters when none of its rows has an error, it is not in the register yet, and somebody remains.
ENTERS = """
WITH bad AS (
    SELECT DISTINCT s.household_id FROM registry_finding f
    JOIN registry_stagedrow s ON s.intake_id = f.intake_id AND s.sheet = f.sheet AND s."row" = f."row"
    WHERE f.intake_id = %(i)s AND (f.severity IN ('error', 'ask') OR f.rule = 'household.known')),
remaining AS (
    SELECT DISTINCT s.household_id FROM registry_stagedrow s
    WHERE s.intake_id = %(i)s AND NOT EXISTS (
        SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = s.sheet AND f."row" = s."row"
        AND f.severity = 'repeat')),
new AS (
    SELECT h.id, (r.household_id IS NOT NULL AND b.household_id IS NULL) AS enters
    FROM registry_stagedhousehold h
    LEFT JOIN remaining r ON r.household_id = h.id LEFT JOIN bad b ON b.household_id = h.id
    WHERE h.intake_id = %(i)s)
UPDATE registry_stagedhousehold h SET enters = new.enters FROM new
WHERE h.id = new.id AND h.enters IS DISTINCT FROM new.enters
"""

COUNTS = """
SELECT (SELECT count(*) FROM registry_stagedrow WHERE intake_id = %(i)s),
       (SELECT count(*) FROM registry_stagedhousehold WHERE intake_id = %(i)s),
       (SELECT count(*) FROM registry_stagedhousehold WHERE intake_id = %(i)s AND enters),
       (SELECT count(*) FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id
        WHERE s.intake_id = %(i)s AND h.enters AND NOT EXISTS (
            SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = s.sheet AND f."row" = s."row"
            AND f.severity = 'repeat'))
"""
VILLAGES = """
SELECT p.code, count(*) FROM registry_finding f
JOIN registry_stagedrow s ON s.intake_id = f.intake_id AND s.sheet = f.sheet AND s."row" = f."row"
JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place
WHERE f.intake_id = %(i)s GROUP BY p.code
"""
_OF_THE_FILE = (
    "relation.second_head", "relation.no_head", "household.two_places", "person.twice", "person.number_shared",
    *(rule for rule in RULES if rule.startswith("place.")),
)  # fmt: skip
_AGAINST_THE_REGISTER = ("household.known", "person.known", "relation.head_left_out", *ABOUT_PAIRS)


def spots_prepare(*, layouts: Sequence[Layout]) -> None:
    """Two temporary tables: in which column each field of a sheet stands, and where to point for a place."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # fresh tables have no statistics yet
        cursor.execute(
            """CREATE TEMPORARY TABLE IF NOT EXISTS registry_spot (sheet smallint, field text, "column" smallint);
               CREATE TEMPORARY TABLE IF NOT EXISTS registry_spot_place
                   (sheet smallint, rule text, field text, "column" smallint);
               TRUNCATE registry_spot, registry_spot_place"""
        )
        for layout in layouts:
            cursor.executemany(
                "INSERT INTO registry_spot VALUES (%s, %s, %s)",
                [(layout.sheet, field.value, column) for field, column in layout.columns.items()],
            )
            cursor.executemany(
                "INSERT INTO registry_spot_place VALUES (%s, %s, %s, %s)",
                [(layout.sheet, rule, *_where(rule, layout)) for rule in RULES if rule.startswith("place.")],
            )


def _where(rule: str, layout: Layout) -> tuple[str, int | None]:
    """The column to point at for a place that did not resolve: the one that names what was not found."""
    wanted = {
        "place.unknown_county": (Field.COUNTY, Field.TOWNSHIP, Field.VILLAGE),
        "place.unknown_township": (Field.TOWNSHIP, Field.VILLAGE),
        "place.unknown_code": (Field.CODE, Field.VILLAGE),
        "place.conflict": (Field.CODE, Field.VILLAGE),
    }.get(rule, (Field.VILLAGE, Field.CODE, Field.TOWNSHIP, Field.COUNTY))
    for field in (*wanted, *PLACES):
        if field in layout.columns:
            return field.value, layout.columns[field]
    return Field.VILLAGE.value, None


def file_check(*, intake_id: UUID, region_code: str) -> None:
    """Everything that the file alone can tell. Can be run again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_finding WHERE intake_id = %s AND rule = ANY(%s)", [intake_id, list(_OF_THE_FILE)]
        )
    _run([PLACE, SECOND_HEAD, NO_HEAD, TWO_PLACES, TWICE], {"i": intake_id, "region": region_code})


def register_check(*, intake_id: UUID, region_code: str) -> None:
    """What the register already holds, who stands twice, and from that: which households enter. Can be run again."""
    values = {"i": intake_id, "region": region_code}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_finding WHERE intake_id = %s AND rule = ANY(%s)",
            [intake_id, list(_AGAINST_THE_REGISTER)],
        )
    _run([HOUSEHOLD_KNOWN, PERSON_KNOWN, PAIRS, NUMBER_ANSWERED, HEAD_LEFT_OUT, ENTERS], values)


def counts(*, intake_id: UUID) -> dict[str, Any]:
    """People, households, how many of each would enter, findings by rule, rows that stand twice in the file."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"i": intake_id})
        people, households, entering_households, entering_people = cursor.fetchone() or (0, 0, 0, 0)
        cursor.execute(VILLAGES, {"i": intake_id})
        villages = dict(cursor.fetchall())
    rules = rule_counts(intake_id=intake_id)
    return {
        "villages": villages,
        "people": people,
        "households": households,
        "entering_households": entering_households,
        "entering_people": entering_people,
        "rules": rules,
        "doubled": sum(rules.get(rule, 0) for rule in ("person.twice", "person.alike", "person.two_households")),
    }


def rule_counts(*, intake_id: UUID) -> dict[str, int]:
    """Findings by rule."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule, count(*) FROM registry_finding WHERE intake_id = %s GROUP BY rule ORDER BY rule", [intake_id]
        )
        return dict(cursor.fetchall())


def _run(statements: Sequence[str], values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
