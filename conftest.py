"""Fixtures for every test: a real PostgreSQL seen through the application's role, a cast, a clock, a browser."""

from __future__ import annotations

pytest_plugins = ["tests.plugin"]
