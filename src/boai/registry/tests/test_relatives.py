"""The staff declare their relatives, each for themselves; looks at these households are asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.enums import FlagKind
from boai.registry.models import DeclaredRelative
from boai.registry.queries.looks import relatives
from boai.registry.tests.factories import signed_in
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_looks import TUESDAY, _look
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
NUMBER = number_for(date(1956, 3, 4), male=True, sequence=1)


def declare(actor: Actor, at: datetime, *, number: str = "", name: str = "张小三") -> DeclaredRelative:
    read = read_person_number(number, on=date(2026, 11, 24)) if number else None
    return services.relative_declare(name=name, number=read, relation="舅舅", actor=actor, at=at)


def test_by_number_only_the_one_by_name_whoever_is_called_so(actor_for: Make, at: datetime) -> None:
    officer, other = actor_for("officer", name="李办事"), actor_for("officer", name="王办事")
    uncle, namesake = make_household(officer, at), make_household(officer, at, sequence=2, place=1)
    declared = declare(officer, at, number=NUMBER)
    assert [flag.kind for flag in _look(officer, uncle, TUESDAY)] == [FlagKind.OWN]
    assert _look(officer, namesake, TUESDAY) == []
    assert _look(other, uncle, TUESDAY) == []
    services.relative_end(relative_id=declared.id, actor=officer, at=at)
    declare(officer, at)
    assert [flag.kind for flag in _look(officer, namesake, TUESDAY)] == [FlagKind.OWN]


def test_what_is_refused_changes_nothing(actor_for: Make, at: datetime) -> None:
    officer, other = actor_for("officer"), actor_for("officer")
    declared = declare(officer, at, number=NUMBER)
    with pytest.raises(UnableTo):
        declare(officer, at, number=NUMBER)
    with pytest.raises(BadInput):
        services.relative_declare(name="张大", number=None, relation=" ", actor=officer, at=at)
    with pytest.raises(NotAllowed):
        services.relative_end(relative_id=declared.id, actor=other, at=at)
    with pytest.raises(NotAllowed):
        declare(Actor.system(), at)
    assert DeclaredRelative.objects.get().ended_at is None
    assert list(relatives(actor=other)) == []


def test_the_page_shows_only_ones_own_and_the_log_names_nobody(actor_for: Make, at: datetime) -> None:
    officer, other = actor_for("officer"), actor_for("officer")
    client, url = signed_in(officer), reverse("registry:relative_list")
    assert client.get(url).status_code == 200
    for wrong in ({"name": ""}, {"number": "123"}, {"relation": "亲" * 50}):
        answer = client.post(url, {"name": "张小三", "relation": "舅舅", "number": NUMBER, **wrong})
        assert answer.status_code == 422
    assert client.post(url, {"name": "张小三", "relation": "舅舅", "number": NUMBER}).status_code == 302
    assert "张小三" in client.get(url).content.decode()
    assert "张小三" not in signed_in(other).get(url).content.decode()
    set_scope(EVERYWHERE)
    declared = DeclaredRelative.objects.get()
    assert declared.number_tail == NUMBER[-4:]
    entry = AuditEntry.objects.get(type="registry.relative.declared")
    assert "张小三" not in str(entry.payload)
    end = reverse("registry:relative_end", args=[declared.id])
    assert signed_in(other).post(end).status_code == 403
    set_scope(EVERYWHERE)
    assert DeclaredRelative.objects.get().ended_at is None
    assert client.post(end).status_code == 302
    set_scope(EVERYWHERE)
    assert DeclaredRelative.objects.get().ended_at is not None
