"""Which rows of a file belong to one household."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from boai.kernel.ids import new_id
from boai.kernel.text.folding import squeeze
from boai.registry.enums import Relation
from boai.registry.intake.columns import Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.people import Found, Person, Place

_LONG_NUMBER = 9  # a number with this many digits holds the place; shorter ones begin anew in every village


@dataclass(slots=True)
class Group:
    """A household while its rows are read."""

    id: UUID
    number: str
    sheet: int
    row: int
    place: Place
    head_name: str = ""


class Grouper:
    """Gives every person of a file a household, in the order of the rows.

    By the household's number where the file has one (within its village while the number is short); a member's row
    without a number belongs to the household above it. Without numbers: by the head's name where there is such a
    column, else a household begins with each head. Without relations either, every row is a household of its own.
    """

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._known: dict[tuple[object, ...], Group] = {}
        self._last: Group | None = None
        self._fresh: list[tuple[tuple[object, ...], Group]] = []

    def begin(self, layout: Layout) -> None:
        """A new sheet: nothing belongs to the household above."""
        self._layout, self._last = layout, None

    def resume(self, layout: Layout) -> None:
        """The same sheet goes on."""
        self._layout = layout

    def mark(self) -> dict[str, Any]:
        """As JSON: the household above, and the households that have become known since the last mark."""
        fresh, self._fresh = self._fresh, []
        return {"above": _plain(self._last) if self._last else None,
                "homes": [[key, _plain(group)] for key, group in fresh]}  # fmt: skip

    def learn(self, mark: dict[str, Any]) -> None:
        """Take up what a mark has kept; marks are taken up in their order."""
        self._known.update((_hashable(key), _group(kept)) for key, kept in mark["homes"])
        self._last = _group(mark["above"]) if mark["above"] else None

    def place(self, person: Person) -> tuple[Group, bool]:
        """The person's household and whether it is new. Fills in what stands only once in a household."""
        assert self._layout is not None
        if not person.relation:
            self._give_relation(person)
        last = self._last
        below = last is not None and person.relation != Relation.HEAD and person.household in ("", last.number)
        if last is not None and below and not any(person.place):
            person.place = last.place
        group = self._find(person)
        new = group is None
        if group is None:
            group = Group(new_id(), person.household, self._layout.sheet, person.row, person.place, person.head_name)
            self._remember(person, group)
        self._last = group
        return group, new

    def _give_relation(self, person: Person) -> None:
        """Lists without a column for it, and heads named in a column of their own."""
        assert self._layout is not None
        columns = self._layout.columns
        if person.head_name and person.name and squeeze(person.head_name) == person.name:
            person.relation = Relation.HEAD
        elif Field.RELATION not in columns and Field.HEAD_NAME not in columns:
            # A list of households, or of single people: each row its own, unless numbers join them.
            key = self._key(person)
            person.relation = "" if key is not None and key in self._known else Relation.HEAD.value
        if not person.relation and not any(f.rule == "relation.unknown" for f in person.faults):
            person.faults.append(Found(Field.RELATION, "relation.missing"))

    def _find(self, person: Person) -> Group | None:
        assert self._layout is not None
        key = self._key(person)
        if key is not None:
            return self._known.get(key)
        if self._last is None or person.relation == Relation.HEAD:
            return None
        if Field.RELATION not in self._layout.columns and Field.HEAD_NAME not in self._layout.columns:
            return None
        return self._last

    def _remember(self, person: Person, group: Group) -> None:
        key = self._key(person)
        if key is not None:
            self._known[key] = group
            self._fresh.append((key, group))

    def _key(self, person: Person) -> tuple[object, ...] | None:
        assert self._layout is not None
        if person.household:
            if len(re.sub(r"\D", "", person.household)) >= _LONG_NUMBER:
                return (person.household,)
            return (self._layout.sheet, person.household, person.place)
        if person.head_name:
            return (self._layout.sheet, "head", person.head_name, person.place)
        return None


def _plain(group: Group) -> list[Any]:
    return [str(group.id), group.number, group.sheet, group.row, group.place, group.head_name]


def _group(kept: list[Any]) -> Group:
    key, number, sheet, row, place, head_name = kept
    return Group(UUID(key), number, sheet, row, Place(*place), head_name)


def _hashable(key: list[Any]) -> tuple[object, ...]:
    return tuple(tuple(part) if isinstance(part, list) else part for part in key)
