"""The daily sweep of the file store."""

from __future__ import annotations

from procrastinate.contrib.django import app

from boai.files.services import orphans_sweep
from boai.kernel.clock import now


@app.periodic(cron="41 19 * * *")  # UTC: 03:41 in China
@app.task(name="files.sweep", queueing_lock="files.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Delete objects without a row."""
    orphans_sweep(at=now())
