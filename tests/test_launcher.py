"""The newcomer's two commands: what can go wrong is said in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from boai.launcher import benching, catalogue, children, environment
from boai.launcher.failures import LaunchError
from boai.launcher.paths import ROOT
from tests.plugin import cluster


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "70000"), "65535"),
        (("--port", "0"), "65535"),
        (("--host", "192.0.2.1"), "no address 192.0.2.1"),
        (("--host", "no such host"), "no address no such host"),
    ],
)
def test_an_address_that_cannot_be_is_one_sentence(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = _boai("up", *words, BOAI_VAR=str(tmp_path / "deep" / "var"))
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "deep" / "var" / "pg").exists()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "postgres://u:p@127.0.0.1:1/boai",
        "nonsense",
        "postgres://u:p@127.0.0.1:port/boai",
        "postgres://u:p@[::1/boai",
        "postgres://u:p@127.0.0.1:1/boai?no_such_option=1",
        "postgres://u:p@127.0.0.1/",
    ],
)
def test_a_broken_database_url_is_one_sentence(url: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = _boai("up", "--port", str(port), BOAI_VAR=str(tmp_path), DATABASE_URL=url)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "words", [("keys", "status"), ("shell", "-c", "1"), ("people_first_admin", "--branch", "621121")]
)
def test_a_command_before_the_first_up_is_one_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    done = _boai(*words, BOAI_VAR=str(tmp_path))
    assert done.returncode == 2
    assert "请先运行一次 ./boai up" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "pg").exists(), "nothing is made for a command that cannot work"


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
        .replace('msgstr ""\n', 'msgstr "早上好，%(name)s"\n')
        .replace('msgid ""\nmsgstr "早上好，%(name)s"', 'msgid ""\nmsgstr ""', 1)
    )
    assert list(catalogue.faults(app)) == []
    po.write_text(po.read_text().replace("早上好，%(name)s", "早上好"))
    assert "placeholders" in next(catalogue.faults(app))


def _url(user: str, password: str, database: str) -> str:
    owner = urlsplit(os.environ["BOAI_OWNER_DATABASE_URL"])
    return owner._replace(netloc=f"{user}:{password}@", path=f"/{database}").geturl()


@pytest.fixture
def stranger() -> Iterator[str]:
    """A role that may do nothing, and a database in another encoding."""
    with cluster().admin() as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'geheim'")
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0 OWNER stranger")
        admin.execute("CREATE DATABASE bare OWNER stranger")
    yield "stranger"
    with cluster().admin() as admin:
        admin.execute("DROP DATABASE latin")
        admin.execute("DROP DATABASE bare")
        admin.execute("DROP ROLE stranger")


def test_an_unsuitable_database_is_said_before_anything_is_made(
    django_db_setup: None, stranger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, said in (
        (_url(stranger, "wrong", "bare"), "password authentication failed"),
        (_url(stranger, "geheim", "no_such"), "does not exist"),
        (_url(stranger, "geheim", "boai"), "ALTER DATABASE boai OWNER TO stranger"),
        (_url(stranger, "geheim", "latin"), "encoded in LATIN1"),
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(LaunchError, match=said):
            environment.external_url()
    monkeypatch.setenv("DATABASE_URL", _url(stranger, "geheim", "bare"))
    assert environment.external_url(), "both roles are there already, so it need not be able to make them"
    monkeypatch.setattr(environment, "LOG", "boai_log_of_nobody")
    with pytest.raises(LaunchError, match="ALTER ROLE stranger CREATEROLE"):
        environment.external_url()


def test_roles_that_can_sign_in_are_left_alone(django_db_setup: None, stranger: str) -> None:
    urls = {name: os.environ[name] for name in ("BOAI_DATABASE_URL", "BOAI_LOG_DATABASE_URL")}
    powerless = {"BOAI_OWNER_DATABASE_URL": _url(stranger, "geheim", "bare")}
    environment.open_roles(urls | powerless)
    urls["BOAI_LOG_DATABASE_URL"] = _url("boai_log", "another", "boai")
    with pytest.raises(LaunchError, match="BOAI_LOG_DATABASE_URL"):
        environment.open_roles(urls | powerless)


def test_a_command_on_an_empty_database_is_one_sentence(django_db_setup: None, stranger: str, tmp_path: Path) -> None:
    done = _boai("keys", "status", BOAI_VAR=str(tmp_path), DATABASE_URL=_url(stranger, "geheim", "bare"))
    assert done.returncode == 2
    assert "请先运行一次 ./boai up" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_host_of_an_address_stays_as_it_is() -> None:
    assert environment.with_user("postgres://a:b@[::1]:5433/x?sslmode=require", "c", "d/e") == (
        "postgres://c:d%2Fe@[::1]:5433/x?sslmode=require"
    )


def test_what_a_fallen_supervisor_left_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(children, "VAR", tmp_path)
    ours = subprocess.Popen(["sleep", "60"], env={children.SUPERVISED: str(tmp_path)})
    other = subprocess.Popen(["sleep", "60"], env={children.SUPERVISED: str(tmp_path / "other")})
    try:
        assert children.sweep_leftovers(seconds=1)
        assert ours.wait(5) == -9
        assert not children.sweep_leftovers(seconds=1)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


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
