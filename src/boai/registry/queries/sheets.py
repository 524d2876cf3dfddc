"""Sheets of an intake by their numbers: how pages and findings name them, alone or among several files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from boai.registry.intake.layout import sheet_label
from boai.registry.intake.rules import sentence_of
from boai.registry.models import Intake, IntakeFile


class Whereabouts:
    """The names of an intake's sheets; one query, or none where there is one file."""

    def __init__(self, intake: Intake) -> None:
        self._tables = {one["sheet"]: one for one in intake.layout}
        self.several = any(one.get("file") for one in intake.layout)
        self._files: list[IntakeFile] | None = None
        self._intake = intake

    def label(self, sheet: int) -> str:
        """A sheet with a table, as pages name it."""
        table = self._tables.get(sheet)
        return sheet_label(table.get("file", ""), table["name"]) if table else ""

    def headings(self, sheet: int) -> list[str]:
        """The headings of a sheet's table."""
        return list(self._tables[sheet]["headings"]) if sheet in self._tables else []

    def sentence(self, rule: str, params: Mapping[str, Any]) -> str:
        """A finding's sentence. Where it speaks of a sheet, and there are several files, it says in which."""
        number = params.get("sheet")
        if not self.several or not isinstance(number, int):
            return sentence_of(rule, params)
        file = self._file_of(number - 1)
        inside = number - (file.first_sheet or 0)
        named = _("(in the file “%(file)s”)") % {"file": file.name}
        return sentence_of(rule, {**params, "sheet": inside}) + named

    def _file_of(self, sheet: int) -> IntakeFile:
        if self._files is None:
            self._files = list(self._intake.files.order_by("position"))
        return [one for one in self._files if one.first_sheet is not None and one.first_sheet <= sheet][-1]
