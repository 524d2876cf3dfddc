"""One supervised process: it dies with us, comes back when it falls, and writes its own log."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from boai.launcher.paths import ROOT, SRC, VAR

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
SUPERVISED = "BOAI_SUPERVISED"  # in the environment of everything we start: whose it is
LOG_LIMIT = 20 * 1024 * 1024


class Child:
    """A process and what is needed to start it again."""

    def __init__(self, name: str, words: list[str], environment: Mapping[str, str]) -> None:
        self.name, self.words = name, words
        hidden = {
            "BOAI_OWNER_DATABASE_URL",
            "BOAI_PG_PASSWORD",
            "BOAI_LOG_DATABASE_URL",
            "BOAI_LOG_SEED",
            "DATABASE_URL",
        }
        inherited = {k: v for k, v in os.environ.items() if k not in hidden}
        self.environment = inherited | dict(environment) | {"PYTHONPATH": str(SRC), SUPERVISED: str(VAR.resolve())}
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.falls = 0

    def start(self) -> None:
        """Start the process; its output goes to var/log/NAME.log."""
        folder = VAR / "log"
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - before any thread of ours exists
            )
        self.started = time.monotonic()

    def keep_alive(self) -> None:
        """Start it again if it has fallen; ever slower if it keeps falling."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        self.falls = 0 if lived > 60 else self.falls + 1
        if lived < min(2**self.falls, 30) / 2:
            return
        self._sweep()
        print(
            f"{self.name} 停了，重新启动（见 var/log/{self.name}.log） / {self.name} fell; starting it again",
            flush=True,
        )
        self.start()

    def ask_to_stop(self) -> None:
        """SIGTERM to the whole group."""
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float = 12) -> None:
        """Wait for the end; insist after `seconds`."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait(5)

    def _sweep(self) -> None:
        """What the fallen process had started lives on without it and would hold its port: end the whole group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def sweep_leftovers(seconds: float = 5) -> bool:
    """End what a fallen supervisor left behind: web processes whose own parent fell with it still hold the port.

    True if there was something; its sockets may take a moment longer than the processes to go.
    """
    deadline = time.monotonic() + seconds
    found = False
    while (left := _leftovers()) and time.monotonic() < deadline:
        found = True
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return found


def _leftovers() -> list[int]:
    ours = f"{SUPERVISED}={VAR.resolve()}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # gone, or somebody else's
            if ours in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found
