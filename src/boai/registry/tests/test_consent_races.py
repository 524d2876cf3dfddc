"""Answers given at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event
from time import sleep
from typing import Any

from django.db import transaction

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.models import Consent, RegisterExport
from boai.registry.purposes import Purpose
from boai.registry.tests.test_consents import SAID, agree, ask, head_of, names, withdraw
from boai.registry.tests.test_pages import make_household

Make = Callable[..., Actor]


def test_two_answers_at_once_leave_one_that_holds(
    own_database: str, actor_for: Make, at: datetime, race: Callable[..., list[Any]]
) -> None:
    set_scope(EVERYWHERE)
    officer = actor_for("officer")
    head = head_of(make_household(officer, at))
    agree(head, officer, at)

    def job(answer: str) -> Callable[[], Any]:
        def run() -> Any:
            set_scope(EVERYWHERE)
            return services.consent_record(
                resident_id=head.id, purpose=Purpose.SHARE, answer=answer, said=SAID, actor=officer, at=at
            )

        return run

    race([job("given"), job("refused"), job("refused"), job("given")])
    assert Consent.objects.filter(ended_at__isnull=True).count() == 1
    assert Consent.objects.count() == 5


def test_a_list_waits_for_a_no_that_is_on_its_way(
    own_database: str, actor_for: Make, at: datetime, race: Callable[..., list[Any]]
) -> None:
    """The no is written but not committed when the list begins: the list is written without the person."""
    set_scope(EVERYWHERE)
    officer = actor_for("officer")
    heads = [
        head_of(make_household(officer, at, name=f"张小{c}", sequence=i, place=i)) for i, c in enumerate("甲乙", 1)
    ]
    for head in heads:
        agree(head, officer, at)
    asked = ask(officer, at)
    said_no = Event()

    def withdraws() -> None:
        set_scope(EVERYWHERE)
        with transaction.atomic():
            withdraw(heads[0], officer, at)
            said_no.set()
            sleep(1)

    def writes() -> RegisterExport:
        set_scope(EVERYWHERE)
        assert said_no.wait(10)
        return services.export_write(export_id=asked.id, at=at)

    race([withdraws, writes])
    export = RegisterExport.objects.get(id=asked.id)
    assert (export.people, names(export)) == (1, ["张小乙"])
    services.export_fetch(export_id=export.id, actor=officer, at=at)
