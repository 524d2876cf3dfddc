"""Search as one types: by the beginning of a name, by pinyin, by a piece of a name; within a range of codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from boai.kernel.text.folding import clean
from boai.regions import codes
from boai.regions.enums import Kind

Span = tuple[str, str]

DEFAULT_LIMIT = 12
# How many divisions a word before the last may stand for.
_NARROWING = 5
_LONGEST_QUERY = 40
_LETTERS = re.compile(r"[a-z]+\Z")
_WILD = re.compile(r"([\\%_])")
# Characters that half of all names share: not in the index of characters (models.Characters).
GENERIC = "村社区居民委员会"
_COMMITTEE = re.compile(r"(?<=.)(?:居民委员会|居委会|村民委员会|村委会|民委员会|委员会|委会|居委|村委)\Z")
LEVELS = (codes.PROVINCE, codes.CITY, codes.COUNTY, codes.TOWNSHIP, codes.VILLAGE)
EVERYWHERE: Span = ("000000000000", "999999999999")

_CHARACTERS = f"string_to_array(translate(name, '{GENERIC}', ''), NULL)"
_LIVING = "valid_to IS NULL AND kind <> 'grouping'"


@dataclass(frozen=True)
class Hit:
    """A division found: `where` is the path above it, '定西市通渭县'."""

    code: str
    name: str
    level: int
    where: str


def search(
    text: str, *, within: Span = EVERYWHERE, levels: Sequence[int] = LEVELS, limit: int = DEFAULT_LIMIT
) -> list[Hit]:
    """Divisions for what has been typed so far, higher levels first, then by name.

    The two words before the last narrow the area ("定西 通渭 义岗"). Letters are pinyin, initials (twx) or in full
    (tongwei); digits are the beginning of a code.
    """
    words = clean(text.replace("\x00", ""))[:_LONGEST_QUERY].split()[-3:]
    if not words:
        return []
    spans = [within]
    for word in words[:-1]:
        upper = _Search(levels=LEVELS[:4], limit=_NARROWING, narrowing=True)
        for span in spans:
            upper.collect(word, span)
        spans = [codes.span(code) for code in upper.found]
    hits = _Search(levels=levels, limit=limit)
    for span in spans:
        hits.collect(words[-1], span)
    return _with_paths(hits.found)


class _Search:
    """Collects up to `limit` places of these levels, the best ways of matching first. When it only narrows the area
    for another word, a name that begins with the word is enough."""

    def __init__(self, *, levels: Sequence[int], limit: int, narrowing: bool = False) -> None:
        self._levels = tuple(levels)
        self._limit = limit
        self._narrowing = narrowing
        self.found: dict[str, tuple[str, int]] = {}

    def collect(self, word: str, within: Span) -> None:
        """Add what `word` finds in a range of codes."""
        if word.isascii() and word.isdigit():
            self._by_code(word[:12], within)
        elif _LETTERS.match(word.lower()):
            self._by_beginning("initials", word.lower(), within)
            self._by_beginning("pinyin", word.lower(), within)
        else:
            word = _COMMITTEE.sub("", word)
            self._by_beginning("name", word, within)
            if not (self._narrowing and self.found):
                self._by_piece(word, within)

    def _by_code(self, digits: str, within: Span) -> None:
        lo, hi = max(digits.ljust(12, "0"), within[0]), min(digits.ljust(12, "9"), within[1])
        self._run([("code BETWEEN %s AND %s AND level = ANY(%s)", [lo, hi, list(self._levels)], "code")])

    def _by_beginning(self, column: str, value: str, within: Span) -> None:
        """Names that begin with `value`, level by level, in order of name: short walks along the index."""
        narrow = codes.ancestor(within[0], codes.COUNTY) == codes.ancestor(within[1], codes.COUNTY)
        # In a county the range of codes is the shorter walk; "|| ''" keeps the planner from the index on names there.
        key = f"({column} || '')" if narrow else column
        one = f"level = %s AND {key} >= %s AND {key} < %s AND code BETWEEN %s AND %s"
        self._run([(one, [n, value, value + "\U0010ffff", *within], f"{key}, code") for n in self._levels])

    def _by_piece(self, word: str, within: Span) -> None:
        """Names that hold the word anywhere. The index finds names with all its telling characters; LIKE keeps the
        right ones. Villages come as they lie: sorting tens of thousands to show twelve would take too long."""
        telling = [c for c in dict.fromkeys(word) if c not in GENERIC]
        if not telling:
            return
        pattern = _WILD.sub(r"\\\1", word)
        one = f"{_CHARACTERS} @> %s AND name LIKE %s AND code BETWEEN %s AND %s AND level = ANY(%s)"
        parameters = [telling, f"%{pattern}%", *within, list(self._levels)]
        self._run([(f"{one} AND level < 5", parameters, "level, code"), (f"{one} AND level = 5", parameters, "")])

    def _run(self, parts: list[tuple[str, list[Any], str]]) -> None:
        """Each part is a condition, its parameters and its order; all go to the database in one statement."""
        if len(self.found) >= self._limit:
            return
        selects = [
            f"(SELECT {number}, code, name, level FROM regions_division WHERE {condition} AND {_LIVING} "  # noqa: S608 - constants
            f"{f'ORDER BY {order} ' if order else ''}LIMIT {self._limit:d})"
            for number, (condition, _, order) in enumerate(parts)
        ]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), [value for _, values, _ in parts for value in values])
            for _, code, name, level in sorted(cursor.fetchall(), key=lambda row: int(row[0])):
                if len(self.found) < self._limit:
                    self.found.setdefault(code, (name, level))


def _with_paths(found: dict[str, tuple[str, int]]) -> list[Hit]:
    """The places with the names above them, by one query."""
    above = {step for code in found for step in codes.path(code)[:-1]}
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name FROM regions_division WHERE code = ANY(%s) AND kind <> %s",
            [list(above), Kind.GROUPING.value],
        )
        names = dict(cursor.fetchall())
    return [
        Hit(code, name, level, "".join(names.get(step, "") for step in codes.path(code)[:-1]))
        for code, (name, level) in found.items()
    ]
