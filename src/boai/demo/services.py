"""Playing the demo county: everything goes through the services, with the dates on which it would have happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.contrib.auth.hashers import make_password

from boai.demo import cast
from boai.demo.consents import consents_ask
from boai.demo.people import alike, families
from boai.demo.register import register_bring, register_check
from boai.demo.stage import Stage, first_of_year
from boai.demo.stories import play
from boai.kernel.clock import local_date, start_of_day
from boai.people.actor import Actor
from boai.people.models import Branch, Post, User
from boai.people.queries import actor_of
from boai.regions.models import Division

Progress = Callable[[int, int], None]

VILLAGES, EACH = 14, 9
DOUBTFUL = 4  # households of the second register that may be known already: the asking page has something to ask
SPOILED = 4  # households per village of the second register, which waits on the findings page


def demo_load(*, at: datetime, progress: Progress) -> None:
    """Play the whole county up to `at`. Run it under a scope that sees everything.

    Each part is a few transactions of its own; the launcher marks the database before and after, and begins a demo that
    was cut short anew.
    """
    progress(0, 100)
    _branches()
    today = local_date(at)
    actors = _people(since=first_of_year(today))
    progress(10, 100)
    homes = families(_villages(), each=EACH, today=today)
    stage = Stage(actors=actors, homes=homes, now=at)
    register_bring(homes, actor=actors["jingban"], at=stage.clock)
    consents_ask(actor=actors["jingban"], at=stage.clock)
    progress(30, 100)
    play(stage, progress=lambda done, of: progress(30 + 60 * done // of, 100))
    more = families(_villages()[:3], each=SPOILED, today=today, seed=7, first=101) + alike(homes, count=DOUBTFUL)
    register_check(more, name="平襄镇补报花名册（演示）.xlsx", actor=actors["jingban"], at=stage.clock, spoil=True)
    progress(100, 100)


def _branches() -> None:
    made: dict[str, Branch] = {}
    for place in cast.PLACES:
        made[place.key] = Branch.objects.create(
            name=place.name, kind=place.kind, region_code=place.region_code, parent=made.get(place.parent),
            phone=place.phone, address=place.address, open_hours="工作日 8:30–12:00，14:30–18:00",
        )  # fmt: skip


def _people(*, since: date) -> dict[str, Actor]:
    """Users with their posts; one password for all, hashed once: the demo only."""
    branches = {place.key: Branch.objects.get(name=place.name) for place in cast.PLACES}
    password = make_password(cast.PASSWORD)
    actors: dict[str, Actor] = {}
    for player in cast.PLAYERS:
        user = User.objects.create(
            username=player.username, name=player.name, password=password, date_joined=start_of_day(since)
        )
        for role, place in player.posts:
            post = Post.objects.create(user=user, branch=branches[place], role=role, starts_on=since)
            actors.setdefault(player.username, actor_of(post))
    return actors


def _villages() -> list[tuple[str, str, str]]:
    """Real villages of the county, a few from every township: (code, village, township)."""
    townships = {d.code[:9]: d.name for d in Division.objects.filter(code__startswith=cast.COUNTY[:6], level=4)}
    rows = Division.objects.filter(code__startswith=cast.COUNTY[:6], level=5).order_by("code")
    seen: dict[str, int] = {}
    chosen: list[tuple[str, str, str]] = []
    for division in rows:
        township = division.code[:9]
        if seen.get(township, 0) < 2 and len(chosen) < VILLAGES:
            seen[township] = seen.get(township, 0) + 1
            chosen.append((division.code, division.name, townships[township]))
    return chosen
