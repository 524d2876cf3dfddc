"""The clock's part in the open door."""

from __future__ import annotations

from procrastinate.contrib.django import app

from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped
from boai.portal.services.applications import drafts_sweep


@app.periodic(cron="*/20 * * * *")
@app.task(name="portal.sweep", queueing_lock="portal.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Delete applications that nobody sent within their day."""
    with scoped(EVERYWHERE):
        drafts_sweep(at=now())
