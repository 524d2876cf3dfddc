"""The demo county plays through, in every state, and its books and its log hold."""

from __future__ import annotations

from datetime import datetime

from boai.demo.cast import PASSWORD, PLAYERS, sign_ins
from boai.demo.services import demo_load
from boai.relief.models import Case


def test_the_whole_county_plays(own_database: str, at: datetime) -> None:
    seen: list[int] = []
    demo_load(at=at, progress=lambda done, _of: seen.append(done))
    assert seen[-1] == 100
    states = set(Case.objects.values_list("state", flat=True))
    assert states >= {
        "applied", "returned", "verifying", "reviewing", "noticing", "publishing", "approving", "paying", "completing",
        "visiting", "archived", "refused", "withdrawn",
    }  # fmt: skip


def test_the_printed_sign_ins_are_the_cast() -> None:
    names = {p.username for p in PLAYERS}
    assert all(name in names and password == PASSWORD for name, password, _who in sign_ins())
