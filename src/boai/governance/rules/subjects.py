"""What the apps above hand to governance: a subject, the facts to show, the people who must step aside."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from boai.governance.enums import Channel, Ground


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about: a relief case today, a project or a loan tomorrow.

    `kind` names the app's thing ("relief.case"), `id` its row, `code` its public random code. `title` is for officers
    and panel members only; it never reaches a public page.
    """

    kind: str
    id: UUID
    region_code: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line that the panel sees before it votes; frozen with the item. Never a sensitive category."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person on the roll of a meeting. Members without an account vote on paper."""

    name: str
    user_id: UUID | None = None
    channel: Channel = Channel.ONLINE


@dataclass(frozen=True, slots=True)
class MustRecuse:
    """An automatic hit: this member of staff has to leave the item, and why."""

    user_id: UUID
    ground: Ground
    note: str = ""
