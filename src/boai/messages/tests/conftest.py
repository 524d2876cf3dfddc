"""The fake gateway, set up as the gateway of this installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from boai.messages.tests.gateway import SECRET, FakeGateway


@pytest.fixture
def gateway(settings: Any, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fake = FakeGateway()
    fake.now = at.timestamp()
    settings.BOAI_GATEWAY_URL, settings.BOAI_GATEWAY_SECRET = fake.url, SECRET
    yield fake
    fake.close()
