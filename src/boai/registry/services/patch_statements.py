"""The statements of a file of corrections. `%(i)s` is the intake, `%(region)s` its division, (lo, hi) its range;
`%(today)s` is the day of the comparison."""

from __future__ import annotations

from boai.registry.models.people import IN_FORCE

_STAGED = """
SELECT s.*, h.office_number, p.code AS village
FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id
LEFT JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place AND p.rule = ''
WHERE s.intake_id = %(i)s
"""
_KNOWN_BY = """
by_number AS (
    SELECT staged.id, r.id AS resident_id FROM staged JOIN registry_resident r ON r.number_blind = staged.number_blind
    WHERE r.ended_on IS NULL AND r.region_code BETWEEN %(lo)s AND %(hi)s),
by_home AS (
    SELECT staged.id, r.id AS resident_id
    FROM staged JOIN registry_household k ON k.office_number = staged.office_number AND k.office_number <> ''
    JOIN registry_resident r ON r.household_id = k.id AND r.name = staged.name
    WHERE staged.office_number <> '' AND staged.name <> '' AND k.ended_on IS NULL AND r.ended_on IS NULL
      AND k.region_code BETWEEN %(lo)s AND %(hi)s AND (staged.village IS NULL OR staged.village = k.region_code)
      AND NOT EXISTS (SELECT FROM by_number WHERE by_number.id = staged.id)),
found AS (
    SELECT id, (array_agg(resident_id))[1] AS resident_id, count(*) AS people
    FROM (SELECT * FROM by_number UNION ALL SELECT * FROM by_home) AS either GROUP BY id)
"""
# The register knows the day or the month; the file only the month or the year. What is more exact stays.
_LESS_EXACT = """(s.born_precision = 'year' AND r.born_precision IN ('month', 'day')
          OR s.born_precision = 'month' AND r.born_precision = 'day')"""
_EXACTNESS = "nullif(s.born_precision, '')"
_OTHER_BIRTH = f"date_trunc({_EXACTNESS}, s.born_on) <> date_trunc({_EXACTNESS}, r.born_on)"
# What of a person (r) and a household (k) differs from a staged row (s). Sex and birth follow from a number.
_DIFFERS = f"""
array_remove(ARRAY[
    CASE WHEN s.name NOT IN ('', r.name) THEN 'name' END,
    CASE WHEN s.number_blind IS NOT NULL AND r.number_blind IS NULL THEN 'number' END,
    CASE WHEN s.sex NOT IN ('', r.sex) AND r.number_blind IS NULL THEN 'sex' END,
    CASE WHEN s.born_on IS NOT NULL AND r.number_blind IS NULL AND NOT {_LESS_EXACT}
          AND (s.born_on, s.born_precision) IS DISTINCT FROM (r.born_on, r.born_precision::text) THEN 'birth' END,
    CASE WHEN s.relation NOT IN ('', 'head', r.relation) AND r.relation <> 'head' THEN 'relation' END,
    CASE WHEN s.phone_blind IS NOT NULL AND s.phone_blind IS DISTINCT FROM r.phone_blind THEN 'phone' END,
    CASE WHEN s.account_blind IS NOT NULL AND s.account_blind IS DISTINCT FROM r.account_blind THEN 'account' END,
    CASE WHEN s.bank NOT IN ('', r.bank) THEN 'bank' END,
    CASE WHEN length(s.note) > 0 THEN 'note' END,
    CASE WHEN s.address NOT IN ('', k.address) THEN 'address' END,
    CASE WHEN s.income_fen IS NOT NULL AND s.income_fen IS DISTINCT FROM k.income_fen THEN 'income' END,
    CASE WHEN fresh.resident_id IS NOT NULL THEN 'categories' END
], NULL)
"""
# A category that the person does not have today.
_FRESH = f"""
SELECT c.id, c.resident_id AS staged_id FROM registry_stagedcategory c
JOIN {{people}} AS who ON who.id = c.resident_id
WHERE c.intake_id = %(i)s AND NOT EXISTS (
    SELECT FROM registry_categoryentry e WHERE e.resident_id = who.resident_id AND {IN_FORCE.format(c="e")}
    AND e.kind = c.kind AND e.kind_blind IS NOT DISTINCT FROM c.kind_blind)
"""  # noqa: S608 - built from constants

MATCH = f"""
WITH staged AS ({_STAGED}), {_KNOWN_BY},
fresh AS (SELECT DISTINCT staged_id AS resident_id FROM ({_FRESH.format(people="found")}) AS new)
INSERT INTO registry_patchrow (id, intake_id, region_code, sheet, "row", resident_id, household_id, fields, applies,
                               version, home_version)
SELECT s.id, %(i)s, %(region)s, s.sheet, s."row", r.id, r.household_id,
       CASE WHEN r.id IS NULL THEN '{{}}'::text[] ELSE {_DIFFERS} END, false, r.version, k.version
FROM staged s LEFT JOIN found ON found.id = s.id AND found.people = 1
LEFT JOIN registry_resident r ON r.id = found.resident_id LEFT JOIN registry_household k ON k.id = r.household_id
LEFT JOIN fresh ON fresh.resident_id = s.id
"""  # noqa: S608 - built from constants

NOTES = """
SELECT p.id, s.note, r.note FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id
JOIN registry_resident r ON r.id = p.resident_id
WHERE p.intake_id = %(i)s AND length(s.note) > 0 AND length(r.note) > 0
"""

# Of several rows with a value for one household the head's counts, else the first.
ONE_VALUE = """
WITH given AS (
    SELECT p.id, row_number() OVER w AS place,
           s.{column} IS DISTINCT FROM first_value(s.{column}) OVER w AS differs
    FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id JOIN registry_resident r ON r.id = p.resident_id
    WHERE p.intake_id = %(i)s AND nullif(s.{column}::text, '') IS NOT NULL
    WINDOW w AS (PARTITION BY p.household_id ORDER BY r.relation <> 'head', p.sheet, p."row")),
dropped AS (
    UPDATE registry_patchrow p SET fields = array_remove(p.fields, '{field}')
    FROM given WHERE given.id = p.id AND given.place > 1 RETURNING p.id, p.sheet, p."row")
INSERT INTO registry_finding (intake_id, region_code, sheet, "row", "column", field, rule, severity, value, params)
SELECT %(i)s, %(region)s, d.sheet, d."row", spot."column", '{field}', 'patch.two_values', 'warning', ''::bytea,
       '{{}}'::jsonb
FROM dropped d JOIN given ON given.id = d.id AND given.differs
LEFT JOIN registry_spot AS spot ON spot.sheet = d.sheet AND spot.field = '{field}'
"""

# Why a whole row can't be applied. A row with an unreadable cell has been told so already.
FINDINGS = f"""
WITH staged AS ({_STAGED}), {_KNOWN_BY},
ranked AS (
    SELECT p.id, row_number() OVER w AS place, first_value(p."row") OVER w AS first_row,
           first_value(p.sheet) OVER w AS first_sheet
    FROM registry_patchrow p WHERE p.intake_id = %(i)s AND p.resident_id IS NOT NULL
    WINDOW w AS (PARTITION BY p.resident_id ORDER BY p.sheet, p."row")),
judged AS (
    SELECT s.sheet, s."row", ranked.first_row, ranked.first_sheet, CASE
        WHEN s.number_blind IS NULL AND (s.office_number = '' OR s.name = '') THEN 'patch.no_key'
        WHEN found.people IS NULL THEN 'patch.unknown'
        WHEN found.people > 1 THEN 'patch.several'
        WHEN ranked.place > 1 THEN 'patch.twice'
        WHEN s.number_blind IS DISTINCT FROM r.number_blind AND s.number_blind IS NOT NULL
             AND r.number_blind IS NOT NULL THEN 'patch.other_number'
        WHEN s.number_blind IS NOT NULL AND r.id IS NOT NULL AND r.number_blind IS NULL AND (
            row_number() OVER (PARTITION BY s.number_blind ORDER BY s.sheet, s."row") > 1 OR EXISTS (
                SELECT FROM registry_resident o WHERE o.number_blind = s.number_blind AND o.ended_on IS NULL
                AND o.id <> r.id AND left(o.region_code, 6) = left(r.region_code, 6))) THEN 'patch.registered'
        WHEN s.name <> '' AND s.pinyin <> r.pinyin AND translate(s.name, r.name, '') = s.name
             THEN 'patch.another_name' END AS rule,
        CASE WHEN s.number_blind IS NULL THEN 'name' ELSE 'number' END AS field
    FROM staged s LEFT JOIN found ON found.id = s.id LEFT JOIN ranked ON ranked.id = s.id
    LEFT JOIN registry_resident r ON r.id = found.resident_id)
INSERT INTO registry_finding (intake_id, region_code, sheet, "row", "column", field, rule, severity, value, params)
SELECT %(i)s, %(region)s, j.sheet, j."row", spot."column", coalesce(spot.field, 'number'), j.rule, 'error', ''::bytea,
       CASE WHEN j.rule = 'patch.twice' THEN jsonb_build_object('row', j.first_row, 'sheet', 1 + j.first_sheet)
            ELSE '{{}}'::jsonb END
FROM judged j LEFT JOIN registry_spot AS spot ON spot.sheet = j.sheet AND spot.field = j.field
WHERE j.rule IS NOT NULL AND NOT EXISTS (
    SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = j.sheet AND f."row" = j."row"
    AND f.severity = 'error')
"""  # noqa: S608 - built from constants

# Values that stay as they are though the row is applied.
FINDINGS_OF_VALUES = f"""
WITH said AS (
    SELECT p.sheet, p."row", each.field, each.rule
    FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id JOIN registry_resident r ON r.id = p.resident_id
    CROSS JOIN LATERAL (VALUES
        ('relation', 'patch.head', s.relation NOT IN ('', r.relation) AND 'head' IN (s.relation, r.relation)),
        ('sex', 'patch.by_number', s.number_blind IS NULL AND r.number_blind IS NOT NULL AND s.sex NOT IN ('', r.sex)),
        ('birth', 'patch.by_number', s.number_blind IS NULL AND r.number_blind IS NOT NULL AND {_OTHER_BIRTH}),
        ('birth', 'patch.less_exact', r.number_blind IS NULL AND {_LESS_EXACT} AND {_OTHER_BIRTH})
    ) AS each (field, rule, holds)
    WHERE p.intake_id = %(i)s AND each.holds)
INSERT INTO registry_finding (intake_id, region_code, sheet, "row", "column", field, rule, severity, value, params)
SELECT %(i)s, %(region)s, said.sheet, said."row", spot."column", said.field, said.rule, 'warning', ''::bytea,
       '{{}}'::jsonb
FROM said LEFT JOIN registry_spot AS spot ON spot.sheet = said.sheet AND spot.field = said.field
"""  # noqa: S608 - built from constants

APPLIES = """
UPDATE registry_patchrow p SET applies = true
WHERE p.intake_id = %(i)s AND p.resident_id IS NOT NULL AND cardinality(p.fields) > 0 AND NOT EXISTS (
    SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = p.sheet AND f."row" = p."row"
    AND f.severity = 'error')
"""

COUNTS = """
SELECT count(*), count(*) FILTER (WHERE p.applies),
       count(*) FILTER (WHERE NOT p.applies AND p.resident_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM registry_finding f WHERE f.intake_id = %(i)s AND f.sheet = p.sheet AND f."row" = p."row"
           AND f.severity = 'error')),
       count(DISTINCT p.household_id) FILTER (WHERE p.applies)
FROM registry_patchrow p WHERE p.intake_id = %(i)s
"""
FIELD_COUNTS = """
SELECT field, count(*) FROM registry_patchrow p CROSS JOIN unnest(p.fields) AS field
WHERE p.intake_id = %(i)s AND p.applies GROUP BY field ORDER BY field
"""

# In the order of their keys, so that two files can't wait for each other.
LOCK_HOMES = """
SELECT k.id FROM registry_household k WHERE k.id IN (
    SELECT household_id FROM registry_patchrow WHERE intake_id = %(i)s AND applies) ORDER BY k.id FOR UPDATE
"""
LOCK_PEOPLE = """
SELECT r.id FROM registry_resident r WHERE r.id IN (
    SELECT resident_id FROM registry_patchrow WHERE intake_id = %(i)s AND applies) ORDER BY r.id FOR UPDATE
"""

# Which columns of a resident belong to a field of the file.
_COLUMNS = {
    "name": ("name", "pinyin", "initials"),
    "number": ("number", "number_kind", "number_blind", "number_tail"),
    "sex": ("sex",),
    "birth": ("born_on", "born_precision"),
    "phone": ("phone", "phone_blind", "phone_tail"),
    "account": ("account", "account_blind", "account_tail"),
    "bank": ("bank",),
    "note": ("note",),
}
_PERSON = "ARRAY[" + ", ".join(f"'{field}'" for field in _COLUMNS) + "]::varchar[]"
_RELATION = "ARRAY['relation']::varchar[]"
_HOME = "ARRAY['address', 'income']::varchar[]"
_KEPT = " || ".join(
    f"CASE WHEN '{field}' = ANY(p.fields) THEN jsonb_build_object("
    + ", ".join(f"'{column}', r.{column}" for column in columns)
    + ") ELSE '{}'::jsonb END"
    for field, columns in [*_COLUMNS.items(), ("relation", ("relation",))]
)
_TAKEN = ", ".join(
    f"{column} = CASE WHEN '{field}' = ANY(p.fields) THEN s.{column} ELSE r.{column} END"
    for field, columns in _COLUMNS.items()
    for column in columns
)
_GIVEN_BACK = ", ".join(
    f"{column} = CASE WHEN '{field}' = ANY(p.fields) THEN b.{column} ELSE r.{column} END"
    for field, columns in _COLUMNS.items()
    for column in columns
)

KEEP_BEFORE = f"""
UPDATE registry_patchrow p SET before = {_KEPT},
    home_before = CASE WHEN p.fields && {_HOME}
                  THEN jsonb_build_object('address', k.address, 'income_fen', k.income_fen) END,
    version = r.version + (p.fields && {_PERSON})::int + (p.fields && {_RELATION})::int,
    home_version = CASE WHEN p.fields && {_HOME} THEN k.version + 1 END
FROM registry_resident r JOIN registry_household k ON k.id = r.household_id
WHERE p.intake_id = %(i)s AND p.applies AND r.id = p.resident_id
"""  # noqa: S608 - built from constants

CHANGE_PEOPLE = f"""
UPDATE registry_resident r SET {_TAKEN}, changed_at = %(at)s, version = r.version + 1
FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id
WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_PERSON} AND r.id = p.resident_id
"""  # noqa: S608 - built from constants

# By itself: naming the column makes the database look for a head of each household that is touched.
CHANGE_RELATIONS = f"""
UPDATE registry_resident r SET relation = s.relation, changed_at = %(at)s, version = r.version + 1
FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id
WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_RELATION} AND r.id = p.resident_id
"""  # noqa: S608 - built from constants

# Address and income of a household may come from two rows.
CHANGE_HOMES = f"""
WITH given AS (
    SELECT p.household_id,
           max(s.address) FILTER (WHERE 'address' = ANY(p.fields)) AS address,
           max(s.income_fen) FILTER (WHERE 'income' = ANY(p.fields)) AS income_fen
    FROM registry_patchrow p JOIN registry_stagedrow s ON s.id = p.id
    WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_HOME} GROUP BY p.household_id)
UPDATE registry_household k SET address = coalesce(given.address, k.address),
    income_fen = coalesce(given.income_fen, k.income_fen), changed_at = %(at)s, version = k.version + 1
FROM given WHERE k.id = given.household_id
"""  # noqa: S608 - built from constants

ADD_CATEGORIES = f"""
WITH applied AS (SELECT id, resident_id FROM registry_patchrow WHERE intake_id = %(i)s AND applies),
new AS ({_FRESH.format(people="applied")})
INSERT INTO registry_categoryentry (id, resident_id, region_code, kind, kind_blind, fact, detail, valid_from, source,
    evidence, intake_id, created_at)
SELECT c.id, r.id, r.region_code, c.kind, c.kind_blind, c.fact, c.detail, %(day)s, %(source)s, '', %(i)s, %(at)s
FROM new JOIN registry_stagedcategory c ON c.id = new.id JOIN applied ON applied.id = c.resident_id
JOIN registry_resident r ON r.id = applied.resident_id
"""  # noqa: S608 - built from constants

# Somebody was changed since the file was compared (under lock: nobody can be from here on).
STALE = """
SELECT EXISTS (
    SELECT FROM registry_patchrow p JOIN registry_resident r ON r.id = p.resident_id
    JOIN registry_household k ON k.id = r.household_id
    WHERE p.intake_id = %(i)s AND p.applies AND (
        r.version <> p.version OR k.version <> p.home_version OR k.id <> p.household_id OR r.ended_on IS NOT NULL))
"""

TOUCHED = """
SELECT EXISTS (
    SELECT FROM registry_patchrow p JOIN registry_resident r ON r.id = p.resident_id
    WHERE p.intake_id = %(i)s AND p.applies AND r.version <> p.version)
OR EXISTS (
    SELECT FROM registry_patchrow p JOIN registry_household k ON k.id = p.household_id
    WHERE p.intake_id = %(i)s AND p.applies AND p.home_version IS NOT NULL AND k.version <> p.home_version)
OR EXISTS (SELECT FROM registry_categoryentry WHERE intake_id = %(i)s AND valid_to IS NOT NULL)
"""

PEOPLE_BACK = f"""
UPDATE registry_resident r SET {_GIVEN_BACK}, changed_at = %(at)s, version = r.version + 1
FROM registry_patchrow p CROSS JOIN LATERAL jsonb_populate_record(NULL::registry_resident, p.before) AS b
WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_PERSON} AND r.id = p.resident_id
"""  # noqa: S608 - built from constants
RELATIONS_BACK = f"""
UPDATE registry_resident r SET relation = p.before ->> 'relation', changed_at = %(at)s, version = r.version + 1
FROM registry_patchrow p
WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_RELATION} AND r.id = p.resident_id
"""  # noqa: S608 - built from constants
HOMES_BACK = f"""
UPDATE registry_household k SET address = p.home_before ->> 'address',
    income_fen = (p.home_before ->> 'income_fen')::bigint, changed_at = %(at)s, version = k.version + 1
FROM registry_patchrow p
WHERE p.intake_id = %(i)s AND p.applies AND p.fields && {_HOME} AND k.id = p.household_id
"""  # noqa: S608 - built from constants
