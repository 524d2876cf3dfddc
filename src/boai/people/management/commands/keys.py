"""`./boai keys status` and `./boai keys rotate`: which key seals what, and sealing everything under the present one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from boai.audit.services import record
from boai.kernel.clock import now
from boai.kernel.crypto import header, key_id, ring
from boai.kernel.errors import BoaiError
from boai.kernel.rekeying import is_settled, rotation_begin, rotation_finish, rotation_run, stale_counts
from boai.kernel.scope import EVERYWHERE, scoped
from boai.people.actor import Actor

PENDING = 3


class Command(BaseCommand):
    """Runs beside the living installation and can be stopped at any point; run again, it goes on where it was."""

    help = "Tell which master key seals what (status), or seal everything under the present one (rotate)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["status", "rotate"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 3 of `status`: something is still under an older key or cipher."""
        with scoped(EVERYWHERE):
            if options["what"] == "rotate":
                self._rotate()
            self._status()

    def _status(self) -> None:
        names = "、".join(key_id(master).hex() for master in ring())
        self.stdout.write(f"密钥环 / ring: {names}（{settings.BOAI_CIPHER}）")
        left = {table: count for table, count in stale_counts().items() if count}
        for table, count in left.items():
            self.stdout.write(f"  {table}: 还有 {count} 行未换 / rows to go")
        if left or not is_settled():
            self.stdout.write("还没换完，请运行 ./boai keys rotate / Not finished: run ./boai keys rotate")
            raise SystemExit(PENDING)
        more = "，旧密钥可以移除 / the old keys may go: ./boai keys drop" if len(ring()) > 1 else ""
        self.stdout.write(f"全部由现用密钥加密 / everything is under the present key{more}")

    def _rotate(self) -> None:
        rotation = rotation_begin(at=now())
        with transaction.atomic():
            record("kernel.keys.rotation_begun", rotation, actor=Actor.system(), at=now(), key=header()[2:].hex())
        try:
            rotation_run(rotation=rotation, told=self._told)
        except BoaiError as error:
            raise CommandError(str(error)) from None
        rows = sum(place["done"] for place in rotation.places.values())
        with transaction.atomic():
            at = now()
            rotation_finish(rotation=rotation, at=at)
            record("kernel.keys.rotated", rotation, actor=Actor.system(), at=at, rows=rows, key=header()[2:].hex())

    def _told(self, place: str, rows: int) -> None:
        self.stdout.write(f"  {place}: {rows}", ending="\n")
        self.stdout.flush()
