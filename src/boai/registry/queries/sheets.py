"""Sheets of an intake by their numbers: how pages and findings name them, alone or among several files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boai.registry.intake.layout import sheet_label
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

    def params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The facts of a finding for its sentence: another row's sheet is named by its file where there are several."""
        said = dict(params)
        if self.several and isinstance(sheet := said.get("sheet"), int):
            said["sheet"] = self._numbered(sheet - 1)
        return said

    def _numbered(self, sheet: int) -> str:
        """二.xlsx · 1: the file, and the number of the sheet within it."""
        if self._files is None:
            self._files = list(self._intake.files.order_by("position"))
        begun = [one for one in self._files if one.first_sheet is not None and one.first_sheet <= sheet]
        one = begun[-1]
        return sheet_label(one.name, str(sheet - (one.first_sheet or 0) + 1))
