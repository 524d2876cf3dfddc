"""Who may open which page: every address × every role, an officer of another county and nobody, held against a table.

The table `access.tsv` stands beside this test: a row an address, a column a role, the status of a plain GET in the
demo county. A page that is new, or opens for somebody else than before, shows as a line that differs; whoever means it
writes the table anew by `BOAI_WRITE_ACCESS=1 ./boai test tests/test_access_matrix.py` and looks at what changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from boai.demo.services import demo_load
from boai.kernel.scope import EVERYWHERE, scoped, set_scope
from boai.people.models import Branch, Post, User
from boai.people.roles import ROLES
from boai.registry.models import HouseholdEvent

TABLE = Path(__file__).with_name("access.tsv")
COUNTY = "621121000000"
NO_SUCH = UUID("00000000-0000-7000-8000-000000000000")
NOBODY, STRANGER = "nobody", "other county"
# Whose addresses are not ours to judge: the sign-in library's, files, and what changes with every run.
LEFT_OUT = ("account_", "mfa_", "socialaccount_", "headless", "set_language", "usersessions_")
COLUMNS = [NOBODY, STRANGER, *ROLES]


def _named(
    resolver: URLResolver, space: str = "", over: dict[str, Any] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in resolver.url_patterns:
        keys = (over or {}) | dict(one.pattern.converters)
        if isinstance(one, URLResolver):
            yield from _named(one, f"{space}{one.namespace}:" if one.namespace else space, keys)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{space}{one.name}", keys


def addresses() -> list[tuple[str, dict[str, Any]]]:
    """Every named address of the project with what it needs to know, each once."""
    found = {name: keys for name, keys in _named(get_resolver()) if not name.startswith(LEFT_OUT)}
    return sorted(found.items())


# For each thing that an address names: where the demo county has one. What it has none of stays unknown there: 404.
SAMPLES: dict[str, tuple[str, str]] = {
    "household_id": ("Household", "id"), "resident_id": ("Resident", "id"),
    "entry_id": ("CategoryEntry", "id"), "intake_id": ("Intake", "id"),
    "finding_id": ("Finding", "id"), "event_id": ("HouseholdEvent", "id"),
    "pair_id": ("DuplicatePair", "id"), "case_id": ("Case", "id"), "batch_id": ("Batch", "id"),
    "fund_id": ("Fund", "id"), "programme_id": ("Programme", "id"),
    "statement_id": ("Statement", "id"), "line_id": ("StatementLine", "id"),
    "receipt_id": ("Receipt", "id"), "meeting_id": ("Meeting", "id"),
    "review_id": ("Review", "id"), "notice_id": ("Notice", "id"),
    "objection_id": ("Objection", "id"), "message_id": ("Message", "id"),
    "post_id": ("Post", "id"), "visit_id": ("Visit", "id"), "code": ("PublicNotice", "code"),
}  # fmt: skip
PLAIN = {"position": 0, "size": 1, "old": 1, "purpose": "share", "name": "who", "field": "phone", "action": "accept",
         "key": "relief.amounts", "token": "x"}  # fmt: skip


def samples(keys: dict[str, Any], name: str) -> dict[str, Any]:
    """What fills an address: a thing of the demo county, or one that does not exist."""
    models = {one.__name__: one for one in apps.get_models()}
    made: dict[str, Any] = {}
    for key in keys:
        model, column = SAMPLES.get(key, ("", ""))
        if key == "entry_id" and name.startswith("governance"):
            model = "NoticeEntry"
        rows = models[model]._default_manager.order_by("pk") if model else None
        if key == "intake_id":
            rows = rows.filter(state="checked")  # type: ignore[union-attr]  # an intake has a model
        row = rows.first() if rows is not None else None
        made[key] = (
            getattr(row, column)
            if row is not None
            else PLAIN.get(key, 0 if isinstance(keys[key], IntConverter) else NO_SUCH)
        )
    if "event_id" in made and (event := HouseholdEvent.objects.order_by("-made_at", "-id").first()):
        made |= {"event_id": event.id, "household_id": event.household_id}
    return made


def _status(client: Client, path: str) -> str:
    """GET, or POST where only that is taken; whatever it did is taken back."""
    for method in (client.get, client.post):
        with transaction.atomic():
            answer = method(path)
            transaction.set_rollback(True)
        if answer.status_code != 405:
            break
    return str(answer.status_code)


def test_the_table_of_who_may_open_what(own_database: str, at: datetime) -> None:
    set_scope(EVERYWHERE)
    demo_load(at=at, progress=lambda done, of: None)
    clients = {NOBODY: Client(), STRANGER: _signed_in("officer", _elsewhere())}
    county = Branch.objects.get(region_code=COUNTY, kind="society")
    clients |= {role: _signed_in(role, county) for role in ROLES}
    lines = ["\t".join(["address", *COLUMNS])]
    for name, keys in addresses():
        with scoped(EVERYWHERE):
            path = reverse(name, kwargs=samples(keys, name))
        lines.append("\t".join([name, *(_status(clients[column], path) for column in COLUMNS)]))
    if os.environ.get("BOAI_WRITE_ACCESS"):
        TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = TABLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in known] == []
    assert [line for line in known if line not in lines] == []


def test_nobody_and_strangers_open_nothing_of_a_county() -> None:
    """The table itself: no page about a household, a case or a file answers to them."""
    head, *rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    assert head[1:] == COLUMNS
    named = dict(addresses())
    for name, *answers in rows:
        by = dict(zip(COLUMNS, answers, strict=True))
        if name.startswith(("registry:", "relief:", "governance:", "journeys:", "visits:", "people:")) and named[name]:
            assert by[NOBODY] in ("302", "403", "404", "405"), (name, by)
            assert by[STRANGER] in ("302", "403", "404", "405"), (name, by)


def _elsewhere() -> Branch:
    return Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")


def _signed_in(role: str, branch: Branch) -> Client:
    user = User.objects.create(username=f"matrix-{role}-{branch.region_code}", name=f"{role}乙", password="!",
                               date_joined=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    Post.objects.create(user=user, branch=branch, role=role, starts_on=date(2026, 1, 1))
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
