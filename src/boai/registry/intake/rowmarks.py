"""The mark beside every row of a findings workbook: which row of which import it is, and what was written there.

    IMPORT.SHEET.ROW.CELLS.SEAL

IMPORT is the beginning of the import's id, CELLS three bytes of a keyed hash for each column of the table, SEAL a keyed
hash over all before it and the whole id. When the workbook comes back, a row whose seal holds is that row, and a cell
whose hash no longer fits was changed. How Excel, WPS or LibreOffice wrote a value anew makes no difference.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from boai.kernel.sheets import storable
from boai.registry.intake.stream import Row, Value

HEADING = "行标记"
_CELL = 3
_SEAL = 12
_SHAPE = re.compile(r"([0-9a-f]{8})\.(\d{1,5})\.(\d{1,7})\.([\w-]*)\.([\w-]{16})", re.ASCII)
_EXCEL_ESCAPE = re.compile(r"_x000D_", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """A mark whose seal holds."""

    sheet: int
    row: int
    cells: bytes


class Stranger(Exception):
    """A mark of another import."""


class Tampered(Exception):
    """No mark, or one whose seal does not hold."""


class RowMarks:
    """Writes and reads the marks of one import. The first key writes; all of them are tried in reading."""

    def __init__(self, intake_id: UUID, keys: Sequence[bytes]) -> None:
        self._id, self._keys = intake_id, keys

    def write(self, sheet: int, row: int, cells: Row, width: int) -> str:
        """The mark of a row of a table with so many columns."""
        head = f"{self._short}.{sheet}.{row}.{_text(self.digests(cells, width))}"
        return f"{head}.{self._seal(head, self._keys[0])}"

    def read(self, text: object) -> Mark:
        """A mark as it came back. Raises Stranger and Tampered."""
        match = _SHAPE.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise Tampered
        if match[1] != self._short:
            raise Stranger
        head = match[0].rpartition(".")[0]
        if not any(hmac.compare_digest(self._seal(head, key), match[5]) for key in self._keys):
            raise Tampered
        return Mark(int(match[2]), int(match[3]), base64.urlsafe_b64decode(match[4]))

    def digests(self, cells: Row, width: int) -> bytes:
        """The hashes of the cells of a row, one behind the other."""
        padded = [*cells[:width], *([""] * (width - len(cells)))]
        return b"".join(_digest(canonical(cell), self._keys[0]) for cell in padded)

    def changed(self, mark: Mark, cells: Row) -> list[int]:
        """The columns whose cells are no longer what was written."""
        width = len(mark.cells) // _CELL
        padded = [*cells[:width], *([""] * (width - len(cells)))]
        return [place for place, cell in enumerate(padded) if not self.same(mark, place, cell)]

    def same(self, mark: Mark, column: int, cell: Value) -> bool:
        """Is the cell what was written there?"""
        kept, text = mark.cells[column * _CELL : (column + 1) * _CELL], canonical(cell)
        return any(_digest(text, key) == kept for key in self._keys)

    @property
    def _short(self) -> str:
        return self._id.hex[-8:]  # the beginning of an id is its moment

    def _seal(self, head: str, key: bytes) -> str:
        return _text(hmac.new(key, f"{self._id.hex}.{head}".encode(), hashlib.sha256).digest()[:_SEAL])


def canonical(cell: Value | None) -> str:
    """A cell as text that does not depend on which programme saved it: 12.0 and "12" are one, and so are line ends."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    text = _EXCEL_ESCAPE.sub("\n", storable(cell)).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _as_number(text) if text[:1].isdigit() or text[:1] in "+-." else text


def _as_number(text: str) -> str:
    """What we write as text because Excel could not hold it, and numbers typed as text."""
    if len(text) > 24 or not re.fullmatch(r"[+-]?\d*\.?\d+([eE][+-]?\d+)?", text):
        return text
    if re.fullmatch(r"0|[1-9]\d{0,14}", text) or ("e" not in text.lower() and "." not in text):
        return text
    return f"{float(text):.15g}"


@lru_cache(maxsize=16_384)
def _digest(text: str, key: bytes) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_CELL, key=key).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
