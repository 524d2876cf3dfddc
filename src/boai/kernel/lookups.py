"""`field__prefix="王"`: begins with, in a form that an index serves under row-level security.

PostgreSQL may use a condition as an index condition beside a policy only when its operator is leakproof. LIKE is not;
the comparisons are. A prefix is therefore the range from itself to itself followed by the last character there is.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Lookup

LAST = "\U0010ffff"


@CharField.register_lookup
class Prefix(Lookup):  # type: ignore[type-arg]  # generic only for the checker
    """Range of all texts with a prefix. Wants an index in the "C" collation or with text_pattern_ops."""

    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Plain comparisons for a column in the "C" collation, those of text_pattern_ops for any other."""
        left, params = self.process_lhs(compiler, connection)
        plain = getattr(self.lhs.output_field, "db_collation", None) == "C"
        from_, before = (">=", "<") if plain else ("~>=~", "~<~")
        return f"({left} {from_} %s AND {left} {before} %s)", [*params, self.rhs, *params, f"{self.rhs}{LAST}"]
