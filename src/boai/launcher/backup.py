"""Backup and restore: one file with the database and the uploaded files. The keys are kept apart, on purpose."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryDirectory

from boai.launcher.cluster import POSTGRES_BIN_PATH
from boai.launcher.environment import OLD, open_roles
from boai.launcher.failures import LaunchError
from boai.launcher.manage import database_environment
from boai.launcher.paths import VAR

DUMP, FILES, KEY = "database.dump", "files", "key.sha256"
TOO_NEW = b"SET transaction_timeout = 0;"  # our pg_restore writes it, PostgreSQL 16 does not know it


def backup(words: list[str]) -> int:
    """`./boai backup FILE`: pg_dump (custom format) and the file store into one tar; safe while everything runs."""
    if len(words) != 1:
        raise LaunchError("用法：./boai backup 文件.tar / Usage: ./boai backup FILE.tar")
    target = Path(words[0]).resolve()
    if not target.parent.is_dir():
        raise LaunchError(
            f"没有文件夹 {target.parent}，请先建立。 / There is no folder {target.parent}; make it first."
        )
    partial = target.with_name(target.name + ".part")
    try:
        with database_environment() as environment, TemporaryDirectory(prefix=".boai-", dir=target.parent) as folder:
            dump = Path(folder) / DUMP
            _pg("pg_dump", ["--format=custom", "--no-owner", f"--file={dump}", environment["BOAI_OWNER_DATABASE_URL"]])
            partial.touch(mode=0o600)
            with tarfile.open(partial, "w") as tar:
                tar.add(dump, DUMP)
                tar.add(_written(Path(folder) / KEY, fingerprint(environment["BOAI_MASTER_KEY"])), KEY)
                _add_files(tar)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    print(
        f"已备份到 {target}（{target.stat().st_size / 1e6:.1f} MB）。请另外保存 var/keys.json，没有它备份无法解密。 / "
        f"Backed up. Keep var/keys.json in another place: without it the sealed fields cannot be read."
    )
    return 0


def restore(words: list[str]) -> int:
    """`./boai restore FILE`: into an empty database only, so that nothing is ever overwritten. All or nothing."""
    if len(words) != 1 or not Path(words[0]).is_file():
        raise LaunchError("用法：./boai restore 备份文件 / Usage: ./boai restore FILE")
    VAR.mkdir(parents=True, exist_ok=True)
    with database_environment() as environment, TemporaryDirectory(prefix=".boai-", dir=VAR) as folder:
        url = environment["BOAI_OWNER_DATABASE_URL"]
        if _has_tables(url):
            raise LaunchError(
                "数据库里已有数据，不会覆盖。请先换一个空库（或移走 var/pg）再恢复。 / "
                "The database is not empty and will not be overwritten. Restore into an empty one."
            )
        ring = [environment["BOAI_MASTER_KEY"], *filter(None, environment[OLD].split(","))]
        _unpack(Path(words[0]), Path(folder), ring)
        _make_roles(url)
        _load(Path(folder) / DUMP, url)
        open_roles(environment)
        stored = Path(folder) / FILES
        if stored.exists():
            _merge(stored, _files_folder())
    print("已恢复。 / Restored.")
    return 0


def fingerprint(master_key: str) -> str:
    """Tells whether a backup belongs to a key, and nothing about the key (256 random bits)."""
    return hashlib.sha256(b"boai backup|" + base64.b64decode(master_key)).hexdigest()


def _files_folder() -> Path:
    return Path(os.environ.get("BOAI_FILES_DIR", VAR / "files"))


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _add_files(tar: tarfile.TarFile) -> None:
    """Everything in the file store; what the nightly sweep takes away meanwhile is no loss."""
    folder = _files_folder()
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file():
                tar.add(path, f"{FILES}/{path.relative_to(folder)}")


def _unpack(file: Path, folder: Path, master_keys: list[str]) -> None:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise LaunchError(
            f"{file} 读不出来（{error}），换一份备份试试。 / {file} cannot be read ({error}). Try another backup."
        ) from None
    if not (folder / DUMP).exists():
        raise LaunchError(f"{file} 不是博爱的备份。 / {file} is not a backup made by ./boai backup.")
    key = folder / KEY
    if key.exists() and key.read_text() not in {fingerprint(one) for one in master_keys}:
        raise LaunchError(
            f"这份备份是用另一把密钥加密的。请先把那时的 keys.json 放到 {VAR / 'keys.json'} 再恢复。 / "
            f"This backup is sealed with another key. Put the keys.json of that time at {VAR / 'keys.json'} first."
        )


def _load(dump: Path, url: str) -> None:
    """pg_restore writes the script, psql runs it in one transaction: a restore that fails leaves the database empty."""
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
    reader = subprocess.Popen(
        [POSTGRES_BIN_PATH / "pg_restore", "--no-owner", "--file=-", dump], stdout=PIPE, stderr=PIPE
    )
    runner = subprocess.Popen([POSTGRES_BIN_PATH / "psql", *words], stdin=PIPE, stdout=DEVNULL, stderr=PIPE)
    assert reader.stdout is not None
    assert runner.stdin is not None
    with suppress(BrokenPipeError), runner.stdin as script:
        for line in reader.stdout:
            if line.strip() != TOO_NEW:
                script.write(line)
            if line.startswith(b"SET row_security"):  # the end of the preamble
                break
        shutil.copyfileobj(reader.stdout, script, 1 << 20)
    reader.stdout.close()
    for name, process in (("psql", runner), ("pg_restore", reader)):
        assert process.stderr is not None
        said = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise LaunchError(_failed(name, said))


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
    done = subprocess.run([POSTGRES_BIN_PATH / program, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LaunchError(_failed(program, done.stderr))


def _failed(program: str, said: str) -> str:
    reason = (said.strip().splitlines() or ["?"])[0]
    return f"{program} 没有成功：{reason} / {program} failed: {reason}"
