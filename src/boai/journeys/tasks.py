"""What the clock does: cases follow their notices."""

from __future__ import annotations

from procrastinate.contrib.django import app

from boai.journeys.services import notices_follow
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="journeys.notices_follow", pass_context=False)
def follow_notices(timestamp: int) -> int:
    """Every minute: notices that went up, were extended, taken down or have run out move their cases."""
    with scoped(EVERYWHERE):
        return notices_follow(at=now())
