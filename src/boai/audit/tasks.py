"""The nightly check of the log."""

from __future__ import annotations

from procrastinate.contrib.django import app

from boai.audit.inspection import log_inspect
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped


@app.periodic(cron="17 19 * * *")  # UTC: 03:17 in China
@app.task(name="audit.inspect", queueing_lock="audit.inspect", pass_context=False)
def inspect(timestamp: int) -> None:
    """Check the whole log and publish the result."""
    with scoped(EVERYWHERE):
        log_inspect(at=now())
