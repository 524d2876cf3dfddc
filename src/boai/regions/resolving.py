"""From places as clerks write them to codes: many at once, never a guess.

A written place is looked up level by level. Each level compares three forms, from strict to lax (see names.py), and
takes the first that finds anything; a form that finds several leaves them all to the levels below. Only one place left
at the end is an answer; several are candidates for a person; none is unknown, with the most similar names beside it.
The whole path may also stand in one cell (通渭县义岗川镇义岗村), with levels left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from boai.kernel.text.folding import squeeze
from boai.regions import codes, names
from boai.regions.enums import Found
from boai.regions.gazetteer import Gazetteer, Place, Span, narrowed

EVERYWHERE: Span = ("000000000000", "999999999999")

_MANY = 12
_SUGGESTIONS = 5
# Similar names are looked for this often in one call: a file full of strangers must not take minutes.
_SUGGEST_AT_MOST = 500
_READINGS = 200
_COUNTY_CELL = (codes.COUNTY, codes.CITY, codes.PROVINCE)
_TOWNSHIP_CELL = (codes.TOWNSHIP,)
_VILLAGE_CELL = (codes.VILLAGE,)
# 义岗村3社, 第2村民小组: the group within the village is no division.
_GROUP = re.compile(r"第?\d+(?:村民小组|居民小组|小组|合作社|组|社|队)\Z")


class NamedPlace(NamedTuple):
    """What a row of a register says about where: any part may be empty."""

    county: str = ""
    township: str = ""
    village: str = ""
    code: str = ""


@dataclass(frozen=True)
class Resolution:
    """`code` is the one place that was meant, or None. `candidates`: the places it could be (AMBIGUOUS,
    CODE_CONFLICT) or the most similar ones (UNKNOWN_…), best first."""

    code: str | None
    candidates: tuple[Place, ...]
    reason: Found


def resolve_many(
    places: Iterable[NamedPlace], within: Span = EVERYWHERE, *, on: date | None = None
) -> list[Resolution]:
    """Resolve every place inside the range `within`, in order; each distinct one is worked on once.

    `on` is the day for which codes are wanted (former divisions lead to their successor); None means the latest list.
    The answer is the deepest level that was written: callers that need a village check the level of the code.
    """
    rows = list(places)
    distinct = list(dict.fromkeys(rows))
    solver = _Solver(Gazetteer(within, on), distinct)
    answers = {place: solver.resolve(place) for place in distinct}
    return [answers[place] for place in rows]


@dataclass(frozen=True)
class _Area:
    """Where to look for a village: the divisions that were named, and the ranges they leave (none: not found)."""

    places: tuple[Place, ...]
    reason: Found
    spans: tuple[Span, ...]


class _Solver:
    """Works on the distinct places of one call."""

    def __init__(self, gazetteer: Gazetteer, places: Sequence[NamedPlace]) -> None:
        self._book = gazetteer
        self._areas: dict[tuple[str, str], _Area] = {}
        self._readings: dict[tuple[str, tuple[Span, ...]], list[tuple[tuple[Place, ...], str]]] = {}
        self._known: dict[tuple[Span, ...], dict[str, Place]] = {}
        self._suggested = 0
        self._prepare([_tidied(place) for place in places])

    def _prepare(self, tidied: Sequence[NamedPlace]) -> None:
        """Read all the villages that can be meant in a few queries, not one per row."""
        self._book.prepare_codes(p.code for p in tidied if p.code)
        named = [p for p in tidied if p.village]
        spans = {span for p in named for span in self._area(p.county, p.township).spans}
        self._book.prepare_villages(spans, (p.village for p in named))
        paths = [
            (narrowed(places, inside), rest)
            for p in named
            if (inside := self._area(p.county, p.township).spans)
            for places, rest in self._read(p.village, inside)
            if rest
        ]
        self._book.prepare_villages((s for spans, _ in paths for s in spans), (rest for _, rest in paths))

    def resolve(self, written: NamedPlace) -> Resolution:
        """The answer for one written place."""
        place = _tidied(written)
        if not any(place):
            return Resolution(None, (), Found.EMPTY)
        by_name = self._by_name(place) if any(place[:3]) else None
        if place.code:
            return self._described(self._by_code(place, by_name))
        assert by_name is not None
        return self._described(self._in_force(by_name))

    # --- a code and names -------------------------------------------------------------------------------------------

    def _by_code(self, place: NamedPlace, by_name: Resolution | None) -> Resolution:
        """A code wins over names only where they do not contradict it."""
        found = self._book.by_code(place.code)
        if found is None:
            return Resolution(None, by_name.candidates if by_name else (), Found.UNKNOWN_CODE)
        if not self._book.is_inside(found.code):
            return Resolution(None, (), Found.OUTSIDE)
        if by_name is not None and not self._agrees(found, by_name):
            other = self._book.by_code(by_name.code) if by_name.code else None
            rest = (other,) if other else by_name.candidates
            return Resolution(None, (found, *(p for p in rest if p.code != found.code))[:_MANY], Found.CODE_CONFLICT)
        return self._in_force(Resolution(found.code, (), Found.CODE))

    def _agrees(self, found: Place, by_name: Resolution) -> bool:
        """Whether the names mean the coded place, several of which it is one, or the division above it."""
        if by_name.code is not None:
            return codes.contains(by_name.code, found.code)
        return by_name.reason == Found.AMBIGUOUS and any(codes.contains(c.code, found.code) for c in by_name.candidates)

    def _in_force(self, resolution: Resolution) -> Resolution:
        """Follow successors of a division that has ended."""
        if resolution.code is None or self._book.is_living(resolution.code):
            return resolution
        successor = self._book.successor(resolution.code)
        if successor is None:
            ended = self._book.by_code(resolution.code)
            return Resolution(None, (ended,) if ended else (), Found.CLOSED)
        if not self._book.is_inside(successor):
            return Resolution(None, (), Found.OUTSIDE)
        return Resolution(successor, (), Found.SUCCESSOR)

    # --- names ------------------------------------------------------------------------------------------------------

    def _by_name(self, place: NamedPlace) -> Resolution:
        area = self._area(place.county, place.township)
        if not area.spans:
            return Resolution(None, area.places, area.reason)
        if not place.village:
            return _answer(area.places, area.reason)
        for text in dict.fromkeys((place.village, _GROUP.sub("", place.village))):
            places, reason = self._book.match(text, _VILLAGE_CELL, area.spans)
            if places:
                exact = reason == Found.EXACT and area.reason == Found.EXACT and text == place.village
                return _answer(places, Found.EXACT if exact else Found.VARIANT)
        places = self._by_path(place.village, area)
        if places:
            return _answer(places, Found.VARIANT)
        return Resolution(None, self._similar_villages(place.village, area.spans), Found.UNKNOWN_VILLAGE)

    def _area(self, county: str, township: str) -> _Area:
        key = (county, township)
        if key not in self._areas:
            area = _Area((), Found.EXACT, self._book.whole())
            if county:
                area = self._narrow(area, county, _COUNTY_CELL, Found.UNKNOWN_COUNTY)
            if township and area.spans:
                area = self._narrow(area, township, _TOWNSHIP_CELL, Found.UNKNOWN_TOWNSHIP)
            self._areas[key] = area
        return self._areas[key]

    def _narrow(self, area: _Area, text: str, levels: tuple[int, ...], unknown: Found) -> _Area:
        """The area that is left when a cell above the village is read as one name, else as a path."""
        places, reason = self._book.match(text, levels, area.spans)
        if not places:
            complete = [found for found, rest in self._read(text, area.spans) if not rest]
            deepest = max((found[0].level for found in complete), default=0)
            if deepest >= min(levels):
                places = tuple(p for found in complete for p in found if p.level == deepest)
                reason = Found.VARIANT
        if not places:
            known = self._book.upper_names(levels[0], area.spans)
            return _Area(self._similar(text, known), unknown, ())
        if area.reason == Found.VARIANT:
            reason = Found.VARIANT
        return _Area(places, reason, narrowed(places, area.spans))

    def _by_path(self, text: str, area: _Area) -> tuple[Place, ...]:
        """The villages, else the townships, that a cell names as a path."""
        villages: dict[str, Place] = {}
        townships: dict[str, Place] = {}
        for places, rest in self._read(text, area.spans):
            if not rest and places[0].level == codes.TOWNSHIP:
                townships.update({p.code: p for p in places})
            below = narrowed(places, area.spans)
            for tail in dict.fromkeys((rest, _GROUP.sub("", rest))):
                if tail:
                    villages.update({p.code: p for p in self._book.match(tail, _VILLAGE_CELL, below)[0]})
        return tuple((villages or townships).values())

    def _read(self, text: str, spans: tuple[Span, ...]) -> list[tuple[tuple[Place, ...], str]]:
        """Every way to read the beginning of a cell as divisions going down: (the deepest ones, what is left)."""
        key = (text, spans)
        if key in self._readings:
            return self._readings[key]
        ways: list[tuple[tuple[Place, ...], str]] = []
        todo: list[tuple[str, tuple[Span, ...], int]] = [(text, spans, 0)]
        while todo and len(ways) < _READINGS:
            rest, inside, depth = todo.pop()
            for places, length in self._book.prefixes(rest, inside, above=depth):
                left = rest[length:]
                ways.append((places, left))
                if left:
                    todo.append((left, narrowed(places, inside), places[0].level))
        self._readings[key] = ways
        return ways

    # --- suggestions ------------------------------------------------------------------------------------------------

    def _similar_villages(self, text: str, spans: tuple[Span, ...]) -> tuple[Place, ...]:
        if spans not in self._known:
            self._known[spans] = self._book.village_names(spans)
        return self._similar(text, self._known[spans])

    def _similar(self, text: str, known: dict[str, Place]) -> tuple[Place, ...]:
        """The most similar names, for the person who will correct the cell; never taken as the answer."""
        self._suggested += 1
        if self._suggested > _SUGGEST_AT_MOST:
            return ()
        close = difflib.get_close_matches(text, known, n=_SUGGESTIONS, cutoff=0.5)
        return tuple(known[name] for name in close)

    def _described(self, resolution: Resolution) -> Resolution:
        if not resolution.candidates:
            return resolution
        shown = tuple(self._book.described(p) for p in resolution.candidates)
        return Resolution(resolution.code, shown, resolution.reason)


def _answer(places: tuple[Place, ...], reason: Found) -> Resolution:
    """One place is the answer; of several, those in force come before those that have ended."""
    living = tuple(p for p in places if p.living) or places
    if len(living) == 1:
        return Resolution(living[0].code, (), reason)
    return Resolution(None, tuple(sorted(living))[:_MANY], Found.AMBIGUOUS)


def _tidied(place: NamedPlace) -> NamedPlace:
    """Comparable cells; a village cell that holds nothing but an official code counts as the code."""
    code, village = _code(place.code), names.tidy(place.village)
    if not code and len(bare := squeeze(place.village)) in (9, 12) and bare.isdigit():
        code, village = _code(bare), ""
    return NamedPlace(names.tidy(place.county), names.tidy(place.township), village, code)


def _code(text: str) -> str:
    """An official code padded to 12 digits; other digits as they stand (no division has them); '' for anything else."""
    bare = squeeze(text).replace("-", "")
    try:
        return codes.pad(bare)
    except ValueError:
        return bare if bare.isdigit() else ""
