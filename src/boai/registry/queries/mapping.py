"""The columns of a register file: what each was taken for and how we know."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from boai.registry.enums import Category
from boai.registry.intake.columns import Field, Learned, is_boring, normal
from boai.registry.intake.meanings import code_of, guess_of, meaning_from
from boai.registry.models import ColumnChoice, ColumnSample, Intake

LONGEST_KEY = 200


@dataclass
class ColumnView:
    """A heading of a file, once per way of writing it: the code of its meaning, and where it comes from."""

    key: str
    heading: str
    meaning: str
    remembered: bool
    asked: bool  # nobody could know what it means, and nobody has said
    values: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)


def learned(*, region_code: str) -> Learned:
    """What the office of a division has said about headings."""
    rows = ColumnChoice.objects.filter(region_code=region_code).values_list("heading", "meaning")
    return {heading: meaning_from(code) for heading, code in rows}


def columns_view(*, intake: Intake) -> list[ColumnView]:
    """The headings of a file in their order; empty while it has not been read."""
    kept = ColumnSample.objects.filter(intake_id=intake.id, region_code=intake.region_code).first()
    if kept is None:
        return []
    known, layouts = learned(region_code=intake.region_code), {one["sheet"]: one for one in intake.layout}
    views: dict[str, ColumnView] = {}
    for sheet in json.loads(kept.sheets):
        taken = _taken(layouts[sheet["sheet"]]) if sheet["sheet"] in layouts else None
        for place, heading in enumerate(sheet["headings"]):
            key = normal(heading)[:LONGEST_KEY]
            if not key:
                continue
            view = views.setdefault(key, ColumnView(key, heading, "", key in known, False))
            view.meaning = view.meaning or (taken or {}).get(place, "")
            view.values = view.values or sheet["values"][place]
            if sheet["name"] not in view.sheets:
                view.sheets.append(sheet["name"])
    for view in views.values():
        _settle(view, known, read=bool(layouts))
    return list(views.values())


def _taken(layout: dict[str, Any]) -> dict[int, str]:
    """Which columns of a sheet were read, and as what."""
    flags = {int(place): code_of(Category(kind)) for place, kind in layout["flags"].items()}
    return flags | {place: name for name, place in layout["columns"].items()}


def _settle(view: ColumnView, known: Learned, *, read: bool) -> None:
    """The meaning of a heading whose column no sheet has read: what was said, or, before any reading, our guess."""
    if view.meaning:
        return
    guess = Field.IGNORED if is_boring(view.heading) else guess_of(view.heading)
    unknown = guess is None or (read and guess is not Field.IGNORED)  # read, yet left out: its field is taken
    view.asked = not view.remembered and unknown
    meaning = known.get(view.key) or (guess if not read else None)
    view.meaning = code_of(meaning or Field.IGNORED)
