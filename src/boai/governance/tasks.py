"""What the clock does for notices."""

from __future__ import annotations

from procrastinate.contrib.django import app

from boai.governance.services import notice_withdraw_due
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped


@app.periodic(cron="3 * * * *")  # every hour; days end at 16:00 UTC
@app.task(name="governance.withdraw", queueing_lock="governance.withdraw", pass_context=False)
def withdraw(timestamp: int) -> None:
    """Take down notices whose days of display are over."""
    with scoped(EVERYWHERE):
        at = now()
        while notice_withdraw_due(at=at):
            pass
