"""The house keeps its order: rooms, file lengths, languages, and nothing of a workplace in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from boai.launcher.paths import ROOT, SRC

APPS = sorted(p for p in (SRC / "boai").iterdir() if (p / "__init__.py").exists())
LONGEST = 500  # lines; a file is a room, and a room tells one story


def _modules(*, tests: bool = False) -> Iterator[Path]:
    for path in sorted((SRC / "boai").rglob("*.py")):
        parts = set(path.relative_to(SRC).parts)
        if "migrations" not in parts and (tests or "tests" not in parts):
            yield path


def test_no_file_is_a_god() -> None:
    long = {str(p.relative_to(SRC)): n for p in _modules() if (n := len(p.read_text().splitlines())) > LONGEST}
    assert long == {}


def test_only_settings_and_the_launcher_read_the_environment() -> None:
    found = [
        str(p.relative_to(SRC))
        for p in _modules()
        if p.relative_to(SRC).parts[1] not in {"settings", "launcher"}
        and re.search(r"os\.environ\.get|os\.environ\[|os\.getenv", p.read_text())
    ]
    assert found == []


def test_no_signals_and_no_receivers() -> None:
    found = [
        str(p) for p in _modules() if re.search(r"django\.(db\.models|dispatch).*(signals|receiver)", p.read_text())
    ]
    assert found == []


def test_only_the_front_door_reads_the_clock() -> None:
    """`kernel.clock.now` may be imported by views, tasks, commands, middleware, the demo and the launcher."""
    doors = {"views", "tasks", "management", "middleware", "api", "launcher", "context", "templatetags", "demo"}
    found = []
    for path in _modules():
        parts = {part.removesuffix(".py") for part in path.relative_to(SRC).parts}
        if path.name == "clock.py" or doors & parts or any(part.startswith("views") for part in parts):
            continue
        if re.search(r"from boai\.kernel\.clock import [^\n]*\bnow\b", path.read_text()):
            found.append(str(path.relative_to(SRC)))
    assert found == []


def test_views_open_no_transactions() -> None:
    found = [
        str(p.relative_to(SRC))
        for p in _modules()
        if ("views" in p.parts or p.name.startswith("views")) and "transaction." in p.read_text()
    ]
    assert found == []


def _is_atomic(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(d).startswith("transaction.atomic") for d in node.decorator_list)


def test_services_are_keyword_only() -> None:
    """A function that opens a transaction is a service; its helpers in the same room may take what they like."""
    loose = []
    for path in _modules():
        if "services" not in path.parts and path.name != "services.py":
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and _is_atomic(node) and not node.name.startswith("_"):
                positional = [a.arg for a in node.args.args]
                if positional:
                    loose.append(f"{path.relative_to(SRC)}:{node.name}({', '.join(positional)})")
    assert loose == []


def test_cross_app_foreign_keys_have_no_reverse_accessor() -> None:
    from django.apps import apps
    from django.db.models import ForeignKey

    seen = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("boai.")
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.remote_field.model._meta.app_label != model._meta.app_label
        and not field.remote_field.hidden
    ]
    assert seen == []


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name]


def test_the_locks_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "--index-url" not in text
        assert "://" not in re.sub(r"(?m)^\s*#.*$", "", text)
        assert "--hash=sha256:" in text


def test_no_red_cross_emblem_in_the_stylesheets() -> None:
    """The emblem is protected (红十字会法 Art.14–16); ours draw no plus or cross shape as content."""
    for name in _tracked():
        if name.endswith((".css", ".svg", ".html")) and "vendor" not in name:
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search("[✚✙➕⛑☩✛✜🏥➕]", text), name


def test_web_processes_do_not_load_the_comparison() -> None:
    """DuckDB, Arrow and Splink are for the worker: a web process that loads them starts late and grows."""
    script = (
        "import django, sys; django.setup(); import boai.web.urls\n"
        "sys.exit(', '.join(m for m in ('duckdb', 'splink', 'pyarrow', 'borax') if m in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=SRC, check=False)
    assert done.returncode == 0, done.stderr
