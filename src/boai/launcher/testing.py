"""`./boai check` and `./boai test`: the same on a laptop and in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from boai.launcher import catalogue
from boai.launcher.cluster import throw_away_cluster
from boai.launcher.environment import embedded_urls, keys
from boai.launcher.paths import ROOT, SRC

EXPLORE = "--explore"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def check() -> int:
    """ruff, formatting, mypy, import contracts, missing migrations, catalogue. The number of failures."""
    bin_ = Path(sys.executable).parent
    environment = os.environ | keys() | {"BOAI_TESTING": "1", "DJANGO_SETTINGS_MODULE": "boai.settings"}
    steps: list[tuple[str, list[str]]] = [
        ("ruff", [str(bin_ / "ruff"), "check", "--quiet", "."]),
        ("format", [str(bin_ / "ruff"), "format", "--check", "--quiet", "."]),
        ("mypy", [str(bin_ / "mypy")]),
        ("imports", [str(bin_ / "lint-imports"), "--no-cache"]),
        ("migrations", [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]),
        ("catalogue", [sys.executable, "-m", "boai.launcher", "catalogue", "--check"]),
    ]
    failed = 0
    for name, words in steps:
        start = time.monotonic()
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - start:.1f} s)", flush=True)
        if done.returncode:
            failed += 1
            print(done.stdout + done.stderr, flush=True)
    return failed


def browser() -> str | None:
    """Debian's Chromium, if it is installed."""
    named = os.environ.get("BOAI_CHROMIUM")
    return named or next((found for name in CHROMIUM if (found := shutil.which(name))), None)


def test(words: list[str]) -> int:
    """Check (unless paths are named), then pytest on a throw-away cluster.

    Property tests draw the same examples every time, so that a red suite is red for its change; `--explore` draws
    other ones, and more.
    """
    explore = EXPLORE in words
    words = [word for word in words if word != EXPLORE]
    if not words and check():
        return 1
    _say_without_browser()
    catalogue.compile_all()
    secrets = {k: v for k, v in keys().items() if k != "BOAI_PG_PASSWORD"}
    with throw_away_cluster() as cluster, tempfile.TemporaryDirectory(prefix="boai-files-") as files:
        environment = os.environ | secrets | embedded_urls(cluster, secrets["BOAI_SECRET_KEY"])
        environment |= {"BOAI_TESTING": "1", "BOAI_CLUSTER": f"{cluster.data}|{cluster.password}"}
        environment |= {"BOAI_FILES_DIR": files}
        environment |= {"BOAI_CHROMIUM": browser() or "", "BOAI_EXPLORE": "1" if explore else ""}
        arguments = words or [str(SRC), str(ROOT / "tests")]
        done = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False)
    _say_without_browser()
    return done.returncode


def _say_without_browser() -> None:
    """Before the tests and after them, where it is read: a story that was skipped has proved nothing."""
    if browser() is None:
        print(
            "\n*** 未找到 Chromium：浏览器故事没有测（apt install chromium） / "
            "NO CHROMIUM: BROWSER STORIES ARE SKIPPED (apt install chromium) ***\n",
            flush=True,
        )
