"""Actors and variants for the tests of this app."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from boai.people.actor import Actor
from boai.regions import codes, names
from boai.regions.enums import Kind
from boai.regions.models import Division
from boai.regions.queries import NamedPlace

TONGWEI = "621121000000"
_NOBODY = UUID(int=7)


def keeper(region_code: str = TONGWEI, role: str = "admin") -> Actor:
    """An administrator of a county."""
    return Actor.in_post(
        user_id=_NOBODY, name="管理员", role=role, post_id=_NOBODY, branch_id=_NOBODY, branch_name="县红十字会",
        region_code=region_code,
    )  # fmt: skip


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
