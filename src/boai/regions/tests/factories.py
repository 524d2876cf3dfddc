"""Actors and variants for the tests of this app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from boai.regions import codes, names
from boai.regions.enums import Kind
from boai.regions.models import Division
from boai.regions.policies import MAINTAIN
from boai.regions.queries import NamedPlace

TONGWEI = "621121000000"
_NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Keeper:
    """As much of an actor as this app needs to know."""

    region_code: str
    duties: frozenset[str]
    user_id: UUID | None = _NOBODY
    name: str = "管理员"
    role: str = "admin"

    def has(self, duty: Any) -> bool:
        """Does the post carry this duty?"""
        return duty in self.duties

    def reaches(self, region_code: str) -> bool:
        """Does the division lie within the actor's own?"""
        return codes.contains(self.region_code, region_code)


def keeper(region_code: str = TONGWEI, *duties: str) -> Keeper:
    """An administrator of a county, or somebody with other duties."""
    return Keeper(region_code, frozenset(duties or {MAINTAIN}))


def wide(text: str) -> str:
    """Full-width digits and letters, as some input methods write them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def variants(county: Division, township: Division, village: Division) -> Iterator[NamedPlace]:
    """The ways in which clerks write one village."""
    stem = names.stem(village.name, codes.VILLAGE)
    endings = ["村", "村委会", "村民委员会"] if village.kind == Kind.VILLAGERS else ["社区", "社区居委会", "居委会"]
    full = f"{county.name}{township.name}{village.name}"
    yield NamedPlace(county.name, township.name, village.name)
    yield NamedPlace("", township.name, f" {village.name[:1]} {village.name[1:]}　")
    yield NamedPlace(county.short_name, township.short_name, village.short_name)
    yield NamedPlace(county.name, township.name, stem)
    for ending in endings:
        yield NamedPlace(county.name, township.name, stem + ending)
    yield NamedPlace(village=full)
    yield NamedPlace(county.name, "", f"{township.name}{village.short_name}")
    yield NamedPlace(village=f"甘肃省、定西市/{full}" if county.code == TONGWEI else full)
    yield NamedPlace(county.name, f"{county.name}{township.name}", wide(village.name))
    yield NamedPlace(code=wide(village.code))
    yield NamedPlace(county.name, township.name, village.short_name, village.code)
    yield NamedPlace(village=f" {village.code} ")
