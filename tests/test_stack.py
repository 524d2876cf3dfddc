"""`./boai up` for real: it answers, survives kill -9 of any part and of itself, loses nothing, stops cleanly."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest

PATIENCE = 180  # seconds; a loaded machine is slow, not broken


class Stack:
    """One `./boai up --no-demo` in a folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = var.parent / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait until it says that it is ready; the seconds it names."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("BOAI_")} | {"BOAI_VAR": str(self.var)}
        words = [sys.executable, "-m", "boai.launcher", "up", "--no-demo", "--port", str(self.port)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(words, env=env, stdout=out, stderr=out)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = re.search(r"已就绪（([\d.]+) 秒）", self.log.read_text())
            if found:
                return float(found.group(1))
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def part(self, word: str) -> psutil.Process:
        """The process of this stack whose command line holds `word`: a child of the supervisor, not a worker of one."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if word in " ".join(child.cmdline()):
                    return child
        raise AssertionError(f"no process {word}")

    def part_after(self, before: psutil.Process, word: str) -> psutil.Process:
        """The process that has taken the place of another; looked for until patience ends."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                if (found := self.part(word)).pid != before.pid:
                    return found
            time.sleep(0.3)
        raise AssertionError(f"{word} did not come back\n{self.log.read_text()}")

    def database_after(self, before: int) -> None:
        """Wait until another server than the one with this process id has written its lock file and runs."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError, IndexError, ValueError):
                now = int((self.var / "pg" / "postmaster.pid").read_text().split()[0])
                if now != before and psutil.pid_exists(now):
                    return
            time.sleep(0.1)
        raise AssertionError(f"the database did not come back\n{self.log.read_text()}")

    def answers(self, path: str = "/healthz") -> bool:
        """Does the page come within patience?"""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            address = f"http://127.0.0.1:{self.port}{path}"
            with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
            time.sleep(0.3)
        return False

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def stack() -> Iterator[Stack]:
    """In a folder that stays open to PostgreSQL's user: pytest closes its own again when a second run begins."""
    with TemporaryDirectory(prefix="boai-stack-", ignore_cleanup_errors=True) as folder:
        made = Stack(Path(folder) / "var")
        yield made
        if made.process is not None and made.process.poll() is None:
            made.stop()
        left = made.var / "pg" / "postmaster.pid"
        if left.exists():
            with suppress(ProcessLookupError):
                os.kill(int(left.read_text().split()[0]), signal.SIGINT)


def _boai(stack: Stack, *words: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("BOAI_")} | {"BOAI_VAR": str(stack.var)}
    command = [sys.executable, "-m", "boai.launcher", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_up_survives_what_happens_to_it(stack: Stack) -> None:
    stack.start()
    assert stack.answers()
    assert stack.answers("/")
    invitation = ("people_first_admin", "--branch", "621121", "--branch-name", "通渭县红十字会", "--name", "第一位")
    assert "/people/join/" in _boai(stack, *invitation)

    for word in ("granian", "procrastinate", "audit_sequence"):
        before = stack.part(word)
        before.kill()
        assert stack.part_after(before, word).is_running(), word
    assert stack.answers()

    for _time in range(3):
        database = psutil.Process(int((stack.var / "pg" / "postmaster.pid").read_text().split()[0]))
        database.kill()
        stack.database_after(database.pid)
        assert stack.answers(), f"the database comes back by itself\n{stack.log.read_text()}"
    assert "没有启动" not in stack.log.read_text(), (
        "a dead server that nobody has reaped holds the lock for those after it"
    )

    assert stack.process is not None
    web, workers = stack.part("granian"), stack.part("granian").children()
    for process in (stack.process, web):
        process.kill()
    stack.process.wait()
    time.sleep(1)
    assert any(worker.is_running() for worker in workers), "orphans hold the port"
    seconds = stack.start()
    assert stack.answers()
    assert not any(worker.is_running() for worker in workers)
    link = _boai(stack, *invitation)
    assert f"http://localhost:{stack.port}/people/join/" in link, (
        "the branch is still there and still has no administrator"
    )
    assert stack.stop() == 0
    assert not (stack.var / "pg" / "postmaster.pid").exists()
    print(f"second start: {seconds:.1f} s")


def test_only_one_at_a_time(stack: Stack) -> None:
    stack.var.mkdir()
    import fcntl

    with (stack.var / "up.lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        env = dict(os.environ) | {"BOAI_VAR": str(stack.var)}
        words = [sys.executable, "-m", "boai.launcher", "up", "--port", str(stack.port)]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "already running" in done.stderr
