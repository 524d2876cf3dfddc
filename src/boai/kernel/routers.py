"""One database behind several roles: models live in `default`; only the owner may migrate it."""

from __future__ import annotations

from typing import Any


class OneDatabase:
    """`default`, `owner` and `log` are the same PostgreSQL database under different roles."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
