"""What holds for every template and browser file of the project: the CSP, the emblem, the vendored files, the size."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from tools import vendor

SRC = Path(__file__).resolve().parents[3]
STATIC = SRC / "boai" / "web" / "static"
TEMPLATES = sorted(p for p in SRC.rglob("templates/**/*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"<[^>]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "htmx code": re.compile(r"\shx-on|hx-vals\s*=\s*['\"]js:"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"),
    "other host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
    "a cross": re.compile("[\u271a\u271b\u271c\u2795\u26d1\u2a01\u2295\u2719\U0001f3e5]"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SRC / "boai")))
def test_template_keeps_to_the_csp(path: Path) -> None:
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_sizes_stay_small() -> None:
    """Raw sizes; a proxy or WhiteNoise sends about a quarter of that."""
    web = STATIC / "web"
    limits = {
        "boai.css": 28_000,
        "boai-office.css": 15_000,
        "boai.js": 8_192,
        "boai-office.js": 6_000,
        "icons.svg": 8_000,
    }
    sizes = {name: (web / name).stat().st_size for name in limits}
    assert {n: s for n, s in sizes.items() if s > limits[n]} == {}
    assert len(gzip.compress((web / "boai.css").read_bytes())) < 7_500


def test_both_themes_name_the_same_tokens() -> None:
    css = (STATIC / "web" / "boai.css").read_text(encoding="utf-8")
    preferred = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.S)
    chosen = re.search(r'\n:root\[data-theme="dark"\] \{(.*?)\}', css, re.S)
    assert preferred
    assert chosen
    assert preferred.group(1).split() == chosen.group(1).split()


def test_vendored_files_are_the_ones_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert vendor.main(["--check"]) == 0
    assert "as listed" in capsys.readouterr().out


def test_a_changed_or_foreign_vendored_file_is_found(tmp_path: Path) -> None:
    copy = tmp_path / "vendor"
    shutil.copytree(vendor.VENDOR, copy)
    (copy / "htmx.min.js").write_bytes((copy / "htmx.min.js").read_bytes() + b" ")
    (copy / "other.js").write_text("1")
    manifest = json.loads((copy / "vendor.json").read_text())
    manifest["packages"][0]["files"].append({"file": "gone.js", "from": "gone.js", "sha256": "0"})
    (copy / "vendor.json").write_text(json.dumps(manifest))
    assert [line.split(":")[0] for line in vendor.faults(copy)] == ["htmx.min.js", "gone.js", "other.js"]
    assert vendor.main(["--check"], folder=copy) == 1
