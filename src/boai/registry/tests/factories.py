"""Making register objects for tests, through the same services as everybody else."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.test import Client

from boai.people.actor import Actor
from boai.people.models import User
from boai.regions.models import Division
from boai.registry.models import Finding, Intake
from boai.registry.services.checking import intake_check
from boai.registry.services.receiving import intake_upload

COUNTY = "621121000000"


def villages(count: int = 4, *, county: str = COUNTY) -> list[tuple[str, str, str]]:
    """(township, village, code) of real villages whose names are unlike each other."""
    found: dict[str, tuple[str, str, str]] = {}
    rows = Division.objects.filter(level=5, code__gte=county, code__lt=county[:6] + "999999").order_by("code")
    townships = dict(Division.objects.filter(level=4, code__startswith=county[:6]).values_list("code", "name"))
    for division in rows:
        found.setdefault(division.name, (townships[division.code[:9] + "000"], division.name, division.code))
    return list(found.values())[:: max(len(found) // count, 1)][:count]


def checked(
    content: io.BytesIO, *, actor: Actor, at: datetime, name: str = "名册.xlsx", region: str = COUNTY
) -> Intake:
    """Upload and check a register file."""
    intake, _new = intake_upload(upload=content, file_name=name, region_code=region, actor=actor, at=at, queue=False)
    return intake_check(intake_id=intake.id, actor=actor, at=at)


def found(intake: Intake) -> set[tuple[int, str, str]]:
    """(row, field, rule) of every finding."""
    return set(Finding.objects.filter(intake=intake).values_list("row", "field", "rule"))


def shown(intake: Intake) -> list[dict[str, Any]]:
    """The findings in order, for messages of failing tests."""
    rows = Finding.objects.filter(intake=intake).order_by("sheet", "row")
    return [dict(row) for row in rows.values("sheet", "row", "field", "rule")]


def signed_in(actor: Actor) -> Client:
    """A browser in which somebody has signed in."""
    client = Client()
    user = User.objects.get(id=str(actor.user_id))
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
