"""What must be in the database and on disk before the first page: schema, divisions, rules, demo, static files."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from boai.launcher import demonstration
from boai.launcher.django_host import migrate
from boai.launcher.environment import open_roles
from boai.launcher.paths import SRC, VAR


def prepare(environment: dict[str, str], *, demo: bool) -> None:
    """Bring everything up to date; each step does nothing when it has been done before."""
    from django.db import connections

    from boai.kernel.clock import now
    from boai.kernel.scope import EVERYWHERE, scoped

    if _schema_is_behind():
        _say("更新数据库结构… / Updating the schema…")
        migrate()
    open_roles(environment)
    with scoped(EVERYWHERE):
        _divisions()
        from boai.rulebook.services import defaults_load

        defaults_load(at=now())
        if demo:
            _demo(environment["BOAI_OWNER_DATABASE_URL"])
    connections.close_all()
    _static()


def say_ready(address: str, *, demo: bool, first_person: bool, seconds: float) -> None:
    """The address; in the demo who may sign in, and where nobody can yet, how the first one gets in."""
    print(
        f"\n博爱已就绪（{seconds:.1f} 秒） / Boai is ready\n\n"
        f"  公开网站 / portal    {address}/\n  工作台 / desk        {address}/desk/",
        flush=True,
    )
    if demo:
        from boai.demo.cast import sign_ins

        print("\n演示账号（仅演示，勿用于真实数据） / demo sign-ins (demo only):")
        for name, password, who in sign_ins():
            print(f"  {name:<12} {password:<16} {who}")
    elif first_person:
        print(
            "\n还没有人能登录。在另一个窗口运行下面这一行，会给出管理员的邀请链接 / "
            "Nobody can sign in yet. Run this in another window for the administrator's invitation:\n"
            "  ./boai people_first_admin --branch 621121 --branch-name 通渭县红十字会 --name 姓名"
        )
    print("\n按 Ctrl-C 停止 / Ctrl-C stops everything\n", flush=True)


def _say(text: str) -> None:
    print(text, flush=True)


def _schema_is_behind() -> bool:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _divisions() -> None:
    from boai.regions.services import divisions_are_loaded, divisions_load

    if divisions_are_loaded():
        return
    start = time.monotonic()
    divisions_load(progress=_progress("装入全国行政区划 / Loading the divisions of the whole country"))
    _say(f" 完成 / done ({time.monotonic() - start:.1f} s)")


def _demo(url: str) -> None:
    from boai.demo.services import demo_load
    from boai.kernel.clock import now

    if demonstration.is_played(url):
        return
    start = time.monotonic()
    demonstration.mark(url, demonstration.PLAYING)
    demo_load(at=now(), progress=_progress("演示县：通渭 / The demo county"))
    demonstration.mark(url, demonstration.PLAYED)
    _say(f" 完成 / done ({time.monotonic() - start:.1f} s)")


class _progress:  # noqa: N801 - used as a function
    """Prints "label 40 %" as a step moves on; one line on a terminal."""

    def __init__(self, label: str) -> None:
        self.label, self.shown = label, -1
        self.live = sys.stdout.isatty()
        if not self.live:
            print(f"{label}…", end="", flush=True)

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if percent != self.shown and self.live:
            self.shown = percent
            print(f"\r{self.label} {percent} %", end="", flush=True)


def _static() -> None:
    from django.core.management import call_command

    folders = sorted((SRC / "boai").glob("*/static"))
    digest = hashlib.sha256()
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path}|{path.stat().st_mtime_ns}|{path.stat().st_size}".encode())
    stamp: Path = VAR / "static.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest.hexdigest())
