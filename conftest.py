"""Fixtures for every test live in tests/plugin.py; here is only what must override pytest-django."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.plugin"]


@pytest.fixture
def db(db: None) -> None:
    """pytest-django's `db`, seeing everything unless the test narrows the scope itself."""
    from boai.kernel.scope import EVERYWHERE, set_scope

    set_scope(EVERYWHERE)
