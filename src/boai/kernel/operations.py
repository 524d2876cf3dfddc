"""Migration operations for what the database itself must keep: row security and append-only tables."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.db import migrations

APP_ROLE = "boai_app"
LOG_ROLE = "boai_log"
Statement: TypeAlias = str | tuple[str, dict[str, Any] | list[Any] | tuple[Any, ...] | None]


def RowSecurity(table: str, column: str = "region_code", also: str = "") -> migrations.RunSQL:  # noqa: N802 - reads as an operation
    """Rows of `table` are seen and written only inside the connection's scope.

    `also` is an SQL condition under which a row may be *read* beyond the scope (a published notice, say). The
    sub-selects make PostgreSQL evaluate each setting once per query, not once per row. `IS TRUE` keeps the planner from
    taking the condition for a range of half a percent and scanning a whole county by it (docs/adr/009): queries name
    their range themselves.
    """
    lowest, highest = (f"(SELECT current_setting('boai.{end}', true))" for end in ("lo", "hi"))
    inside = f"({column} >= {lowest}) IS TRUE AND ({column} <= {highest}) IS TRUE"
    statements: list[Statement] = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_scope ON {table} TO {APP_ROLE} USING ({inside}) WITH CHECK ({inside})",
    ]
    reverse: list[Statement] = [
        f"DROP POLICY IF EXISTS {table}_scope ON {table}",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    if also:
        statements.append(f"CREATE POLICY {table}_also ON {table} FOR SELECT TO {APP_ROLE} USING ({also})")
        reverse.insert(0, f"DROP POLICY IF EXISTS {table}_also ON {table}")
    return migrations.RunSQL(statements, reverse)


def AppendOnly(table: str) -> migrations.RunSQL:  # noqa: N802 - reads as an operation
    """Rows of `table` are written once: no UPDATE, DELETE or TRUNCATE, by right and by trigger (owner included)."""
    return migrations.RunSQL(
        [
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE}",
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION boai_refuse_change()""",
        ],
        [
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
            f"GRANT UPDATE, DELETE ON {table} TO {APP_ROLE}",
        ],
    )
