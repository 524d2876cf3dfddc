"""The divisions of one area in memory, indexed by every form in which a clerk may write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from boai.regions import codes, names
from boai.regions.enums import Found, Kind
from boai.regions.successors import current_many

Span = tuple[str, str]

_LONGEST_NAME = 26
# An area with more townships than this is searched only for the names that were written, and gets no suggestions.
_BROAD = 400


class Place(NamedTuple):
    """A division as an answer or a candidate. `above` is its path below the province, for choosing between places;
    `living` is false when it has ended by the day asked for."""

    code: str
    name: str
    short_name: str
    level: int
    kind: str
    living: bool
    above: str = ""


class Gazetteer:
    """What lies in an inclusive range of codes, and the divisions above it (they may be written, too)."""

    def __init__(self, within: Span, on: date | None) -> None:
        self._within = within
        self._on = on or date.max
        self._by_code: dict[str, Place] = {}
        self._villages: dict[str, Place] = {}
        self._exact: dict[tuple[int, str], list[Place]] = defaultdict(list)
        self._base: dict[str, list[Place]] = defaultdict(list)
        self._stem: dict[tuple[int, str], list[Place]] = defaultdict(list)
        self._forms: dict[str, list[Place]] = defaultdict(list)
        self._loaded: list[Span] = []
        self._successors: dict[str, str | None] = {}
        above = [c for c in codes.path(within[0]) if c < within[0]]
        for place in self._rows("(code BETWEEN %s AND %s OR code = ANY(%s)) AND level < 5", [*within, above]):
            self._index_upper(place)

    # --- what there is ----------------------------------------------------------------------------------------------

    def whole(self) -> tuple[Span, ...]:
        """The range of this gazetteer, as the area to look in when nothing narrows it."""
        return (self._within,)

    def is_inside(self, code: str) -> bool:
        """Whether a code lies in the range."""
        return self._within[0] <= code <= self._within[1]

    def by_code(self, code: str) -> Place | None:
        """A division by its code, if it has been prepared or found."""
        return self._by_code.get(code)

    def is_living(self, code: str) -> bool:
        """Whether a known division is in force."""
        return self._by_code[code].living

    def successor(self, code: str) -> str | None:
        """The code in force that stands for one that has ended."""
        if code not in self._successors:
            self._successors.update(current_many([code], self._on))
        return self._successors.get(code)

    def described(self, place: Place) -> Place:
        """The place with the path above it filled in."""
        steps = [self._by_code[c] for c in codes.path(place.code)[1:-1] if c in self._by_code]
        return place._replace(above="".join(p.name for p in steps if p.kind != Kind.GROUPING))

    # --- reading from the database ----------------------------------------------------------------------------------

    def prepare_codes(self, wanted: Iterable[str]) -> None:
        """Know these divisions, wherever they lie."""
        missing = [code for code in set(wanted) if code not in self._by_code]
        if missing:
            for place in self._rows("code = ANY(%s)", [missing]):
                self._by_code.setdefault(place.code, place)

    def prepare_villages(self, spans: Iterable[Span], written: Iterable[str]) -> None:
        """Index the villages of these areas; of a broad area only those that could be among the `written` names."""
        missing = [s for s in _merged(spans) if not any(lo <= s[0] and s[1] <= hi for lo, hi in self._loaded)]
        narrow = [s for s in missing if not self._is_broad(s)]
        broad = [s for s in missing if self._is_broad(s)]
        if narrow:
            self._index_villages(narrow, None)
            self._loaded += narrow
        if broad:
            self._index_villages(broad, {names.stem(text, codes.VILLAGE) for text in written})

    def _is_broad(self, span: Span) -> bool:
        if codes.ancestor(span[0], codes.CITY) == codes.ancestor(span[1], codes.CITY):
            return False
        return sum(1 for p in self._by_code.values() if p.level == codes.TOWNSHIP and _meets(p.code, span)) > _BROAD

    def _index_villages(self, spans: list[Span], stems: set[str] | None) -> None:
        for lo, hi in spans:
            for place in self._rows("level = 5 AND code BETWEEN %s AND %s", [lo, hi]):
                tidy = names.tidy(place.name)
                stem = names.stem(tidy, codes.VILLAGE)
                if place.code in self._villages or (stems is not None and stem not in stems):
                    continue
                self._by_code[place.code] = self._villages[place.code] = place
                self._exact[(codes.VILLAGE, tidy)].append(place)
                self._base[names.base(tidy)].append(place)
                self._stem[(codes.VILLAGE, stem)].append(place)

    def _index_upper(self, place: Place) -> None:
        tidy = names.tidy(place.name)
        stem = names.stem(tidy, place.level)
        self._by_code[place.code] = place
        if place.kind == Kind.GROUPING:
            return
        self._exact[(place.level, tidy)].append(place)
        self._stem[(place.level, stem)].append(place)
        for form in {tidy, stem} if len(stem) > 1 else {tidy}:
            self._forms[form].append(place)

    def _rows(self, condition: str, parameters: list[Any]) -> Iterator[Place]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT code, name, short_name, level, kind, valid_to IS NULL OR valid_to > %s
                    FROM regions_division WHERE {condition} AND (valid_from IS NULL OR valid_from <= %s)
                    ORDER BY code""",  # noqa: S608 - the conditions are constants of this module
                [self._on, *parameters, self._on],
            )
            while rows := cursor.fetchmany(5000):
                for row in rows:
                    yield Place(*row)

    # --- looking up -------------------------------------------------------------------------------------------------

    def match(self, text: str, levels: tuple[int, ...], spans: Sequence[Span]) -> tuple[tuple[Place, ...], Found]:
        """The places of the strictest form that finds any, on the first of `levels` that has it."""
        for level in levels:
            if found := _inside(self._exact.get((level, text), ()), spans):
                return found, Found.EXACT
        for level in levels:
            if found := self._lax(text, level, spans):
                return found, Found.VARIANT
        return (), Found.UNKNOWN_VILLAGE

    def _lax(self, text: str, level: int, spans: Sequence[Span]) -> tuple[Place, ...]:
        if level == codes.VILLAGE and (found := _inside(self._base.get(names.base(text), ()), spans)):
            return found
        found = _inside(self._stem.get((level, names.stem(text, level)), ()), spans)
        if level == codes.VILLAGE and len(found) > 1 and (kind := names.written_kind(text)):
            return tuple(p for p in found if p.kind == kind) or found
        return found

    def prefixes(self, text: str, spans: Sequence[Span], *, above: int) -> Iterator[tuple[tuple[Place, ...], int]]:
        """Every way to read the beginning of `text` as divisions below level `above`: (those of one level, length)."""
        for length in range(2, min(len(text), _LONGEST_NAME) + 1):
            by_level: dict[int, list[Place]] = defaultdict(list)
            for place in _inside(self._forms.get(text[:length], ()), spans):
                if place.level > above:
                    by_level[place.level].append(place)
            for places in by_level.values():
                yield tuple(places), length

    def upper_names(self, level: int, spans: Sequence[Span]) -> dict[str, Place]:
        """Tidied name → a division of this level in the area, for suggestions."""
        found = (p for p in self._by_code.values() if p.level == level and p.kind != Kind.GROUPING and p.living)
        return {names.tidy(p.name): p for p in _inside(found, spans)}

    def village_names(self, spans: Sequence[Span]) -> dict[str, Place]:
        """Tidied short name → a village in the area, for suggestions; nothing for an area that is too broad."""
        if any(self._is_broad(span) for span in spans):
            return {}
        found = (p for p in self._villages.values() if p.living)
        return {names.tidy(p.short_name): p for p in _inside(found, spans)}


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same ranges without overlaps, in order."""
    merged: list[Span] = []
    for lo, hi in sorted(set(spans)):
        if merged and lo <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(hi, merged[-1][1]))
        else:
            merged.append((lo, hi))
    return merged


def _meets(code: str, span: Span) -> bool:
    """Whether the subtree of `code` and the range have anything in common."""
    lo, hi = codes.span(code)
    return lo <= span[1] and span[0] <= hi


def _inside(places: Iterable[Place], spans: Sequence[Span]) -> tuple[Place, ...]:
    return tuple(p for p in places if any(_meets(p.code, span) for span in spans))


def narrowed(places: Iterable[Place], spans: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of the area that lie in one of the places."""
    found = set()
    for place in places:
        lo, hi = codes.span(place.code)
        found |= {(max(lo, a), min(hi, b)) for a, b in spans if lo <= b and a <= hi}
    return tuple(sorted(found))
