"""A backup is one that has been restored: here it is, into an empty database, and every table is compared."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from boai.kernel.crypto import seal, unseal
from boai.launcher import backup
from boai.launcher.failures import LaunchError
from tests.plugin import cluster


def _url(database: str) -> str:
    return urlsplit(os.environ["BOAI_OWNER_DATABASE_URL"])._replace(path=f"/{database}").geturl()


def _boai(*words: str, database: str, files: Path) -> subprocess.CompletedProcess[str]:
    hidden = {"BOAI_DATABASE_URL", "BOAI_OWNER_DATABASE_URL", "BOAI_LOG_DATABASE_URL"}
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    env |= {"DATABASE_URL": _url(database), "BOAI_FILES_DIR": str(files)}
    command = [sys.executable, "-m", "boai.launcher", *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)


def _counts(database: str) -> dict[str, int]:
    with psycopg.connect(_url(database)) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relpersistence = 'p' ORDER BY 1"
            )
        ]
        counts = {}
        for name in names:
            row = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            counts[name] = row[0] if row else -1
        return counts


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"t_{uuid4().hex[:12]}"
    with cluster().admin() as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER boai_owner")
    yield name
    with cluster().admin() as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_backup_can_be_restored(own_database: str, empty_database: str, tmp_path: Path) -> None:
    from boai.people.models import Branch

    Branch.objects.create(name="备份前建的组织", region_code="621121000000")
    stored = tmp_path / "files" / "ab" / "object"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(seal("文件内容", "probe"))
    tar = tmp_path / "boai.tar"

    done = _boai("backup", str(tar), database=own_database, files=tmp_path / "files")
    assert done.returncode == 0, done.stderr
    assert tar.stat().st_mode & 0o777 == 0o600

    done = _boai("restore", str(tar), database=empty_database, files=tmp_path / "restored")
    assert done.returncode == 0, done.stderr
    assert _counts(empty_database) == _counts(own_database)
    assert unseal((tmp_path / "restored" / "ab" / "object").read_bytes(), "probe") == "文件内容"

    working = urlsplit(os.environ["BOAI_DATABASE_URL"])._replace(path=f"/{empty_database}").geturl()
    with psycopg.connect(working) as connection:
        assert connection.execute("SELECT count(*) FROM people_user").fetchone() == (0,)
        found = connection.execute("SELECT name FROM people_branch").fetchall()
        assert ("备份前建的组织",) in found
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE intruder (id int)")


def test_a_restore_never_overwrites(own_database: str, tmp_path: Path) -> None:
    tar = tmp_path / "boai.tar"
    assert _boai("backup", str(tar), database=own_database, files=tmp_path / "files").returncode == 0
    before = _counts(own_database)
    done = _boai("restore", str(tar), database=own_database, files=tmp_path / "files")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert _counts(own_database) == before


def test_a_restore_that_cannot_be_leaves_nothing(own_database: str, empty_database: str, tmp_path: Path) -> None:
    tar = tmp_path / "boai.tar"
    assert _boai("backup", str(tar), database=own_database, files=tmp_path / "files").returncode == 0
    assert not list(tmp_path.glob("*.part"))
    torn, foreign = tmp_path / "torn.tar", tmp_path / "foreign.tar"
    torn.write_bytes(tar.read_bytes()[: tar.stat().st_size * 2 // 3])
    with tarfile.open(foreign, "w") as other:
        other.add(__file__, "something.py")
    for file, said in ((torn, "cannot be read"), (foreign, "not a backup"), (tmp_path / "none.tar", "Usage")):
        done = _boai("restore", str(file), database=empty_database, files=tmp_path / "restored")
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert _counts(empty_database) == {}


def test_a_restore_asks_for_the_right_key(
    own_database: str, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tar = tmp_path / "boai.tar"
    assert _boai("backup", str(tar), database=own_database, files=tmp_path / "files").returncode == 0
    monkeypatch.setenv("BOAI_MASTER_KEY", base64.b64encode(bytes(range(32))).decode())
    done = _boai("restore", str(tar), database=empty_database, files=tmp_path / "restored")
    assert done.returncode == 2
    assert "another key" in done.stderr
    assert _counts(empty_database) == {}


def test_a_script_that_fails_half_way_leaves_the_database_empty(
    own_database: str, empty_database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "database.dump"
    backup._pg("pg_dump", ["--format=custom", "--no-owner", f"--file={dump}", _url(own_database)])
    with psycopg.connect(_url(empty_database), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.relief_case (id int)")
    with pytest.raises(LaunchError, match="already exists"):
        backup._load(dump, _url(empty_database))
    assert _counts(empty_database) == {"relief_case": 0}
