"""Read the shipped list of divisions (data/divisions.txt.xz) and its pinyin table. Pure: knows no database.

`divisions.txt.xz` is text in UTF-8. The first line names the source, its date and the number of divisions; every other
line is one division in order of code: one digit for the level, the digits of that level alone, the official name.

    562001…  after the county 621121 and the township 100 means the village 621121100001
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from boai.regions import codes, names
from boai.regions.enums import Kind

DIRECTORY = Path(__file__).parent / "data"
DIVISIONS = DIRECTORY / "divisions.txt.xz"
PINYIN = DIRECTORY / "pinyin.txt.xz"

# A level's digits begin and end here within the code.
_PARTS = ((0, 0), (0, 2), (2, 4), (4, 6), (6, 9), (9, 12))


@dataclass(frozen=True)
class Edition:
    """Which list this is: its source and version, the day it describes, how many divisions it has."""

    source: str
    as_of: date
    count: int


class Line(NamedTuple):
    """One division as shipped."""

    code: str
    level: int
    name: str


class Entry(NamedTuple):
    """One division with everything that follows from its code and name; the order of the table's columns."""

    code: str
    parent: str
    level: int
    name: str
    short_name: str
    kind: Kind
    pinyin: str
    initials: str


@lru_cache(maxsize=1)
def edition() -> Edition:
    """The shipped list's first line."""
    with lzma.open(DIVISIONS, "rt", encoding="utf-8") as file:
        source, as_of, count = file.readline().rstrip("\n").split("\t")
    return Edition(source, date.fromisoformat(as_of), int(count))


def lines() -> Iterator[Line]:
    """Every division of the shipped list, parents before children."""
    with lzma.open(DIVISIONS, "rt", encoding="utf-8") as file:
        next(file)
        prefixes = [""] * 6
        for line in file:
            if line[0] == "5":  # nine of ten lines: the short way
                yield Line(prefixes[4] + line[1:4], 5, line[4:-1])
                continue
            level = int(line[0])
            start, end = _PARTS[level]
            prefix = prefixes[level - 1] + line[1 : 1 + end - start]
            prefixes[level:] = [prefix.ljust(stop, "0") for _, stop in _PARTS[level:]]
            yield Line(prefix.ljust(12, "0"), level, line[1 + end - start : -1])


def entries(counties: frozenset[str] | None = None) -> Iterator[Entry]:
    """The divisions ready for the table; with `counties` (12-digit codes) only those, all below and all above them.

    A city without counties (东莞) may stand among the counties.
    """
    spell = Speller.shipped()
    chosen = None if counties is None else tuple(codes.span(code) for code in counties)
    above = frozenset(c for code in counties or () for c in codes.path(code))
    for code, level, name in lines():
        if chosen is not None and code not in above and not any(lo <= code <= hi for lo, hi in chosen):
            continue
        yield entry(code, level, name, spell)


def entry(code: str, level: int, name: str, spell: Speller) -> Entry:
    """Everything that the table keeps about a division, from its code and official name."""
    kind = names.kind_of(code, name)
    short = names.short(name, level, kind)
    pinyin, initials = spell(short if level == codes.VILLAGE else name)
    return Entry(code, codes.ancestor(code, level - 1), level, name, short, kind, pinyin, initials)


class Speller:
    """Pinyin without tones from a table of characters and of names that are read otherwise (朝阳 is chaoyang)."""

    def __init__(self, characters: dict[str, str], exceptions: dict[str, str]) -> None:
        self._exceptions = exceptions
        self._sounds = _Table((ord(character), sound) for character, sound in characters.items())
        self._initials = _Table((code, sound[:1]) for code, sound in self._sounds.items())

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Speller:
        """The table that is shipped with the list."""
        characters: dict[str, str] = {}
        exceptions: dict[str, str] = {}
        with lzma.open(PINYIN, "rt", encoding="utf-8") as file:
            for line in file:
                name, sound = line.rstrip("\n").split("\t")
                (characters if len(name) == 1 else exceptions)[name] = sound
        return cls(characters, exceptions)

    def __call__(self, name: str) -> tuple[str, str]:
        """(pinyin, initials) of a name: 通渭县 → ('tongweixian', 'twx'). Characters without a sound are left out."""
        bare = names.bare(name)
        special = self._exceptions.get(bare)
        if special is None:
            return name.translate(self._sounds), name.translate(self._initials)
        rest = name[len(bare) :]
        first = "".join(sound[0] for sound in special.split())
        return special.replace(" ", "") + rest.translate(self._sounds), first + rest.translate(self._initials)


class _Table(dict[int, str]):
    """For str.translate: characters without a sound vanish."""

    def __missing__(self, code: int) -> str:
        return ""
