"""A stolen dump of the played county: no identity number, telephone, account or sensitive fact can be read in it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime

from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from boai.demo.services import demo_load
from boai.kernel import rekeying
from boai.kernel.crypto import SealedTextField, unseal
from boai.launcher.cluster import POSTGRES_BIN_PATH
from boai.registry.models import CategoryEntry
from boai.relief.models import Application
from tests.plugin import cluster

BYTES = re.compile(rb"\\\\x([0-9a-f]{2,})")
SHORTEST = 4
# Sealed by their table, not for what they say: messages that repeat a public notice; a house number, which stands in the
# clear on the household's own row.
PUBLIC = {"messages.text", "relief-address"}


def _dump(database: str) -> str:
    """Everything that pg_dump writes, bytes columns (the log's payloads among them) unfolded to the text they hold."""
    admin = cluster()
    done = subprocess.run(
        [f"{POSTGRES_BIN_PATH}/pg_dump", "--data-only", admin.url("postgres", admin.password, database)],
        capture_output=True,
        check=True,
    )
    plain = BYTES.sub(lambda found: bytes.fromhex(found.group(1).decode()), done.stdout)
    return plain.decode("utf-8", "replace")


def _secrets() -> Iterator[tuple[str, str]]:
    """(place, text) of everything that the installation has sealed."""
    with connection.cursor() as cursor:
        for place in rekeying.places():
            for column, purpose in place.sealed:
                if purpose in PUBLIC:
                    continue
                cursor.execute(f'SELECT "{column}" FROM "{place.table}" WHERE octet_length("{column}") > 0')
                for (sealed,) in cursor.fetchall():
                    yield f"{place.table}.{column}", unseal(sealed, purpose)


def _words(place: str, text: str) -> set[str]:
    """What must not be found: the text itself; of a sealed category its kind and detail together."""
    if place.endswith(".fact"):
        return {json.dumps(json.loads(text), ensure_ascii=False), json.loads(text)["detail"]}
    return {text}


def test_a_stolen_dump_shows_no_number_and_no_sensitive_fact(own_database: str, at: datetime) -> None:
    demo_load(at=at, progress=lambda _done, _of: None)
    held = _held()
    assert held, "the county has nobody with numbers, accounts and sensitive facts: the test shows nothing"
    text = _dump(own_database)
    assert "registry.intake.committed" in text
    assert '"facts":{' in text, "the payloads of the log are not unfolded"
    leaks = {
        (place, word)
        for place, secret in _secrets()
        for word in _words(place, secret)
        if len(word) >= SHORTEST and word in text
    }
    assert not leaks, sorted(leaks)[:20]
    for digits in re.findall(r"(?<![0-9A-Fa-f-])[1-9]\d{16}[\dX](?![0-9A-Fa-f-])", text):
        assert not _is_number(digits), f"an identity number: {digits[:6]}…"
    call_command("keys", "status")


def _held() -> bool:
    models: tuple[type[Model], ...] = (CategoryEntry, Application)
    sealed = all(any(isinstance(f, SealedTextField) for f in model._meta.local_fields) for model in models)
    return sealed and CategoryEntry.objects.filter(kind="").exists() and Application.objects.exists()


def _is_number(digits: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return "10X98765432"[total % 11] == digits[-1] and digits[6:8] in ("19", "20")
