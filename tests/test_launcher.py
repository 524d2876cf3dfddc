"""The newcomer's two commands: what can go wrong is said in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from boai.launcher import benching, catalogue, environment
from boai.launcher.failures import LaunchError
from boai.launcher.paths import ROOT


def _boai(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("BOAI_")} | variables
    return subprocess.run(
        [sys.executable, "-m", "boai.launcher", *words],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
        check=False,
    )


def test_help_names_the_commands() -> None:
    done = _boai("--help")
    assert done.returncode == 0
    for word in ("up", "test", "bench", "backup", "restore", "intake"):
        assert f"./boai {word}" in done.stdout


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _boai("up", "--port", str(port), BOAI_VAR=str(tmp_path))
    assert done.returncode == 2
    assert str(port + 1) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "pg").exists()


@pytest.mark.parametrize("url", ["mysql://x/y", "postgres://u:p@127.0.0.1:1/boai", "nonsense"])
def test_a_broken_database_url_is_one_sentence(url: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = _boai("up", "--port", str(port), BOAI_VAR=str(tmp_path), DATABASE_URL=url)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_bench_is_one_sentence() -> None:
    done = _boai("bench", "no-such-thing")
    assert done.returncode == 2
    assert "no-such-thing" in done.stderr


def test_bars_must_hold() -> None:
    assert benching.holds({"a": 3}, {"a": ["<=", 3]})
    assert not benching.holds({"a": 4}, {"a": ["<=", 3]})
    assert not benching.holds({}, {"a": ["<=", 3]})


def test_keys_are_made_once_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.GENERATED:
        monkeypatch.delenv(name, raising=False)
    first = environment.keys(tmp_path)
    assert first == environment.keys(tmp_path)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("BOAI_SECRET_KEY", "from outside")
    assert environment.keys(tmp_path)["BOAI_SECRET_KEY"] == "from outside"


def test_role_passwords_differ_and_are_stable() -> None:
    passwords = {environment.role_password("secret", role) for role in ("boai_app", "boai_log", "boai_owner")}
    assert len(passwords) == 3
    assert environment.role_password("secret", "boai_app") in passwords


def test_the_catalogue_check_sees_a_missing_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = tmp_path / "src" / "boai" / "probe"
    (app / "templates").mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "x.py").write_text('from django.utils.translation import gettext as _\nA = _("Good morning, %(name)s")\n')
    monkeypatch.setattr(catalogue, "SRC", tmp_path / "src")
    assert len(list(catalogue.faults(app))) == 1
    catalogue.update(app)
    po = catalogue.po_path(app)
    po.write_text(
        po.read_text()
        .replace('msgstr ""\n', 'msgstr "早上好,%(name)s"\n')
        .replace('msgid ""\nmsgstr "早上好,%(name)s"', 'msgid ""\nmsgstr ""', 1)
    )
    assert list(catalogue.faults(app)) == []
    po.write_text(po.read_text().replace("早上好,%(name)s", "早上好"))
    assert "placeholders" in next(catalogue.faults(app))


def test_external_url_errors_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x")
    with pytest.raises(LaunchError, match="postgres://"):
        environment.external_url()
    monkeypatch.delenv("DATABASE_URL")
    assert environment.external_url() is None


def test_the_launcher_script_needs_only_the_standard_library() -> None:
    source = (ROOT / "boai").read_text()
    allowed = {"hashlib", "os", "subprocess", "sys", "pathlib", "ensurepip", "venv"}
    imported = {
        line.split()[1].split(".")[0] for line in source.splitlines() if line.strip().startswith(("import ", "from "))
    }
    assert imported <= allowed
