"""`./boai people_first_admin --branch 621121 --branch-name … --name …`: the first invitation of an installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from boai.kernel.clock import now
from boai.kernel.errors import BoaiError
from boai.kernel.scope import EVERYWHERE, scoped
from boai.people.services import first_admin_invite
from boai.regions.codes import pad


class Command(BaseCommand):
    """Found a branch and print the link with which its administrator makes the account."""

    help = "Found a branch and print an invitation link for its first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--branch", required=True, help="division code, 2 to 12 digits")
        parser.add_argument("--branch-name", required=True)
        parser.add_argument("--name", required=True, help="full name of the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = pad(options["branch"])
            with scoped(EVERYWHERE):
                _, token = first_admin_invite(
                    region_code=code, branch_name=options["branch_name"], name=options["name"], at=now()
                )
        except (BoaiError, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{settings.BOAI_PUBLIC_URL}{reverse('people:accept', args=[token])}")
