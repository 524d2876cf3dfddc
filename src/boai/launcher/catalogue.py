"""Message catalogues without gettext's programs: extract with Babel, translate in .po, compile to .mo.

Every app keeps its own catalogue (src/boai/<app>/locale/zh_Hans/LC_MESSAGES/django.po). `./boai catalogue [APP…]`
brings it up to date; `--check` fails on a string without translation, a fuzzy one, or one that is missing.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from boai.launcher.paths import SRC

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Header lines that change at every run and tell nothing.
NOISE = "|".join(
    ["POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Generated-By", "Language-Team",
     "Report-Msgid-Bugs-To", "Project-Id-Version"]
)  # fmt: skip
# Chinese text takes full-width punctuation; figures and codes keep their own.
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:?!](?!//)|[,;:?!][\u3400-\u9fff]")
HEADER = "# Chinese catalogue of boai.{app}.\n"


def apps() -> list[Path]:
    """Every package under src/boai that is an application or ships templates."""
    return sorted(p for p in (SRC / "boai").iterdir() if (p / "__init__.py").exists())


def po_path(app: Path) -> Path:
    """Where an app's Chinese catalogue lies."""
    return app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def extract(app: Path) -> Catalog:
    """All messages that the app's Python files and templates ask for."""
    catalogue = Catalog(locale="zh_Hans", domain="django")
    for path in sorted(app.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(app).parts):
            _add(catalogue, path, path.read_bytes())
    for suffix in ("*.html", "*.txt"):
        for path in sorted(app.rglob(suffix)):
            if "templates" in path.parts:
                _add(catalogue, path, _template_as_python(path).encode())
    return catalogue


def _template_as_python(path: Path) -> str:
    from django.utils.translation.template import templatize

    # Django blanks everything but the messages and keeps the columns; indented like that it is no Python.
    lines = str(templatize(path.read_text(encoding="utf-8"), origin=str(path))).splitlines()
    return "\n".join(line.strip() for line in lines)


def _add(catalogue: Catalog, path: Path, source: bytes) -> None:
    place = path.relative_to(SRC).as_posix()
    for _line, function, found, comments in extract_python(io.BytesIO(source), KEYWORDS, ["Translators:"], {}):
        spec = KEYWORDS.get(str(function or "_"))
        words: list[str | None] = [found] if isinstance(found, str) else list(found)
        words = [w for w in words if isinstance(w, str)]
        if not words:
            continue
        context = None
        if spec and isinstance(spec[0], tuple):
            context, words = words[0], words[1:]
        plural = spec is not None and len([s for s in spec if isinstance(s, int)]) == 2
        message: str | tuple[str, str] = (words[0], words[1]) if plural and len(words) > 1 else (words[0] or "")  # type: ignore[assignment]  # None was filtered above
        if message:
            catalogue.add(message, locations=[(place, 0)], auto_comments=list(comments or ()), context=context)


def update(app: Path) -> Catalog | None:
    """Bring the app's .po up to date, keeping its translations; None when it has no messages."""
    template = extract(app)
    if not len(template):
        return None
    path = po_path(app)
    catalogue = read(path) if path.exists() else Catalog(locale="zh_Hans", domain="django")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = HEADER.format(app=app.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, no_location=True, omit_header=False, sort_output=True)
    text = re.sub(rf'^"({NOISE}):.*\n', "", buffer.getvalue().decode(), flags=re.M)
    path.write_text(text, encoding="utf-8")
    return catalogue


def read(path: Path) -> Catalog:
    """A .po file."""
    with path.open("rb") as f:
        return read_po(f, locale="zh_Hans", domain="django")


def faults(app: Path) -> Iterator[str]:
    """What is missing or doubtful in the app's catalogue."""
    wanted = extract(app)
    path = po_path(app)
    have = read(path) if path.exists() else Catalog(locale="zh_Hans")
    for message in wanted:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        kept = have.get(key, message.context)
        strings = () if kept is None else kept.string if isinstance(kept.string, tuple) else (kept.string,)
        if kept is None or not strings or not all(strings):
            yield f"{app.name}: no translation of {key!r}"
        elif kept.fuzzy:
            yield f"{app.name}: fuzzy {key!r}"
        elif _placeholders(str(key)) != _placeholders(str(strings[0])):
            yield f"{app.name}: other placeholders in {key!r} → {strings[0]!r}"
        elif any(HALF_WIDTH.search(str(text)) for text in strings):
            yield f"{app.name}: half-width punctuation among Chinese in {strings[0]!r}"


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}", text))


def conflicts() -> Iterator[str]:
    """Messages that two apps translate differently: Django merges all catalogues, so one of them would lose.

    Mend it with another msgid or with a context (`pgettext`, `{% translate … context … %}`).
    """
    seen: dict[tuple[str, str | None], tuple[str, str]] = {}
    for app in apps():
        if not po_path(app).exists():
            continue
        for message in read(po_path(app)):
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            string = message.string[0] if isinstance(message.string, tuple) else message.string
            if not key or not string:
                continue
            name, other = seen.setdefault((str(key), message.context), (app.name, str(string)))
            if other != string:
                yield f"{app.name}: {key!r} is {string!r} here and {other!r} in {name}"


def compile_all() -> None:
    """Write the .mo files that are older than their .po."""
    for app in apps():
        po = po_path(app)
        mo = po.with_suffix(".mo")
        if po.exists() and (not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime):
            new = mo.with_suffix(".new")
            with new.open("wb") as f:
                write_mo(f, read(po))
            new.replace(mo)


def main(words: list[str]) -> int:
    """`./boai catalogue [--check] [APP…]`"""
    check = "--check" in words
    names = [w for w in words if not w.startswith("-")]
    chosen = [a for a in apps() if not names or a.name in names]
    if not check:
        for app in chosen:
            update(app)
        compile_all()
    missing = [line for app in chosen for line in faults(app)]
    missing += conflicts()
    print("\n".join(missing) if missing else "catalogue: complete", file=sys.stderr if missing else sys.stdout)
    return 1 if missing else 0
