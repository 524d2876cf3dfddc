"""`./boai intake FILE… --branch CODE --findings findings.json [--commit]`: register files without the browser."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boai.kernel.clock import now
from boai.kernel.errors import BoaiError
from boai.kernel.scope import Scope, scoped
from boai.people.actor import Actor
from boai.regions import codes
from boai.regions.models import Division
from boai.registry import queries
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.intake.rules import file_sentence
from boai.registry.models import Intake
from boai.registry.services import Sent, files_upload, intake_again, intake_check, intake_commit, intake_commit_run


class Command(BaseCommand):
    """Does the same as the page, with the same services, and writes what the page shows."""

    help = "导入名册 / Read and check a register file, write its findings, and enter it on request."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="XLSX, XLS, ODS or CSV; several become one import")
        parser.add_argument("--branch", required=True, help="division of the branch, 2 to 12 digits (0 = the country)")
        parser.add_argument("--findings", type=Path, help="write the findings here, as JSON")
        parser.add_argument("--places", type=Path, help="write the village code of every row here, as JSON")
        parser.add_argument("--duplicates", type=Path, help="write the pairs of rows that are one person here, as JSON")
        parser.add_argument("--patch", action="store_true", help="corrections for people already in the register")
        parser.add_argument("--commit", action="store_true", help="enter the households without faults")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [Path(one) for one in options["file"]]
        code = _division(options["branch"])
        with scoped(Scope(*codes.span(code), user="system")):
            try:
                self._run(paths, code, options)
            except BoaiError as error:
                raise CommandError(error.message) from error

    def _run(self, paths: list[Path], code: str, options: dict[str, Any]) -> None:
        intake = _checked(paths, code, IntakeKind.PATCH if options["patch"] else IntakeKind.REGISTER)
        if intake.state == IntakeState.FAILED:
            raise CommandError(file_sentence(intake.error, intake.error_file))
        if options["findings"]:
            _write(options["findings"], queries.findings_plain(intake=intake))
        if options["places"]:
            _write(options["places"], queries.places_plain(intake=intake))
        if options["duplicates"]:
            options["duplicates"].write_text(json.dumps(queries.pairs_plain(intake=intake)), encoding="utf-8")
        if options["commit"]:
            intake = self._commit(intake)
        self.stdout.write(json.dumps({"state": intake.state, **intake.counts}, ensure_ascii=False))

    def _commit(self, intake: Intake) -> Intake:
        actor = Actor.system()
        if intake.state == IntakeState.CHECKED:
            intake_commit(intake_id=intake.id, actor=actor, at=now(), queue=False)
        return intake_commit_run(intake_id=intake.id, actor=actor, at=now())


def _division(text: str) -> str:
    code = codes.COUNTRY if set(text) == {"0"} else ""
    try:
        code = code or codes.pad(text)
    except ValueError:
        raise CommandError(f"不是区划代码：{text} / not a division code: {text}") from None
    if code != codes.COUNTRY and not Division.objects.filter(code=code).exists():
        raise CommandError(f"没有这个区划：{code} / there is no such division: {code}")
    return code


def _checked(paths: list[Path], code: str, kind: IntakeKind) -> Intake:
    """The intake of these files, read and checked; what was checked before is checked against today's register."""
    actor, at = Actor.system(), now()
    with ExitStack() as opened:
        try:
            sent = [Sent(opened.enter_context(path.open("rb")), path.name) for path in paths]
        except OSError as error:
            named = f"{error.filename}：{error.strerror}"
            raise CommandError(f"打不开 {named} / cannot open {named}") from error
        intake, new = files_upload(sent=sent, region_code=code, actor=actor, at=at, queue=False, kind=kind)
    if not new and intake.state == IntakeState.CHECKED:
        intake = intake_again(intake_id=intake.id, actor=actor, at=at, queue=False)
    return intake_check(intake_id=intake.id, actor=actor, at=at)


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    """A JSON array, one element a line, without holding them all."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, row in enumerate(rows):
            file.write(("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False))
        file.write("\n]\n")
