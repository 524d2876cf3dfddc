"""`./boai up`: database, migrations, divisions, demo, then web, worker and log under one supervisor."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from boai.launcher import demonstration, prepare
from boai.launcher.children import Child, sweep_leftovers
from boai.launcher.cluster import Cluster
from boai.launcher.django_host import boot
from boai.launcher.environment import embedded_urls, external_url, keys, urls_for
from boai.launcher.failures import LaunchError
from boai.launcher.manage import home_cluster
from boai.launcher.paths import VAR

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    host: str
    port: int
    demo: bool


def parse(words: list[str]) -> Wishes:
    """`--host`, `--port`, `--no-demo`."""
    parser = argparse.ArgumentParser(prog="./boai up", description="启动博爱 / Run Boai")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="端口 / port (8000)")
    parser.add_argument("--no-demo", action="store_true", help="不装演示数据 / without the demo county")
    given = parser.parse_args(words)
    if not 0 < given.port < 65536:
        raise LaunchError(
            f"端口要在 1 到 65535 之间，不能是 {given.port}。 / A port is between 1 and 65535, not {given.port}."
        )
    return Wishes(given.host, given.port, not given.no_demo)


def up(words: list[str]) -> int:
    """Start everything, print the address, supervise until Ctrl-C; the exit code."""
    wishes = parse(words)
    VAR.mkdir(parents=True, exist_ok=True)
    stop = _Stop()
    with _only_one():
        _await_port(wishes, seconds=5 if sweep_leftovers() else 0)  # fail before anything is started
        supervisor = Supervisor(wishes, stop)
        try:
            supervisor.start()
            supervisor.watch()
        finally:
            supervisor.stop()
    return 0


class _Stop:
    """Set by SIGINT or SIGTERM. While we prepare, the signal interrupts at once."""

    def __init__(self) -> None:
        self.wanted = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        first, self.wanted = not self.wanted, True
        if first:
            raise KeyboardInterrupt


def _only_one() -> IO[str]:
    handle = (VAR / "up.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LaunchError(
            "这份博爱已经在运行。要重启，请先在原来的窗口按 Ctrl-C。 / "
            "This copy of Boai is already running. Press Ctrl-C in its window first."
        ) from None
    return handle


def _await_port(wishes: Wishes, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(LaunchError):
            return _check_port(wishes)
        time.sleep(0.1)
    return _check_port(wishes)


def _check_port(wishes: Wishes) -> None:
    """Can we listen there? Raises LaunchError, which tells a port that is taken from an address that is not ours."""
    family = socket.AF_INET6 if ":" in wishes.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((wishes.host, wishes.port))
    except OSError as error:
        if error.errno == errno.EACCES:
            raise LaunchError(
                f"没有权限使用端口 {wishes.port}（1024 以下要 root），请换一个，例如 ./boai up --port 8000。 / "
                f"Port {wishes.port} needs root (below 1024). Try ./boai up --port 8000."
            ) from None
        if error.errno != errno.EADDRINUSE:
            raise LaunchError(
                f"本机没有地址 {wishes.host}（{error.strerror}），--host 请写本机的地址，或 0.0.0.0 表示全部。 / "
                f"This machine has no address {wishes.host} ({error.strerror}). Give --host one of its own, or 0.0.0.0."
            ) from None
        other = wishes.port + 1 if wishes.port < 65535 else wishes.port - 1
        raise LaunchError(
            f"端口 {wishes.port} 已被占用，请换一个，例如 ./boai up --port {other}。 / "
            f"Port {wishes.port} is in use. Try ./boai up --port {other}."
        ) from None


class Supervisor:
    """Holds the processes of one installation and brings back those that die."""

    def __init__(self, wishes: Wishes, stop: _Stop) -> None:
        self.wishes, self.asked = wishes, stop
        self.demo = False
        self.cluster: Cluster | None = None
        self.database: Child | None = None
        self.children: list[Child] = []

    def start(self) -> None:
        """From nothing to a web page that answers."""
        started = time.monotonic()
        environment = self._database()
        owner = environment["BOAI_OWNER_DATABASE_URL"]
        self.demo = demonstration.settle(owner, wished=self.wishes.demo)
        environment |= self._web_environment()
        boot(environment)
        prepare.prepare(environment, demo=self.demo)
        working = _without(environment, "BOAI_OWNER_DATABASE_URL", "BOAI_PG_PASSWORD")
        web_only = _without(working, "BOAI_LOG_DATABASE_URL", "BOAI_LOG_SEED")
        python = [sys.executable, "-m"]
        self.children = [
            Child("web", [*python, "granian", "--interface", "wsgi", "--host", self.wishes.host, "--port",
                          str(self.wishes.port), "--workers", os.environ.get("BOAI_WEB_WORKERS", "2"),
                          "--blocking-threads", "4", "--backpressure", "64", "--no-ws", "--log-level", "warning",
                          "--respawn-failed-workers", "boai.web.wsgi:application"], web_only),
            Child("worker", [*python, "django", "procrastinate", "worker", "--concurrency", "2"], web_only),
            Child("log", [*python, "django", "audit_sequence"], working),
        ]  # fmt: skip
        web, *others = self.children
        web.start()
        self._wait_until_it_answers(web)
        for child in others:  # not before: on two cores all at once would keep the first page waiting
            child.start()
        (VAR / "address").write_text(environment["BOAI_PUBLIC_URL"])
        prepare.say_ready(
            self._address(),
            demo=self.demo,
            first_person=demonstration.without_people(owner),
            seconds=time.monotonic() - started,
        )

    def watch(self) -> None:
        """Bring back what dies, until we are asked to stop."""
        with suppress(KeyboardInterrupt):
            while not self.asked.wanted:
                time.sleep(0.5)
                if self.cluster is not None and not self.cluster.is_ready():
                    print("数据库停了，正在重新启动… / The database went away; starting it again…", flush=True)
                    self._restart_database(self.cluster)
                for child in self.children:
                    child.keep_alive()

    def _restart_database(self, cluster: Cluster) -> None:
        """After a hard fall the old server's children may hold the data for a moment: then the next round tries."""
        try:
            cluster.start()
        except LaunchError as error:
            print(error, flush=True)
            time.sleep(1)

    def stop(self) -> None:
        """Web first, so that nothing new begins; the database last."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if self.children:
            print("\n正在停止… / Stopping…", flush=True)
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.wait()
        if self.cluster is not None:
            self.cluster.stop()

    def _database(self) -> dict[str, str]:
        secrets = keys()
        url = external_url()
        if url:
            return secrets | urls_for(url, secrets["BOAI_SECRET_KEY"])
        first = not (VAR / "pg" / "PG_VERSION").exists()
        if first:
            print("建立内置数据库… / Making the embedded database…", flush=True)
        self.cluster = home_cluster()
        self.cluster.start()
        return secrets | embedded_urls(self.cluster, secrets["BOAI_SECRET_KEY"])

    def _web_environment(self) -> dict[str, str]:
        values = {"DJANGO_SETTINGS_MODULE": "boai.settings"}
        if self.demo:
            values["BOAI_DEMO"] = "1"
        if "BOAI_HOSTS" not in os.environ:
            if self.wishes.host not in LOOPBACK and not self.demo:
                raise LaunchError(
                    "对外监听时请设置 BOAI_HOSTS，写上访问用的域名，例如 BOAI_HOSTS=boai.example.org。 / "
                    "When listening to the outside, set BOAI_HOSTS to the host names people use."
                )
            values["BOAI_HOSTS"] = "localhost,127.0.0.1,[::1]" if self.wishes.host in LOOPBACK else "*"
        values.setdefault("BOAI_PUBLIC_URL", os.environ.get("BOAI_PUBLIC_URL", self._address()))
        return values

    def _address(self) -> str:
        host = self.wishes.host if self.wishes.host not in ("0.0.0.0", "::") else socket.gethostname()  # noqa: S104 - compared, not bound
        return f"http://{'localhost' if host in LOOPBACK else host}:{self.wishes.port}"

    def _wait_until_it_answers(self, web: Child) -> None:
        host = "127.0.0.1" if self.wishes.host in ("0.0.0.0", "localhost") else self.wishes.host  # noqa: S104 - compared
        url = f"http://{f'[{host}]' if ':' in host else host}:{self.wishes.port}/healthz"
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            web.keep_alive()
            with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise LaunchError(
            f"网页服务没有应答，请看 {VAR / 'log'} 里的日志。 / The web server does not answer; see {VAR / 'log'}."
        )


def _without(environment: dict[str, str], *names: str) -> dict[str, str]:
    return {k: v for k, v in environment.items() if k not in names}
