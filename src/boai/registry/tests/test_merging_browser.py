"""The page that asks, with a keyboard and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.enums import PairState
from boai.registry.models import DuplicatePair, Resident
from boai.registry.services.households import HouseholdFacts
from boai.registry.tests.factories import signed_in, villages
from boai.registry.tests.test_merging import ONE, OTHER

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _two(actor: Actor, at: datetime) -> DuplicatePair:
    ids = []
    for person, address in ((ONE, "一组1号"), (OTHER, "二组2号")):
        home = services.household_create(
            facts=HouseholdFacts(region_code=villages(2)[0][2], address=address), head=person, actor=actor, at=at
        )
        ids.append(home.residents.get().id)
    services.category_add(resident_id=ids[0], kind="low_income", valid_from=date(2026, 1, 1), source="民政",
                          actor=actor, at=at)  # fmt: skip
    services.category_add(resident_id=ids[1], kind="disability", detail="二级", valid_from=date(2026, 1, 1),
                          source="残联", actor=actor, at=at)  # fmt: skip
    return DuplicatePair.objects.create(region_code="621121000000", left_id=ids[0], right_id=ids[1], weight=9.0,
                                        parts=[["name", "one", 4.0], ["born", "swapped", 5.0]],
                                        state=PairState.ASKED, torn=True)  # fmt: skip


def _open(page: Page, live: str, actor: Actor, pair: DuplicatePair) -> None:
    cookie = signed_in(actor).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live}])
    page.goto(live + reverse("registry:pair", args=[pair.id]))


def test_facts_are_picked_and_decided_without_a_mouse(
    live: str, page: Page, actor_for: Callable[..., Actor], at: datetime
) -> None:
    officer = actor_for("officer")
    pair = _two(officer, at)
    _open(page, live, officer, pair)
    page.focus("input[name=pick_phone][value=left]")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("input[name=pick_phone][value=right]")
    page.keyboard.press("1")
    page.wait_for_url("**/duplicates/")
    set_scope(EVERYWHERE)
    left = Resident.objects.get(id=pair.left_id)
    assert (left.name, left.phone) == ("张伟强", "13900138000")
    page.click("tbody a")


def test_both_sides_fit_a_telephone(live: str, phone: Page, actor_for: Callable[..., Actor], at: datetime) -> None:
    officer = actor_for("officer")
    pair = _two(officer, at)
    _open(phone, live, officer, pair)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    for label in phone.query_selector_all(".compare label"):
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 44, label.inner_text()
    phone.check("input[name=pick_name][value=right]")
    phone.click("button[value=left]")
    phone.wait_for_url("**/duplicates/")
    phone.click("tbody a")
