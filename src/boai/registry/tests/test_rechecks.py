"""Categories that run out or were not confirmed for long: who is asked, what an answer leaves, who may answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.models import CategoryEntry, Recheck
from boai.registry.tests.factories import signed_in
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
TODAY = date(2026, 11, 24)


def category(
    officer: Actor, at: datetime, *, sequence: int = 1, kind: str = "low_income", **more: Any
) -> CategoryEntry:
    home = make_household(officer, at, sequence=sequence, name=f"{'张王李赵钱孙周吴'[sequence % 8]}大")
    values: dict[str, Any] = {"valid_from": date(2026, 1, 1), "source": "县民政局", **more}
    return services.category_add(resident_id=home.residents.get().id, kind=kind, actor=officer, at=at, **values)


def leave(entry: CategoryEntry, officer: Actor, at: datetime) -> None:
    home = entry.resident.household
    services.household_end(household_id=home.id, version=home.version, reason="moved", on=TODAY, actor=officer, at=at)


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


def test_who_is_asked_about(officer: Actor, at: datetime) -> None:
    soon = category(officer, at, sequence=1, valid_to=TODAY + timedelta(days=30))
    category(officer, at, sequence=2, valid_to=TODAY + timedelta(days=31))
    stale = category(officer, at, sequence=3, valid_from=date(2025, 11, 24))
    category(officer, at, sequence=4, valid_from=date(2025, 11, 25))
    category(officer, at, sequence=5, valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1))
    gone = category(officer, at, sequence=6, valid_from=date(2020, 1, 1))
    leave(gone, officer, at)
    assert services.rechecks_collect(at=at) == 2
    assert services.rechecks_collect(at=at) == 0
    found = {(r.entry_id, r.cause, r.due_on) for r in Recheck.objects.all()}
    assert found == {(soon.id, "expiry", TODAY + timedelta(days=30)), (stale.id, "interval", TODAY)}
    inbox = Message.objects.get(template="registry.rechecks")
    assert (inbox.user_id, "2" in inbox.body) == (officer.user_id, True)


def test_what_is_open_goes_with_the_person(officer: Actor, at: datetime) -> None:
    entry = category(officer, at, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    leave(entry, officer, at)
    services.rechecks_collect(at=at)
    assert not Recheck.objects.exists()


def test_an_answer_keeps_its_evidence(officer: Actor, at: datetime) -> None:
    entry = category(officer, at, valid_to=TODAY + timedelta(days=10))
    services.rechecks_collect(at=at)
    asked = Recheck.objects.get()
    until = TODAY + timedelta(days=365)
    services.recheck_answer(recheck_id=asked.id, answer="holds", until=until, source="县民政局", evidence="复核表12号",
                            actor=officer, at=at)  # fmt: skip
    entry.refresh_from_db()
    asked.refresh_from_db()
    assert (entry.valid_to, entry.checked_on) == (until, TODAY)
    assert (asked.until_before, asked.until_after, asked.evidence) == (TODAY + timedelta(days=10), until, "复核表12号")
    assert services.rechecks_collect(at=at) == 0
    with pytest.raises(UnableTo):
        services.recheck_answer(recheck_id=asked.id, answer="ended", until=TODAY, source="x", actor=officer, at=at)
    assert AuditEntry.objects.filter(type="registry.category.rechecked").count() == 1


def test_it_no_longer_holds(officer: Actor, at: datetime) -> None:
    entry = category(officer, at, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    asked = Recheck.objects.get()
    for until in (None, TODAY + timedelta(days=1), date(2024, 1, 1)):
        with pytest.raises(BadInput):
            services.recheck_answer(recheck_id=asked.id, answer="ended", until=until, source="村委会", actor=officer,
                                    at=at)  # fmt: skip
    services.recheck_answer(recheck_id=asked.id, answer="ended", until=TODAY, source="村委会", actor=officer, at=at)
    entry.refresh_from_db()
    assert entry.valid_to == TODAY
    assert services.rechecks_collect(at=at) == 0


def test_ended_by_hand_is_not_asked_any_more(officer: Actor, at: datetime) -> None:
    entry = category(officer, at, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    services.category_end(entry_id=entry.id, on=TODAY - timedelta(days=1), actor=officer, at=at)
    assert not Recheck.objects.filter(answered_at=None).exists()
    soon = category(officer, at, sequence=2)
    services.category_end(entry_id=soon.id, on=TODAY + timedelta(days=3), actor=officer, at=at)
    assert services.rechecks_collect(at=at) == 0


def test_many_at_once(officer: Actor, at: datetime) -> None:
    for i in range(1, 7):
        category(officer, at, sequence=i, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    ids = list(Recheck.objects.values_list("id", flat=True))
    client = signed_in(officer)
    url = reverse("registry:rechecks_confirm")
    shown = client.post(url, {"id": ids[:5]})
    assert shown.context["will"]["count"] == 5
    assert Recheck.objects.filter(answered_at=None).count() == 6
    assert client.post(url, {"id": ids[:5], "source": ""}).status_code == 422
    assert client.post(url, {"id": ids[:5], "source": "县民政局"}).status_code == 302
    assert Recheck.objects.filter(answered_at=None).count() == 1
    assert CategoryEntry.objects.filter(checked_on__isnull=False).count() == 5


def test_the_list_costs_the_same_with_one_and_thirty(officer: Actor, at: datetime) -> None:
    client = signed_in(officer)
    url = reverse("registry:recheck_list")
    category(officer, at, sequence=1, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(url).context["page"].rows) == 1
    for i in range(2, 31):
        category(officer, at, sequence=i, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    with CaptureQueriesContext(connection) as thirty:
        page = client.get(url).context["page"]
    assert (len(page.rows), len(one)) == (30, len(thirty))
    first = queries.recheck_page(actor=officer, on=TODAY, size=20)
    second = queries.recheck_page(actor=officer, on=TODAY, size=20, key=first.after)
    assert len({row.id for row in first.rows + second.rows}) == 30


def test_strangers_and_readers_answer_nothing(officer: Actor, actor_for: Make, at: datetime) -> None:
    category(officer, at, valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    asked = Recheck.objects.get()
    branch = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    stranger, cadre = actor_for("officer", branch), actor_for("cadre")
    url = reverse("registry:recheck", args=[asked.id])
    assert signed_in(stranger).get(url).status_code == 404
    assert signed_in(stranger).get(reverse("registry:recheck_list")).context["page"].rows == []
    assert signed_in(cadre).get(url).status_code == 403
    assert signed_in(cadre).get(reverse("registry:recheck_list")).status_code == 403
    for actor in (stranger, cadre):
        with pytest.raises(NotAllowed):
            services.rechecks_confirm(recheck_ids=[asked.id], source="x", actor=actor, at=at)
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_a_sealed_category_shows_no_name(officer: Actor, at: datetime) -> None:
    category(officer, at, kind="illness", detail="尿毒症", valid_from=date(2025, 1, 1))
    services.rechecks_collect(at=at)
    text = signed_in(officer).get(reverse("registry:recheck_list")).content.decode()
    assert "尿毒症" not in text
    assert "大病" not in text.split("<table")[1].split("</table")[0]
    answer = signed_in(officer).get(reverse("registry:recheck", args=[Recheck.objects.get().id]))
    assert "尿毒症" not in answer.content.decode()
