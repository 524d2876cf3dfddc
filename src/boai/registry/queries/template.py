"""The places of a division, as the register's template offers them."""

from __future__ import annotations

from datetime import date

from boai.regions import codes
from boai.regions.queries import division, in_force
from boai.registry.intake.template import Places


def template_places(*, region_code: str, on: date) -> Places:
    """Counties (where the division holds several), townships and villages. The country as a whole offers counties only
    by typing: a workbook can't list it."""
    if region_code == codes.COUNTRY:
        return Places([], {}, {})
    lo, hi = codes.span(region_code)
    above = [codes.ancestor(region_code, depth) for depth in range(1, codes.level(region_code))]
    listed = in_force(on).filter(code__range=(lo, hi), level__gte=codes.COUNTY).order_by("code")
    rows = list(listed.values_list("code", "level", "name"))
    rows += [(code, codes.level(code), division(code).name) for code in above if codes.level(code) >= codes.COUNTY]
    names = {code: name for code, _level, name in rows}
    several = codes.level(region_code) < codes.COUNTY
    townships: dict[str, list[str]] = {}
    villages: dict[str, list[str]] = {}
    for code, depth, name in rows:
        county = names.get(codes.ancestor(code, codes.COUNTY), "") if several else ""
        if depth == codes.TOWNSHIP:
            townships.setdefault(county, []).append(name)
        elif depth == codes.VILLAGE:
            villages.setdefault(county + names.get(codes.ancestor(code, codes.TOWNSHIP), ""), []).append(name)
    return Places(list(townships) if several else [], townships, villages)
