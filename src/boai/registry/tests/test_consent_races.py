"""Answers given at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.models import Consent
from boai.registry.purposes import Purpose
from boai.registry.tests.test_consents import SAID, agree, head_of
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
