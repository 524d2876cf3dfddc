"""Backup and restore: one file with the database and the uploaded files. The keys are kept apart, on purpose."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from boai.launcher.cluster import POSTGRES_BIN_PATH
from boai.launcher.environment import open_roles
from boai.launcher.failures import LaunchError
from boai.launcher.manage import database_environment
from boai.launcher.paths import VAR

DUMP, FILES = "database.dump", "files"


def backup(words: list[str]) -> int:
    """`./boai backup FILE`: pg_dump (custom format) and the file store into one tar; safe while everything runs."""
    if len(words) != 1:
        raise LaunchError("用法：./boai backup 文件.tar / Usage: ./boai backup FILE.tar")
    target = Path(words[0]).resolve()
    partial = target.with_name(target.name + ".part")
    with database_environment() as environment, tempfile.TemporaryDirectory(prefix="boai-") as folder:
        dump = Path(folder) / DUMP
        _pg("pg_dump", ["--format=custom", "--no-owner", f"--file={dump}", environment["BOAI_OWNER_DATABASE_URL"]])
        with tarfile.open(partial, "w") as tar:
            tar.add(dump, DUMP)
            files = Path(os.environ.get("BOAI_FILES_DIR", VAR / "files"))
            if files.exists():
                tar.add(files, FILES)
    partial.chmod(0o600)
    partial.replace(target)
    print(
        f"已备份到 {target}（{target.stat().st_size / 1e6:.1f} MB）。请另外保存 var/keys.json，没有它备份无法解密。 / "
        f"Backed up. Keep var/keys.json in another place: without it the sealed fields cannot be read."
    )
    return 0


def restore(words: list[str]) -> int:
    """`./boai restore FILE`: into an empty database only, so that nothing is ever overwritten."""
    if len(words) != 1 or not Path(words[0]).is_file():
        raise LaunchError("用法：./boai restore 备份文件 / Usage: ./boai restore FILE")
    with database_environment() as environment, tempfile.TemporaryDirectory(prefix="boai-") as folder:
        url = environment["BOAI_OWNER_DATABASE_URL"]
        if _has_tables(url):
            raise LaunchError(
                "数据库里已有数据，不会覆盖。请先换一个空库（或移走 var/pg）再恢复。 / "
                "The database is not empty and will not be overwritten. Restore into an empty one."
            )
        with tarfile.open(words[0]) as tar:
            tar.extractall(folder, filter="data")
        _make_roles(url)
        _pg("pg_restore", ["--no-owner", "--exit-on-error", f"--dbname={url}", str(Path(folder) / DUMP)])
        open_roles(environment)
        stored = Path(folder) / FILES
        if stored.exists():
            target = Path(os.environ.get("BOAI_FILES_DIR", VAR / "files"))
            target.parent.mkdir(parents=True, exist_ok=True)
            _merge(stored, target)
    print("已恢复。 / Restored.")
    return 0


def _merge(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())


def _has_tables(url: str) -> bool:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        ).fetchone()
    return bool(row and row[0])


def _make_roles(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for role in ("boai_app", "boai_log"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role} NOLOGIN")


def _pg(program: str, words: list[str]) -> None:
    done = subprocess.run([str(POSTGRES_BIN_PATH / program), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "?"
        raise LaunchError(f"{program} 没有成功：{reason} / {program} failed: {reason}")
