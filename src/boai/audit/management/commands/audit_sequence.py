"""`audit_sequence`: the process that carries entries into the log and signs its heads."""

from __future__ import annotations

import logging
import signal
import time
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, connections

from boai.audit.sequencer import BATCH, DATABASE, LogDamaged, batch_append, checkpoint_issue
from boai.audit.services import CHANNEL
from boai.kernel.clock import now

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds; a notification ends the wait early
AFTER_DAMAGE = 30.0
LONGEST_PAUSE = 10.0


class Command(BaseCommand):
    """Runs until SIGTERM; with --once empties the queue, signs a head and ends."""

    help = "Carry waiting entries into the tamper-evident log and sign its heads."
    requires_system_checks: tuple[str, ...] = ()  # nothing of an app above may keep the log from running

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="empty the queue, sign a head, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        if options["once"]:
            count = self._drain()[0]
            head = checkpoint_issue(at=now(), at_once=True)
            self.stdout.write(f"{count} entries; {head.short if head else 'no new head'}")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._run()

    def _stop(self, *_args: Any) -> None:
        self.stopping = True

    def _run(self) -> None:
        """Work until asked to stop; outlive a database that goes away and comes back."""
        pause = LOOK_EVERY
        while not self.stopping:
            try:
                _count, at_once = self._drain()
                checkpoint_issue(at=now(), at_once=at_once)
                self._wait()
                pause = LOOK_EVERY
            except LogDamaged as damage:
                logger.critical("the log has stopped: %s", damage)
                self._sleep(AFTER_DAMAGE)
            except (DatabaseError, InterfaceError, psycopg.Error) as error:  # COPY and LISTEN raise the driver's own
                logger.warning("database: %s", str(error).strip())
                connections[DATABASE].close()
                self._sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        connections.close_all()

    def _drain(self) -> tuple[int, bool]:
        """Batches until the queue is empty: how many entries, and whether one of them wants a head at once."""
        total, at_once = 0, False
        while not self.stopping:
            batch = batch_append()
            total, at_once = total + batch.count, at_once or batch.at_once
            if batch.count < BATCH:
                break
            checkpoint_issue(at=now(), at_once=at_once)
        return total, at_once

    def _wait(self) -> None:
        """Until something asks for haste, half a second at most."""
        with connections[DATABASE].cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        wire: Any = connections[DATABASE].connection
        for _notification in wire.notifies(timeout=LOOK_EVERY, stop_after=1):
            return

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < end:
            time.sleep(0.1)
