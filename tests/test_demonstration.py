"""The demo comes whole or not at all, and never into an installation of somebody's own."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from boai.launcher import demonstration, reset
from boai.launcher.failures import LaunchError


@pytest.fixture
def owner_url(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The owner's address of a database of the test's own, with nobody in it; files go to a folder of the test's own."""
    monkeypatch.setattr(demonstration, "VAR", tmp_path)
    (tmp_path / "files").mkdir()
    return urlsplit(os.environ["BOAI_OWNER_DATABASE_URL"])._replace(path=f"/{own_database}").geturl()


def _tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row[0] if row else 0


def _branch() -> None:
    from boai.people.models import Branch

    Branch.objects.create(name="本来就有的组织", region_code="621121000000")


def test_an_empty_installation_does_as_it_is_told(owner_url: str) -> None:
    assert demonstration.settle(owner_url, wished=True)
    assert not demonstration.settle(owner_url, wished=False)
    assert demonstration.without_people(owner_url)


def test_the_demo_stays_out_where_somebody_lives(owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    _branch()
    tables = _tables(owner_url)
    assert not demonstration.settle(owner_url, wished=True)
    assert "no demo" in capsys.readouterr().out
    assert _tables(owner_url) == tables


def test_a_demo_cut_short_is_swept_away(owner_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from django.db import connections

    demonstration.mark(owner_url, demonstration.PLAYING)
    _branch()
    connections.close_all()
    assert demonstration.settle(owner_url, wished=True)
    assert "anew" in capsys.readouterr().out
    assert _tables(owner_url) == 0
    assert not (tmp_path / "files").exists()
    assert not demonstration.is_played(owner_url)


def test_a_demo_is_never_run_as_if_it_were_none(owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    _branch()
    demonstration.mark(owner_url, demonstration.PLAYED)
    assert demonstration.settle(owner_url, wished=False)
    assert "--no-demo" in capsys.readouterr().out
    assert demonstration.settle(owner_url, wished=True)
    assert _tables(owner_url)


def test_reset_asks_and_takes_only_a_demo(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url)
    with pytest.raises(LaunchError, match="--yes"):
        reset.reset([])
    with pytest.raises(LaunchError, match="not a demo"):
        reset.reset(["--yes"])
    assert _tables(owner_url)
    demonstration.mark(owner_url, demonstration.PLAYED)
    from django.db import connections

    with pytest.raises(LaunchError, match="Stop it"):
        reset.reset(["--yes"])
    connections.close_all()
    assert reset.reset(["--yes"]) == 0
    assert _tables(owner_url) == 0
