"""The word lists of the offices, as data beside the code (words/*.txt): `key:` lines, then words between spaces."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from boai.kernel.text.folding import squeeze
from boai.registry.enums import Relation

_FOLDER = Path(__file__).resolve().parent / "words"


@cache
def words(name: str) -> dict[str, list[str]]:
    """The words of one list by their key."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            if line.endswith(":"):
                current = found.setdefault(line.removesuffix(":"), [])
        else:
            current.extend(line.split())
    return found


@cache
def by_word(name: str) -> dict[str, str]:
    """The key of every word of one list. A word stands under one key only."""
    found: dict[str, str] = {}
    for key, listed in words(name).items():
        for word in listed:
            assert found.setdefault(word.upper(), key) == key, f"{name}: {word} means {found[word.upper()]} and {key}"
    return found


NOTHING = frozenset(words("signs")["nothing"]) | {""}
NONE_OF_THEM = frozenset(words("signs")["none_of_them"])
DITTO = frozenset(words("signs")["ditto"])
GONE = frozenset(words("signs")["gone"])
YES = frozenset(words("signs")["yes"])
NO = frozenset(words("signs")["no"])
_SEX = {word: sex for sex in ("m", "f") for word in words("signs")[sex]}


_LONGEST_NOTHING = max(map(len, NOTHING))


def says_nothing(value: object) -> bool:
    """Is it text that stands for an empty cell (无, /, 不详)?"""
    if not isinstance(value, str):
        return False
    if len(value) > _LONGEST_NOTHING and value.isalnum():  # nearly every cell that says something
        return False
    return squeeze(value).upper() in NOTHING


@lru_cache(maxsize=4_096)
def relation_of(text: str) -> str:
    """The relation that a word means; "" when nobody can know. Codes are those of GB/T 4761."""
    known, bare = by_word("relations"), text.removesuffix(".0")
    found = known.get(bare) or known.get(bare.removeprefix("户主之").removeprefix("户主的"), "")
    return Relation(found).value if found else ""


def sex_of(text: str) -> str:
    """Male ("m") or female ("f") for a word or a code of GB/T 2261.1; "" when nobody can know."""
    return _SEX.get(text, "")
